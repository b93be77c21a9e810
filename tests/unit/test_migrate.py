"""Files of every version, and what is wrong with broken ones: each place is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING

from .exports import codes, connector, edge, loaded, node, notes, only, picture, refused, workflow


def old_input(name: str, kind: Any, *value: Any, label: str = "") -> dict[str, Any]:
    """Return an input as versions 1.0.0 (`kind` is a word) and 2.0.0 (an object) write it."""
    if not isinstance(kind, str):
        kind = {"name": kind[0], "isCollection": False, "isCollectionOrScalar": False}
    entry = {"id": f"id-{name}", "name": name, "type": kind, "fieldKind": "input", "label": label}
    return entry | ({"value": value[0]} if value else {})


def old(version: str | None, *nodes: tuple[str, str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return a file of an old version; each node is (id, type, inputs)."""
    made = []
    for node_id, kind, inputs in nodes:
        made.append(node(node_id, kind))
        made[-1]["data"] |= {"inputs": {i["name"]: i for i in inputs}, "outputs": {}, "embedWorkflow": True}
    document = workflow(*made)
    document["meta"] = {} if version is None else {"version": version}
    return document


def values(document: Any, catalog: Catalog) -> dict[str, Any]:
    """Return the inputs of the first node as they are sent."""
    found, _ = loaded(document, catalog)
    return dict(found.graph["nodes"][found.workflow.nodes[0].id])


@pytest.mark.parametrize("version", ["3.0.0", "4.0.0"])
def test_the_current_versions_keep_their_values(version: str, catalog: Catalog) -> None:
    assert values(workflow(picture(width=64), version=version), catalog)["width"] == 64


@pytest.mark.parametrize(("version", "kind"), [("1.0.0", "integer"), ("2.0.0", ("IntegerField",))])
def test_the_old_versions_type_their_values(version: str, kind: Any, catalog: Catalog) -> None:
    document = old(version, ("p", "blank_image", [old_input("width", kind, 64)]))
    assert values(document, catalog)["width"] == 64


@pytest.mark.parametrize("value", [["euler"], {"image_name": "a.png"}, "er_sde", 5, None])
def test_version_2_drops_a_value_of_another_type(value: Any, catalog: Catalog) -> None:
    entries = [old_input("scheduler", ("SchedulerField",), value)]
    assert "scheduler" not in values(old("2.0.0", ("s", "scheduler", entries)), catalog)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("Scheduler", "er_sde"),
        ("integer", "64"),
        ("integer", 1.5),
        ("integer", None),
        ("float", True),
        ("string", 5),
        ("enum", 5),
        ("IntegerCollection", [1, "2"]),
        ("IntegerPolymorphic", [1]),
        ("ColorPolymorphic", [{"r": 1}]),
        ("ImageField", "a.png"),
        ("MainModelField", {"model_name": "m", "base_model": "flux", "model_type": "main"}),
        ("MainModelField", {"model_name": "m", "base_model": "sdxl"}),
        ("VaeModelField", "sdxl"),
        ("LatentsField", 5),
        ("Collection", {}),
    ],
)
def test_version_1_refuses_a_value_of_another_type(word: str, value: Any, catalog: Catalog) -> None:
    report = refused(old("1.0.0", ("p", "blank_image", [old_input("width", word, value)])), catalog)
    found = only(report, "FB104")
    assert found.pointer == "/nodes/0/data/inputs/width"
    assert f'"value" is of the type {word}' in found.message


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("integer", 64.0),
        ("float", 1),
        ("IntegerCollection", [1, 2]),
        ("StringPolymorphic", "x"),
        ("ColorPolymorphic", [{"r": 1, "g": 2, "b": 3, "a": 4}]),
        ("ImageCollection", [{"image_name": "a.png"}]),
        ("MainModelField", {"model_name": "m", "base_model": "sd-1", "model_type": "main"}),
        ("SDXLMainModelField", {"model_name": "m", "base_model": "sdxl", "model_type": "onnx"}),
        ("VaeModelField", {"model_name": "m", "base_model": "sdxl"}),
        ("UNetField", {}),
        ("Collection", [None]),
        ("CollectionItem", None),
        ("Any", {}),
    ],
)
def test_version_1_takes_what_its_types_hold(word: str, value: Any, catalog: Catalog) -> None:
    loaded(old("1.0.0", ("p", "blank_image", [old_input("width", word, value)])), catalog)


def test_version_1_knows_only_its_own_types(catalog: Catalog) -> None:
    report = refused(old("1.0.0", ("p", "blank_image", [old_input("width", "IntegerField", 64)])), catalog)
    assert only(report, "FB104").pointer == "/nodes/0/data/inputs/width/type"


def test_version_1_may_lack_what_later_versions_need(catalog: Catalog) -> None:
    document = old("1.0.0", ("p", "blank_image", [old_input("width", "integer", 64)]))
    del document["exposedFields"], document["tags"]
    for key in ("version", "useCache", "nodePack"):
        del document["nodes"][0]["data"][key]
    found, _ = loaded(document, catalog)
    assert found.graph["nodes"]["p"]["use_cache"] is True


def test_no_version_at_all_is_version_1_where_the_nodes_look_like_it(catalog: Catalog) -> None:
    document = old(None, ("p", "blank_image", [old_input("width", "integer", 64)]))
    found, report = loaded(document, catalog)
    assert found.graph["nodes"]["p"]["width"] == 64
    assert only(report, "FB106").severity == "warning"


@pytest.mark.parametrize("meta", [{}, None, {"version": None}, "4.0.0"])
def test_no_version_at_all_is_refused_elsewhere(meta: Any, catalog: Catalog) -> None:
    report = refused(workflow(picture(width=64)) | {"meta": meta}, catalog)
    assert codes(report) == ["FB106"]
    assert only(report, "FB106").pointer == "/meta/version"


@pytest.mark.parametrize("version", ["5.0.0", "4.1.0", "3", 4, ["4.0.0"], {}])
def test_an_unknown_version_is_refused(version: Any, catalog: Catalog) -> None:
    report = refused(workflow(picture()) | {"meta": {"version": version}}, catalog)
    assert codes(report) == ["FB103"]


def at(document: Any, pointer: str) -> tuple[Any, Any]:
    """Return the container of a place and the key in it."""
    keys = [int(k) if k.isdigit() else k for k in pointer.split("/")[1:]]
    for key in keys[:-1]:
        document = document[key]
    return document, keys[-1]


@pytest.mark.parametrize(
    "pointer",
    [
        *(f"/{key}" for key in ("name", "author", "description", "version", "contact", "tags", "notes")),
        "/nodes",
        "/edges",
        "/exposedFields",
        "/nodes/0/id",
        "/nodes/0/data/type",
        "/nodes/0/data/id",
        "/nodes/0/data/label",
        "/nodes/0/data/notes",
        "/nodes/0/data/isOpen",
        "/nodes/0/data/useCache",
        "/nodes/0/data/isIntermediate",
        "/nodes/0/data/version",
        "/nodes/0/data/inputs",
        "/edges/0/sourceHandle",
        "/exposedFields/0/nodeId",
    ],
)
def test_a_missing_key_is_named(pointer: str, catalog: Catalog) -> None:
    document = workflow(
        picture(width=64),
        node("n", "integer", {"value": 1}),
        edges=[edge("n.value", "p.height")],
        exposed=["p.width"],
    )
    container, key = at(document, pointer)
    del container[key]
    report = refused(document, catalog)
    wanted = {"FB102"} if pointer == "/nodes" else {"FB104"}
    assert set(codes(report)) == wanted
    if wanted == {"FB104"}:
        assert pointer in {d.pointer for d in report}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/meta/category", "project"),
        ("/meta/category", ["user"]),
        ("/nodes/0", "a node"),
        ("/nodes/0/position", None),
        ("/nodes/0/position/x", "1"),
        ("/nodes/0/data/nodePack", None),
        ("/nodes/0/data", None),
        ("/nodes/0/data/version", "one"),
        ("/nodes/0/data/version", "1.0.0-beta"),
        ("/nodes/0/data/useCache", 1),
        ("/nodes/0/data/inputs/width", 64),
        ("/nodes/0/data/inputs/width/name", ""),
        ("/edges/0", []),
        ("/exposedFields/0", "p.width"),
    ],
)
def test_a_value_of_another_kind_is_named(pointer: str, value: Any, catalog: Catalog) -> None:
    document = workflow(
        picture(width=64),
        node("n", "integer", {"value": 1}),
        edges=[edge("n.value", "p.height")],
        exposed=["p.width"],
    )
    container, key = at(document, pointer)
    container[key] = value
    report = refused(document, catalog)
    assert {d.code for d in report} == {"FB104"}
    assert all(pointer.startswith(d.pointer or "none") for d in report)


def test_a_label_of_another_kind_is_none(catalog: Catalog) -> None:
    document = workflow(picture(width=64))
    document["nodes"][0]["data"]["inputs"]["width"] |= {"label": 5, "description": None}
    found, _ = loaded(document, catalog)
    assert (found.workflow.nodes[0].inputs["width"].label, found.workflow.nodes[0].inputs["width"].description) == (
        "",
        "",
    )


def test_all_breaks_are_reported_at_once(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "integer"))
    del document["nodes"][0]["data"]["useCache"], document["nodes"][1]["data"]["label"], document["tags"]
    pointers = {d.pointer for d in refused(document, catalog)}
    assert pointers == {"/nodes/0/data/useCache", "/nodes/1/data/label", "/tags"}


@pytest.mark.parametrize("kind", ["current_image", "group", None, {}, ["invocation"]])
def test_an_unknown_kind_of_node_is_refused(kind: Any, catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "integer", label="Mine"))
    document["nodes"][1]["type"] = kind
    found = only(refused(document, catalog), "FB105")
    assert (found.pointer, found.node_label) == ("/nodes/1/type", "Mine")


@pytest.mark.parametrize("kind", ["loop_linkage", None, {}, ["default"]])
def test_an_unknown_kind_of_edge_is_refused(kind: Any, catalog: Catalog) -> None:
    wire = edge("n.value", "p.width") | {"type": kind}
    document = workflow(picture(), node("n", "integer"), edges=[wire])
    assert only(refused(document, catalog), "FB105").pointer == "/edges/0/type"


def test_connectors_are_unknown_to_old_versions(catalog: Catalog) -> None:
    document = workflow(picture(), connector("c"), version="2.0.0")
    document["nodes"][0]["data"]["inputs"] = {}
    assert only(refused(document, catalog), "FB105").pointer == "/nodes/1/type"


def test_notes_and_collapsed_edges_do_nothing(catalog: Catalog) -> None:
    folded = {"id": "f", "type": "collapsed", "source": "n", "target": "p"}
    document = workflow(picture(), node("n", "integer"), notes("m"), edges=[folded])
    found, report = loaded(document, catalog)
    assert set(found.graph["nodes"]) == {"p", "n"}
    assert found.graph["edges"] == []
    assert codes(report) == []


def test_two_nodes_of_one_id_are_refused(catalog: Catalog) -> None:
    report = refused(workflow(picture(), node(" p ", "integer")), catalog)
    assert only(report, "FB307").pointer == "/nodes/1/id"


def test_two_returns_are_refused(catalog: Catalog) -> None:
    document = workflow(picture(), node("r", "workflow_return"), node("s", "workflow_return"))
    assert only(refused(document, catalog), "FB104").pointer == "/nodes"


def test_a_workflow_without_nodes_is_refused(catalog: Catalog) -> None:
    assert codes(refused(workflow(), catalog)) == ["FB306"]
    assert codes(refused(workflow(notes("n")), catalog)) == ["FB306"]


def test_ids_are_trimmed_and_win_over_those_inside(catalog: Catalog) -> None:
    document = workflow(node(" p ", "blank_image", {"width": 1}))
    document["nodes"][0]["data"]["id"] = "other"
    found, _ = loaded(document, catalog)
    assert found.graph["nodes"]["p"]["id"] == "p"


def test_core_metadata_keeps_any_value(catalog: Catalog) -> None:
    document = workflow(picture(), node("m", "core_metadata", {"width": None, "extra": {"a": [1, "x", None]}}))
    found, _ = loaded(document, catalog)
    assert found.graph["nodes"]["m"]["width"] is None
    assert found.graph["nodes"]["m"]["extra"] == {"a": [1, "x", None]}


def test_null_and_no_value_are_the_same(catalog: Catalog) -> None:
    document = workflow(picture(width=None))
    missing = copy.deepcopy(document)
    del missing["nodes"][0]["data"]["inputs"]["width"]["value"]
    for each in (document, missing):
        found, _ = loaded(each, catalog)
        assert found.workflow.nodes[0].inputs["width"].value is MISSING
        assert "width" not in found.graph["nodes"]["p"]


def test_a_break_is_told_once(catalog: Catalog) -> None:
    document = workflow(picture(), edges=[edge("p.width", "p.height")])
    del document["edges"][0]["source"], document["nodes"][0]["id"]
    assert [d.pointer for d in refused(document, catalog)] == ["/nodes/0/id", "/edges/0/source"]
