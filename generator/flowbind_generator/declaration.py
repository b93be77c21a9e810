"""What a project declares public of a workflow: in `[tool.flowbind.declarations]`, or in a file beside the export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.digest import json_sha256, text_sha256
from flowbind_generator.diagnostics import Report
from flowbind_generator.names import snake_case, unreserved
from flowbind_generator.reading import read_file
from flowbind_generator.toml import parse

if TYPE_CHECKING:
    from flowbind_generator.project import Project

TABLE = "declarations"
_ENDING = ".flowbind.toml"
_MOST_BYTES = 1 << 20
_POSITIONS, _NAMES = "positions", "names"
_CURE = 'Write inputs as attribute = "node id.input", or a list of those; outputs as attribute = "node id".'


@dataclass(frozen=True)
class Declaration:
    """The inputs and outputs that a project declares, in this order, by attribute.

    An input is given as the slots that take its value, each as "node id.input"; an output by its node's id. `place` is
    where it is declared, for messages. `inputs` is empty where only outputs are declared, `outputs` is None where only
    inputs are. With `by_name`, saved values that are one thing by position and another by name are taken by name.
    """

    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, str] | None
    place: str
    by_name: bool = False


def read_declarations(table: Any, report: Report) -> dict[str, Declaration]:
    """Return the declarations in the settings by the file that they are for; the report says what is wrong."""
    if not isinstance(table, dict):
        report.error("FB504", f"[tool.flowbind] {TABLE} is no table.", f'Write a table [tool.flowbind.{TABLE}."FILE"].')
        return {}
    return {
        name: _declaration(
            told,
            f'[tool.flowbind.{TABLE}."{name}"]',
            lambda message: report.error("FB504", message, _CURE),
        )
        for name, told in table.items()
    }


def declaration_of(project: Project, source: str, report: Report) -> Declaration | None:
    """Return what is declared of an export, None where nothing is; the report says what is wrong."""
    found = declared_in_settings(project, source)
    path = side_file(project, source)
    try:
        data = _beside(path)
        tables = None if data is None else parse(data)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        report.error("FB214", f"{project.source(path)} cannot be read: {why}.", "Mend the file.")
        return None
    if tables is not None:
        place = project.source(path)
        found.append(_declaration(tables, place, lambda message: report.error("FB214", message, _CURE)))
    if len(found) > 1:
        places = " and ".join(declaration.place for declaration in found)
        report.error("FB213", f"{places} both declare what is public here.", "Keep one of the two.")
    return found[0] if found else None


def declaration_digest(project: Project, source: str) -> str | None:
    """Return the digest of what is declared of an export, None where nothing is."""
    settings = [
        [
            [[key, list(slots)] for key, slots in found.inputs.items()],
            list((found.outputs or {}).items()),
            found.by_name,
        ]
        for found in declared_in_settings(project, source)
    ]
    try:
        data = _beside(side_file(project, source))
    except OSError:
        data = b""  # whoever generates is told
    return None if data is None and not settings else json_sha256([settings, data is not None and text_sha256(data)])


def side_file(project: Project, source: str) -> Path:
    """Return the file beside an export that may declare what is public of it."""
    path = project.path(source)
    return path.with_name(path.stem + _ENDING)


def declared_in_settings(project: Project, source: str) -> list[Declaration]:
    """Return what the settings declare of an export: they name it as the manifest does, or by its file's name."""
    names = dict.fromkeys((source, source.rpartition("/")[2]))
    return [project.declarations[name] for name in names if name in project.declarations]


def _beside(path: Path) -> bytes | None:
    """Return the bytes of the file beside an export, None where there is none; raises `OSError`."""
    try:
        return read_file(path, _MOST_BYTES)
    except FileNotFoundError:
        return None


def _declaration(told: Any, place: str, wrong: Callable[[str], None]) -> Declaration:
    """Return the declaration in two tables; `wrong` is told each misshapen part, which is left out."""
    if not isinstance(told, dict):
        wrong(f"{place} is no table.")
        told = {}
    for key in told.keys() - {"inputs", "outputs", "values"}:
        wrong(f"{place} has {key!r}, which is neither inputs, outputs nor values.")
    values = told.get("values", _POSITIONS)
    if values not in (_POSITIONS, _NAMES):
        wrong(f'{place}: values is {_short(values)}, neither "{_POSITIONS}" nor "{_NAMES}".')
    inputs = {name: _slots(value) for name, value in _named(told, "inputs", place, wrong)}
    outputs = {name: value if _is_address(value) else "" for name, value in _named(told, "outputs", place, wrong)}
    for what, found in (("input", inputs), ("output", outputs)):
        for name in [name for name, value in found.items() if not value]:
            wrong(f"{place}: the {what} `{name}` is {_short(told[f'{what}s'][name])}, which is no address.")
            del found[name]
    return Declaration(inputs, outputs or None, place, by_name=values == _NAMES)


def _named(told: Mapping[str, Any], key: str, place: str, wrong: Callable[[str], None]) -> list[tuple[str, Any]]:
    """Return the parts of a table whose names can be attributes."""
    table = told.get(key, {})
    if not isinstance(table, dict):
        wrong(f"{place}: {key} is no table.")
        return []
    for name in table:
        if not _is_attribute(name):
            better = snake_case(name)
            hint = f" `{better}` can." if _is_attribute(better) else ""
            wrong(f"{place}: {_short(name)} in {key} cannot be the name of an attribute.{hint}")
    return [(name, value) for name, value in table.items() if _is_attribute(name)]


def _slots(value: Any) -> tuple[str, ...]:
    """Return the addresses that take an input's value, none where one of them is no address."""
    slots = value if isinstance(value, list) else [value]
    fit = all(_is_address(slot) and all(slot.partition(".")[::2]) for slot in slots)
    return tuple(dict.fromkeys(slots)) if fit else ()


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_attribute(name: str) -> bool:
    """Tell whether a name is one that flowbind could give; it gives Python's own a trailing underscore."""
    base = snake_case(name)
    return base.isidentifier() and name in (base, unreserved(base, ()))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
