"""The user's project: its root, and the settings under `[tool.flowbind]`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind_generator.declaration import TABLE as DECLARATIONS
from flowbind_generator.declaration import Declaration, read_declarations
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import engines, suffixes
from flowbind_generator.names import CLASS_PATH
from flowbind_generator.reading import read_file
from flowbind_generator.severities import TABLE as RULES
from flowbind_generator.severities import Setting, Settings, read_settings
from flowbind_generator.toml import parse

if TYPE_CHECKING:
    from flowbind_generator.engines import Engine

_DEFAULTS = {"workflows": "workflows", "output": "generated"}
_SPEC = "spec"
_FIELD_TYPES = "field_types"
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Project:
    """Where exports are read, modules are written and the servers' documents are found.

    `specs` are files and URLs of such documents, each of another engine; one that has none there has its pinned one.
    `field_types` maps the name of a schema in a document to a class of the user's, "package.module:Class". `rules` say
    how grave findings are, `declarations` what is public of an export, by its name.
    """

    root: Path
    workflows: Path
    output: Path
    specs: tuple[str, ...] = ()
    field_types: Mapping[str, str] = field(default_factory=dict[str, str])
    rules: Settings = field(default_factory=dict[str, Mapping[str, Setting]])
    declarations: Mapping[str, Declaration] = field(default_factory=dict[str, Declaration])

    def pinned(self, engine: Engine) -> Path:
        """Return where `flowbind spec pull` keeps the document of an engine's server."""
        return self.workflows / engine.PINNED

    def source(self, path: Path) -> str:
        """Return how the manifest names an export: relative to the root, with slashes."""
        # A link is a file of its own, wherever it leads.
        path = Path(os.path.realpath(path.parent), path.name)
        # In UTF-8, whatever the locale says of names.
        return os.fsencode(Path(os.path.relpath(path, self.root)).as_posix()).decode("utf-8", "surrogateescape")

    def path(self, source: str) -> Path:
        """Return the file that a manifest's name means."""
        return self.root / source

    def exports(self) -> list[Path]:
        """Return the exports of the project in order of their names.

        Subfolders are included, but for those that are projects of their own: they have a `pyproject.toml`.
        """
        below = list(self.workflows.rglob("*"))
        others = {p.parent for p in below if p.name == "pyproject.toml"} - {self.workflows}
        endings = set(suffixes())
        found = [p for p in below if p.suffix.lower() in endings and _may_be_export(p)]
        documents = set(map(self.pinned, engines()))
        return sorted(p for p in found if p not in documents and others.isdisjoint(p.parents))


def _may_be_export(path: Path) -> bool:
    """Tell whether something is a file, or claims to be one: a link to nowhere, say, which whoever reads it refuses."""
    # Editors leave hidden links to nowhere beside a file that is open.
    return path.is_file() or not (path.is_dir() or path.name.startswith("."))


def find_project(start: Path | None = None) -> Project:
    """Return the project around a folder: the nearest `pyproject.toml`, else the folder itself.

    Raises `Refused` for settings that flowbind does not know.
    """
    start = (start or Path.cwd()).resolve()
    root = next((p for p in (start, *start.parents) if (p / "pyproject.toml").is_file()), start)
    report = Report("pyproject.toml")
    table = _table(root / report.file, report)
    settings = _paths(table, report)
    field_types = _classes(table.get(_FIELD_TYPES, {}), report)
    rules = read_settings(table.get(RULES, {}), report)
    specs = _specs(table.get(_SPEC, []), report)
    declarations = read_declarations(table.get(DECLARATIONS, {}), report)
    output = root / settings["output"]
    meant = Path(os.path.normpath(output))
    if root in meant.parents and not Path(os.path.realpath(meant.parent)).is_relative_to(root):
        report.error("FB504", "[tool.flowbind] output leads elsewhere by a link.", "Give the path that it leads to.")
    if report.refused:
        raise Refused(report)
    return Project(
        root=root,
        workflows=root / settings["workflows"],
        output=output,
        specs=specs,
        field_types=field_types,
        rules=rules,
        declarations=declarations,
    )


def _table(path: Path, report: Report) -> dict[str, Any]:
    """Return the table of flowbind's settings; raises `Refused` where it cannot be read."""
    if not path.is_file():
        return {}
    try:
        document = parse(read_file(path, _MOST_BYTES))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        report.error("FB504", f"pyproject.toml cannot be read: {why}.", "Mend the file.")
        raise Refused(report) from None
    table: Any = document
    for name in ("tool", "flowbind"):
        table = table.get(name, {})
        if not isinstance(table, dict):
            report.error("FB504", f"{name} in pyproject.toml is no table.", "Write the settings under [tool.flowbind].")
            raise Refused(report)
    found: dict[str, Any] = table
    return found


def _paths(table: Mapping[str, Any], report: Report) -> dict[str, str]:
    for key, value in table.items():
        if key in (_SPEC, _FIELD_TYPES, RULES, DECLARATIONS):
            continue
        if key not in _DEFAULTS:
            known = ", ".join([*_DEFAULTS, _SPEC, _FIELD_TYPES, RULES, DECLARATIONS])
            report.error("FB504", f"[tool.flowbind] has no setting {key!r}.", f"The settings are {known}.")
        elif not _is_path(value):
            report.error("FB504", f"[tool.flowbind] {key} is no text.", "Give a path.")
    return {key: str(table.get(key, default)) for key, default in _DEFAULTS.items()}


def _specs(value: Any, report: Report) -> tuple[str, ...]:
    """Return the servers' documents that the settings name."""
    places = value if isinstance(value, list) else [value]
    if not all(map(_is_path, places)):
        cure = "Give the path or URL of a server's document, or a list of them."
        report.error("FB504", f"[tool.flowbind] {_SPEC} is no text.", cure)
        return ()
    return tuple(places)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _classes(table: Any, report: Report) -> dict[str, str]:
    """Return the user's class of each schema."""
    cure = 'Write it as SchemaName = "package.module:Class".'
    if not isinstance(table, dict):
        report.error("FB504", f"[tool.flowbind] {_FIELD_TYPES} is no table.", cure)
        return {}
    found: dict[str, str] = {}
    for schema, value in table.items():
        named = CLASS_PATH.fullmatch(value) if isinstance(value, str) else None
        if named is None or any(map(iskeyword, re.split("[.:]", value))):
            report.error("FB504", f"[tool.flowbind.{_FIELD_TYPES}] {schema} names no class: {value!r}.", cure)
        else:
            found[schema] = f"{named[1]}:{named[2]}"
    return found
