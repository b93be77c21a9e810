"""A changed copy of a workflow as a new export: taken from the request of a run, and read back before it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flowbind.binding import Slot
from flowbind.drawing import settled
from flowbind.errors import InputError, InvalidPath
from flowbind.files import whole_file
from flowbind.outside import one_line
from flowbind.place import place_of
from flowbind.rechecking import check_again
from flowbind.workflow import Workflow, given_inputs, shortened
from flowbind_generator.building import Basis, Export, build_copy
from flowbind_generator.declaration import Declaration, declaration_of, declared_in_settings, side_file
from flowbind_generator.declaring import as_side_file
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Catalog, engine_of_class, engines
from flowbind_generator.live_module import class_of
from flowbind_generator.manifest import read_manifest
from flowbind_generator.project import Project
from flowbind_generator.reading import read_file

SUFFIX = ".json"
_MOST_TOLD = 5


@dataclass(frozen=True)
class Difference:
    """A value that a run of the instance posts, and what one of the copy would post; None where there is none.

    `name` is "" where all of the node differs. `why` says what the editor does to the value, where that is known.
    """

    node_id: str
    name: str
    mine: Any
    theirs: Any
    why: str = ""


def save_copy(workflow: Workflow[Any], path: Path, project: Project, catalogs: Mapping[str, Catalog]) -> None:
    """Write an instance as an export of the project; what is declared of its own export goes along.

    Raises `InvalidPath` for a path that no copy is written to, `InputError` for values that no file holds, and
    `Refused` where flowbind could not read the copy back.
    """
    check_again(workflow)
    _check_target(path, project)
    kind, source = type(workflow), project.source(path)
    engine = engine_of_class(kind)
    beside = _to_declare(project, kind.__flowbind__.source, source) if engine.DECLARED else None
    if beside:
        project = replace(project, declarations={**project.declarations, source: beside[0]})
    report = Report(source)
    declaration = declaration_of(project, source, report)
    if report.refused:
        raise Refused(report)
    drawn, _ = settled(workflow)
    document = engine.copy(drawn, catalogs[engine.NAME], declaration, _there(path))
    data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
    read = _read_back(Export(source, data, engine), Basis(project, catalogs, read_manifest(project.output)), report)
    if differences := engine.differences(drawn, read, catalogs[engine.NAME]):
        raise InputError(list(_told(drawn, differences)))
    if beside:
        _write(side_file(project, source), beside[1])
    _write(path, data)


def _check_target(path: Path, project: Project) -> None:
    """Raise `InvalidPath` for a path that no copy is written to."""
    told = one_line(str(path), 200)
    if "\0" in str(path) or path.suffix.lower() != SUFFIX:
        raise InvalidPath(f"{told} does not end in {SUFFIX}: copies are written as JSON, which the editor opens.")
    if path.is_dir():
        raise InvalidPath(f"{told} is a folder: give the path of a file.")
    if project.source(path) in {project.source(project.pinned(known)) for known in engines()}:
        raise InvalidPath(f"{told} is where the server's own document is pinned: give another name.")


def _to_declare(project: Project, own: str, target: str) -> tuple[Declaration, bytes] | None:
    """Return what is declared of an export and the copy's file has nothing of, and the bytes of the file that says it.

    Raises `Refused` for a declaration that cannot be read.
    """
    if own == target or declared_in_settings(project, target) or side_file(project, target).exists():
        return None
    report = Report(own)
    found = declaration_of(project, own, report)
    if report.refused:
        raise Refused(report)
    if found is None:
        return None
    path = side_file(project, own)
    return found, path.read_bytes() if path.exists() else as_side_file(found).encode()


def _there(path: Path) -> bytes | None:
    """Return the bytes of the file that is replaced, None where there is none."""
    try:
        return read_file(path)
    except OSError:
        return None


def _read_back(export: Export, basis: Basis, report: Report) -> type[Workflow[Any]]:
    module = build_copy(export, basis, report)
    if module is None:
        raise Refused(report)
    return class_of(module)


def _told(workflow: Workflow[Any], differences: Sequence[Difference]) -> Iterator[str]:
    """Yield a sentence for each input of which no file holds the value, and one for all else that differs."""
    kind = type(workflow)
    slots = {place: slot for slot in kind.__flowbind__.slots for place in ((slot.node, slot.field), *slot.also)}
    named: dict[Slot, Difference] = {}
    given = given_inputs(workflow)
    for found in differences:
        slot = slots.get((found.node_id, found.name))
        if slot is not None and slot.attribute in given:
            named.setdefault(slot, found)
    for slot, found in named.items():
        yield (
            f"{place_of(kind, slot, '')} is {_shown(found.mine)}, which the workflow's file cannot hold: "
            f"{found.why or f'the editor would post {_shown(found.theirs)}'}."
        )
    others = [found for found in differences if slots.get((found.node_id, found.name)) not in named]
    if others:
        listed = "; ".join(
            f"{one_line(found.node_id, 80)}.{one_line(found.name, 80)} is {_shown(found.mine)}, in the copy "
            f"{_shown(found.theirs)}"
            for found in others[:_MOST_TOLD]
        )
        more = f"; and {len(others) - _MOST_TOLD} more" if len(others) > _MOST_TOLD else ""
        cure = (
            "What was set changes more than its own value: set it in the editor."
            if given
            else "Run `flowbind generate`, or load the export again: it or the server's document has changed since."
        )
        yield f"{kind.__name__}: read back, the copy would post something else: {listed}{more}. {cure}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else shortened(value)


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as part:
        part.write_bytes(data)
