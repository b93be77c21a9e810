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
from flowbind_generator.names import identifier, pascal_case, unreserved
from flowbind_generator.resolve import resolve

# Module names that the output folder needs itself.
_TAKEN = (FIELD_TYPES, "manifest")
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
    try:
        data = path.read_bytes()
    except OSError as error:
        report.error("FB101", f"The file cannot be read ({error.strerror}).", "Check the path and its permissions.")
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


def module_name(stem: str) -> str:
    """Return the name of the module that an export's file gets."""
    return unreserved(identifier(stem, "workflow") or "workflow", _TAKEN)
