"""One export's module: its names, those that it had before, and what has become of them."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from flowbind.digest import text_sha256
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.diagnostics import Report
from flowbind_generator.drift.input_pairs import pinned_names
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.manifest import Manifest
from flowbind_generator.names import DEVICES, identifier, pascal_case, unreserved
from flowbind_generator.reading import read_file
from flowbind_generator.resolve import resolve

# Names of files have 255 bytes, and some 30 are added on the way.
_LONGEST = 200
# Module names that the output folder needs itself, and those that no file of Windows has.
_TAKEN = frozenset({FIELD_TYPES, "manifest", *DEVICES})
# What generated code needs itself.
_NOT_CLASSES = frozenset({*dir(builtins), "Annotated", "Field", "JsonValue", "Literal"})


def build_module(path: Path, source: str, catalog: Catalog, manifest: Manifest, report: Report) -> Module | None:
    """Return the module of one export with the names it has in the manifest, None when the report refuses it."""
    return module_called(_module_name(source, manifest), path, source, catalog, manifest, report)


def build_copy(data: bytes, source: str, catalog: Catalog, manifest: Manifest, report: Report) -> Module | None:
    """Return the module that an export would get in the place of `source`, None when the report refuses it."""
    return _module_of(data, source, _module_name(source, manifest), catalog, manifest, report)


def class_name_of(name: str, reserved: Iterable[str]) -> str:
    """Return the class of a module; a name that Python has or generated code imports gets another ending."""
    class_name = pascal_case(name)
    names = {class_name, f"{class_name}Outputs"}
    return (
        f"{class_name}Workflow" if not (names.isdisjoint(_NOT_CLASSES) and names.isdisjoint(reserved)) else class_name
    )


def _module_name(source: str, manifest: Manifest) -> str:
    entry = manifest.workflows.get(source)
    return str(entry["module"]) if entry else module_name(Path(source).stem)


def module_called(
    name: str, path: Path, source: str, catalog: Catalog, manifest: Manifest, report: Report
) -> Module | None:
    """Return the module of one export under a name, None when the report refuses it."""
    _refuse_unfit(source, name, report)
    if report.refused:
        return None
    try:
        data = read_file(path)
    except OSError as error:
        cure = "Check that it is the workflow's own file, and its permissions."
        report.error("FB101", f"The file cannot be read ({error.strerror}).", cure)
        return None
    return _module_of(data, source, name, catalog, manifest, report)


def _module_of(
    data: bytes, source: str, name: str, catalog: Catalog, manifest: Manifest, report: Report
) -> Module | None:
    from flowbind import invokeai

    draft = engine.draft(data, catalog, report)
    if draft is None:
        return None
    resolved = partial(
        resolve,
        draft,
        source=source,
        name=name,
        class_name=class_name_of(name, [*invokeai.RESERVED, *draft.field_types]),
        file_digest=text_sha256(data),
    )
    module = resolved(pinned=manifest.pinned(source))
    before = manifest.workflows.get(source, {}).get("inputs", ())
    if {(i["node_id"], i["field_name"]) for i in before} - {(i.node_id, i.field_name) for i in module.inputs}:
        # What a node that was replaced is called without a pin tells its old name among its namesakes.
        module = resolved(pinned=pinned_names(before, [i.as_json() for i in module.inputs]))
    _report_relabels(module, manifest, report)
    return module


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
