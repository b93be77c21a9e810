"""No saved value goes without a word, be it of an input or of a node that the form does not show."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.invokeai.runs.preview import preview
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import codes, connector, edge, form, given, input_of, node, only, picture, resolved, workflow

UNKNOWN = {"key": "k", "hash": "h", "name": "Tomorrow", "base": "sd-99", "type": "main"}
OLD = {"model_name": "stable-diffusion", "base_model": "sd-1", "model_type": "main"}


@pytest.mark.parametrize("saved", [{}, {"r": 300, "g": 0, "b": 0, "a": 0}, ["a", 1], UNKNOWN])
def test_a_lost_value_outside_the_form_is_told(saved: Any, catalog: Catalog) -> None:
    _, report = resolved(workflow(picture(color=saved)), catalog)
    found = only(report, "FB207")
    assert found.pointer == "/nodes/0/data/inputs/color/value"
    assert '"color"' in found.message


def test_a_lost_value_is_told_where_the_editor_fills_in_its_own(catalog: Catalog) -> None:
    lists = {"color": [1, "a"], "width": [1, "a"]}
    document = workflow(node("p", "blank_image", lists, version="1.0.0"), form=form("p.width"))
    module, report = resolved(document, catalog)
    assert {d.pointer for d in report} == {f"/nodes/0/data/inputs/{name}/value" for name in ("color", "width")}
    assert codes(report) == ["FB207", "FB207"]
    assert input_of(module, "width").default == 512


def test_what_the_editor_takes_for_a_generator_gets_no_default(catalog: Catalog) -> None:
    document = workflow(node("p", "blank_image", {"color": {}, "width": {"type": "x"}}, version="1.0.0"))
    module, report = resolved(document, catalog)
    assert codes(report) == ["FB207", "FB207"]
    assert "color" not in module.graph["nodes"]["p"]
    assert module.graph["nodes"]["p"]["width"] == 512


def test_a_lost_list_of_an_old_file_is_told(catalog: Catalog) -> None:
    document = workflow(picture(), node("c", "integer_collection", {"collection": [1, 2]}), version="2.0.0")
    kind = {"name": "IntegerField", "isCollection": True, "isCollectionOrScalar": False}
    document["nodes"][1]["data"]["inputs"]["collection"] |= {"id": "x", "fieldKind": "input", "type": kind}
    for each in document["nodes"]:
        each["data"]["outputs"] = {}
    _, report = resolved(document, catalog)
    assert only(report, "FB207").pointer == "/nodes/1/data/inputs/collection/value"


@pytest.mark.parametrize("saved", [None, "auto", [], {"board_id": ""}])
def test_nothing_is_told_of_what_says_nothing(saved: Any, catalog: Catalog) -> None:
    _, report = resolved(workflow(picture(board=saved), node("k", "collect", {"collection": []})), catalog)
    assert codes(report) == []


def test_nothing_is_told_of_an_input_that_an_edge_feeds(catalog: Catalog) -> None:
    document = workflow(picture(width={}), node("n", "integer", {"value": 1}), edges=[edge("n.value", "p.width")])
    assert codes(resolved(document, catalog)[1]) == []


@pytest.mark.parametrize(("saved", "code"), [(UNKNOWN, "FB207"), (OLD, "FB205")])
def test_a_lost_model_is_named(saved: Any, code: str, catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "main_model_loader", {"model": given(saved)}), form=form("n.model"))
    module, report = resolved(document, catalog)
    name = saved.get("name") or saved["model_name"]
    assert f'model "{name}"' in only(report, code).message
    assert f'model "{name}"' in input_of(module, "model").doc.replace("\n", " ")
    assert input_of(module, "model").required


def test_inputs_of_its_own_that_core_metadata_has_are_inputs(catalog: Catalog) -> None:
    values = {"mine": given({"a": [1, None]}, label="Mine"), "none": None}
    document = workflow(picture(), node("m", "core_metadata", values), form=form("m.mine", "m.none"))
    module, report = resolved(document, catalog)
    assert codes(report) == ["FB402", "FB402"]
    assert [(i.index, i.attribute, i.default) for i in module.inputs] == [
        (0, "mine", {"a": [1, None]}),
        (1, "none", None),
    ]
    made = class_of(module)
    assert b'"mine":{"a":[1,null]}' in preview(made())[0]
    assert b'"mine":"text"' in preview(made(mine="text"))[0]


def test_an_input_of_a_called_workflow_is_told(catalog: Catalog) -> None:
    name = "saved_workflow_input::x::y"
    document = workflow(
        picture(),
        node("q", "call_saved_workflow", {"workflow_id": "w", name: 5}),
        form=form(f"q.{name}", "q.workflow_id"),
    )
    module, report = resolved(document, catalog)
    assert only(report, "FB402").pointer == "/form/elements/e0"
    assert [(i.index, i.attribute) for i in module.inputs] == [(1, "workflow_id")]
    assert module.graph["nodes"]["q"]["workflow_inputs"] == {name: 5}


def test_a_connector_that_nothing_feeds_leaves_a_run_without_its_input(catalog: Catalog) -> None:
    model = UNKNOWN | {"base": "sd-1", "type": "vae"}
    document = workflow(
        picture(),
        connector("c"),
        node("v", "vae_loader", {"vae_model": model}),
        node("d", "l2i", {"latents": given(), "vae": given()}),
        edges=[edge("c.out", "d.latents"), edge("v.vae", "d.vae")],
    )
    found = only(resolved(document, catalog)[1], "FB308")
    assert (found.severity, found.pointer) == ("warning", "/nodes/3/data/inputs/latents")
    assert "connector" in found.message
