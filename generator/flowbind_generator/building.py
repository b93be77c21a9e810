"""One export's module: its names, those that it had before, and what has become of them."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from flowbind.digest import text_sha256
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.declaration import Declaration, declaration_digest, declaration_of
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.draft import Draft
from flowbind_generator.drift.input_pairs import pinned_names
from flowbind_generator.engines import Catalog, Engine, engine_of
from flowbind_generator.ir import Module
from flowbind_generator.manifest import Manifest
from flowbind_generator.names import DEVICES, identifier, pascal_case, unreserved
from flowbind_generator.project import Project
from flowbind_generator.reading import read_file
from flowbind_generator.resolve import resolve

# Names of files have 255 bytes, and some 30 are added on the way.
_LONGEST = 200
# Module names that the output folder needs itself, those that no file of Windows has, and the functions that the
# package's `__init__.py` calls: an imported module takes the place of a function of its name there.
_TAKEN = frozenset({FIELD_TYPES, "manifest", *DEVICES, "getattr", "globals", "object", "sorted"})
# What generated code needs itself.
_NOT_CLASSES = frozenset({*dir(builtins), "Annotated", "Field", "JsonValue", "Literal"})


@dataclass(frozen=True)
class Export:
    """The bytes of an export, and whose it is."""

    source: str
    data: bytes
    engine: Engine


@dataclass(frozen=True)
class Basis:
    """What modules are built from besides their exports; `catalogs` by the names of the engines."""

    project: Project
    catalogs: Mapping[str, Catalog]
    manifest: Manifest


def read_export(path: Path, source: str, report: Report) -> Export | None:
    """Return the export in a file, None when the report refuses it."""
    try:
        data = read_file(path)
    except OSError as error:
        cure = "Check that it is the workflow's own file, and its permissions."
        report.error("FB101", f"The file cannot be read ({error.strerror}).", cure)
        return None
    return Export(source, data, engine_of(data))


def build_module(path: Path, source: str, basis: Basis, report: Report) -> Module | None:
    """Return the module of one export with the names it has in the manifest, None when the report refuses it."""
    export = read_export(path, source, report)
    return build_copy(export, basis, report) if export else None


def build_copy(export: Export, basis: Basis, report: Report) -> Module | None:
    """Return the module that an export would get in the place of its source, None when the report refuses it."""
    entry = basis.manifest.workflows.get(export.source)
    name = str(entry["module"]) if entry else module_name(Path(export.source).stem)
    return module_called(name, export, basis, report)


def module_called(name: str, export: Export, basis: Basis, report: Report) -> Module | None:
    """Return the module of one export under a name, None when the report refuses it."""
    source, engine = export.source, export.engine
    _refuse_unfit(source, name, report)
    if report.refused:
        return None
    declaration = declaration_of(basis.project, source, report)
    draft = engine.draft(export.data, basis.catalogs[engine.NAME], report, declaration)
    if draft is None or report.refused:
        return None
    resolved = _resolving(draft, name, export, declaration_digest(basis.project, source))
    manifest = basis.manifest
    module = resolved(pinned=manifest.pinned(source))
    before = manifest.workflows.get(source, {}).get("inputs", ())
    if {(i["node_id"], i["field_name"]) for i in before} - {(i.node_id, i.field_name) for i in module.inputs}:
        # What a node that was replaced is called without a pin tells its old name among its namesakes.
        module = resolved(pinned=pinned_names(before, [i.as_json() for i in module.inputs]))
    _report_relabels(module, manifest, report)
    return module


def with_further(
    module: Module,
    export: Export,
    catalog: Catalog,
    declaration: Declaration | None,
    further: Collection[str],
    names: Mapping[str, str],
) -> Module:
    """Return the module of an export with more of its literals as inputs, by their addresses; all else stays.

    `names` are the attributes of literals by "node id/field name" of their first places. Raises `Refused`.
    """
    report = Report(export.source)
    draft = export.engine.draft(export.data, catalog, report, declaration, further)
    if draft is None or report.refused:
        raise Refused(report)
    own = {f"{i.node_id}/{i.field_name}": i.attribute for i in module.inputs}
    return _resolving(draft, module.name, export, module.declaration)(pinned={**names, **own})


def _resolving(draft: Draft, name: str, export: Export, declaration: str | None) -> partial[Module]:
    """Return what finishes a draft as a module of a name, when it is told the pinned attributes."""
    return partial(
        resolve,
        draft,
        source=export.source,
        name=name,
        class_name=class_name_of(name, [*reserved_names(export.engine), *draft.field_types]),
        file_digest=text_sha256(export.data),
        declaration=declaration,
    )


def reserved_names(engine: Engine) -> Iterable[str]:
    """Return the names that generated modules of an engine import, and users beside them."""
    reserved: Iterable[str] = import_module(engine.RUNTIME).RESERVED
    return reserved


def class_name_of(name: str, reserved: Iterable[str]) -> str:
    """Return the class of a module; a name that Python has or generated code imports gets another ending."""
    class_name = pascal_case(name)
    names = {class_name, f"{class_name}Outputs"}
    return (
        f"{class_name}Workflow" if not (names.isdisjoint(_NOT_CLASSES) and names.isdisjoint(reserved)) else class_name
    )


def _report_relabels(module: Module, manifest: Manifest, report: Report) -> None:
    """Tell which inputs have another label than before: their attributes keep their names."""
    labels = manifest.labels(module.source)
    for item in module.inputs:
        before = labels.get(f"{item.node_id}/{item.field_name}", item.label)
        if before != item.label:
            report.info(
                "FB208",
                f'"{before}" is now labelled "{item.label}"; the attribute is still `{item.attribute}`.',
                "Run `flowbind generate --rename` to name it after the new label.",
                pointer=item.json_pointer,
            )


def _refuse_unfit(source: str, name: str, report: Report) -> None:
    """Report what of an export's name, or that of its module, cannot be written wherever there are files."""
    if any("\ud800" <= c <= "\udfff" for c in source):
        report.error("FB510", "The name of the file is no UTF-8 text.", "Call the file otherwise.")
    elif len(name.encode()) > _LONGEST:
        report.error("FB510", f"The name of the file has more than {_LONGEST} bytes.", "Call the file otherwise.")


def module_name(stem: str) -> str:
    """Return the name of the module that an export's file gets."""
    return unreserved(identifier(stem, "workflow") or "workflow", _TAKEN)
