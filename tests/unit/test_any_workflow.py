"""Any export is refused with reasons, or its class posts its graph, and its stored workflow reads like the file."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import event, given, settings

from flowbind.invokeai.runs.body import body_of
from flowbind.invokeai.runs.preview import preview
from flowbind_generator.diagnostics import Report
from flowbind_generator.inspection import as_json, as_text
from flowbind_generator.invokeai import engine
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.resolve import resolve

from .exports import FILE, as_bytes
from .strangers import CATALOG, old_strangers, strangers


def module_of(document: Any) -> tuple[Module | None, Report]:
    """Return the module of an export, or None and the reasons."""
    report = Report(FILE)
    draft = engine.draft(as_bytes(document), CATALOG, report)
    assert (draft is None) == report.refused
    if draft is None:
        return None, report
    return resolve(draft, source=FILE, name="a", class_name="A", pinned={}), report


def places(module: Module) -> list[tuple[int | None, str, str, str, bool]]:
    return [(i.index, i.attribute, i.node_id, i.field_name, i.required) for i in module.inputs]


def at(document: Any, pointer: str) -> Any:
    """Return the value that a pointer leads to; the last key may be missing."""
    keys = [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
    for key in keys[:-1]:
        document = document[int(key)] if isinstance(document, list) else document.get(key, {})
    return document


@settings(max_examples=150)
@given(strangers() | old_strangers())
def test_a_class_posts_its_graph(document: dict[str, Any]) -> None:
    module, report = module_of(document)
    for found in report:
        assert found.message.endswith(".")
        assert found.cure.endswith(".")
        at(document, found.pointer or "")
    assert json.loads(as_json(FILE, module, list(report)))["diagnostics"] == [d.as_json() for d in report]
    event("refused" if module is None else "generated")
    if module is None:
        return
    assert as_text(module)
    made = class_of(module)
    required = any(field.is_required() for field in made.model_fields.values())
    # Where something is required no run is without it, but the class has a body all the same.
    body = json.loads(body_of(made).pieces.join({}) if required else preview(made())[0])["batch"]
    assert body["graph"] == module.graph
    assert body["workflow"] == module.workflow
    indices = [i.index for i in module.inputs if i.index is not None]
    assert indices == sorted(set(indices))
    assert len({i.attribute for i in module.inputs}) == len(module.inputs)


@settings(max_examples=150)
@given(strangers() | old_strangers())
def test_a_stored_workflow_reads_as_the_one_it_was_made_from(document: dict[str, Any]) -> None:
    module, _ = module_of(document)
    if module is None:
        return
    again, report = module_of(module.workflow)
    assert again, list(map(str, report))
    assert again.graph == module.graph
    assert places(again) == places(module)
    assert again.outputs == module.outputs
    assert again.workflow == module.workflow
