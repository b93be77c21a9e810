"""What decides the bytes of generated files besides exports and documents: the tools' releases and the settings."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flowbind_generator import __version__
from flowbind_generator.project import Project
from flowbind_generator.templates import templates_digest


def tools(with_objects: bool) -> dict[str, str]:
    """Return the releases that decide the bytes of generated files; `with_objects` where inputs take objects."""
    found = {"flowbind": __version__, "templates": templates_digest(), "ruff": version("ruff")}
    return found | ({"datamodel-code-generator": version("datamodel-code-generator")} if with_objects else {})


def options(project: Project) -> dict[str, Any]:
    """Return the settings that decide the bytes of generated files."""
    return {"field_types": dict(project.field_types)} if project.field_types else {}
