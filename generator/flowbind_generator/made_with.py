"""What decides the bytes of generated files besides exports and documents: the tools' releases and the settings."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

from flowbind_generator import __version__
from flowbind_generator.project import Project
from flowbind_generator.templates import templates_digest


def tools(with_objects: bool) -> dict[str, str]:
    """Return the releases that decide the bytes of generated files; `with_objects` where inputs take objects."""
    found = {"flowbind": __version__, "templates": templates_digest(), "ruff": _release("ruff")}
    return found | ({"datamodel-code-generator": _release("datamodel-code-generator")} if with_objects else {})


def options(project: Project) -> dict[str, Any]:
    """Return the settings that decide the bytes of generated files."""
    return {"field_types": dict(project.field_types)} if project.field_types else {}


@cache
def _release(distribution: str) -> str:
    """Return the release of a distribution: as its folder is called, for importlib.metadata is slow to load."""
    start, end = distribution.replace("-", "_") + "-", ".dist-info"
    for folder in filter(os.path.isdir, sys.path):
        named = [name for name in os.listdir(folder) if name.lower().startswith(start) and name.endswith(end)]
        if len(named) == 1:
            return named[0].removesuffix(end)[len(start) :]
        if named:
            break
    from importlib.metadata import version

    return version(distribution)
