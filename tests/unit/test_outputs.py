"""Outputs: what the visible nodes leave behind, one or many."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.iterations import iteration_depths

from .exports import edge, node, resolved, workflow


def outputs(document: Any, catalog: Catalog) -> list[tuple[str, str, str, bool]]:
    """Return the outputs of a workflow, each as attribute, node id, annotation and whether it is many."""
    module, _ = resolved(document, catalog)
    return [(o.attribute, o.node_id, o.annotation, o.many) for o in module.outputs]


def image(node_id: str, *, label: str = "", visible: bool = True) -> dict[str, Any]:
    return node(node_id, "blank_image", label=label, visible=visible)


def test_a_visible_node_gives_an_output(catalog: Catalog) -> None:
    assert outputs(workflow(image("a"), image("b", visible=False)), catalog) == [("image", "a", "Image", False)]


def test_where_none_is_visible_the_last_nodes_count(catalog: Catalog) -> None:
    document = workflow(
        image("a", visible=False), node("b", "img_resize"), node("c", "show_image"), edges=[edge("a.image", "b.image")]
    )
    document["nodes"].pop()
    assert outputs(document, catalog) == [("image", "b", "Image", False)]


@pytest.mark.parametrize("kind", ["image", "show_image", "image_collection", "collect", "iterate", "if"])
def test_nodes_that_hand_on_what_they_get_save_nothing(kind: str, catalog: Catalog) -> None:
    inputs = {"image": {"image_name": "a.png"}} if kind in {"image", "show_image"} else {}
    document = workflow(image("a"), node("b", kind, inputs, visible=True))
    assert [o[1] for o in outputs(document, catalog)] == ["a"]


def test_a_workflow_may_leave_nothing_behind(catalog: Catalog) -> None:
    assert outputs(workflow(node("n", "noise", visible=True)), catalog) == []


def test_labels_name_outputs(catalog: Catalog) -> None:
    found = outputs(workflow(image("a", label="First Draft"), image("b", label="class")), catalog)
    assert [o[0] for o in found] == ["first_draft", "class_"]


def test_outputs_without_labels_are_told_apart(catalog: Catalog) -> None:
    picture = {"image": {"image_name": "a.png"}}
    document = workflow(image("a"), node("b", "img_resize", picture, visible=True), image("c"), image("d", label="D"))
    assert [o[0] for o in outputs(document, catalog)] == ["image", "resize_image", "image_2", "d"]


def test_several_pictures_of_one_node(catalog: Catalog) -> None:
    picture = {"image": {"image_name": "a.png"}}
    plain = workflow(node("m", "pbr_maps", picture, visible=True))
    assert [o[0] for o in outputs(plain, catalog)] == ["normal_map", "roughness_map", "displacement_map"]
    labelled = workflow(node("m", "pbr_maps", picture, visible=True, label="Wall"))
    assert outputs(labelled, catalog)[0][0] == "wall_normal_map"


def test_a_node_after_an_iteration_leaves_many(catalog: Catalog) -> None:
    document = workflow(
        node("r", "range"),
        node("t", "iterate"),
        image("a"),
        edges=[edge("r.collection", "t.collection"), edge("t.item", "a.width")],
    )
    assert outputs(document, catalog) == [("image", "a", "list[Image]", True)]
    assert "in iteration order" in resolved(document, catalog)[0].outputs[0].doc


def test_a_node_after_collecting_leaves_one(catalog: Catalog) -> None:
    document = workflow(
        node("r", "range"),
        node("t", "iterate"),
        node("k", "collect"),
        node("x", "if"),
        image("a"),
        edges=[
            edge("r.collection", "t.collection"),
            edge("t.item", "k.item"),
            edge("k.collection", "x.true_input"),
            edge("x.value", "a.width"),
        ],
    )
    # The editor takes no list for a width: the list that was collected is left at the end, or nothing, from the other
    # branch.
    assert outputs(document, catalog) == [("value", "x", "list[int] | None", True), ("image", "a", "Image", False)]


def test_each_iteration_adds_a_depth_and_each_collection_takes_one() -> None:
    kinds = {"r": "range", "t": "iterate", "u": "iterate", "k": "collect", "a": "add", "z": "collect"}
    wires = [("r", "t"), ("t", "u"), ("u", "k"), ("k", "a"), ("t", "a"), ("r", "z")]
    graph = {
        "nodes": {n: {"type": kind} for n, kind in kinds.items()},
        "edges": [{"source": {"node_id": s}, "destination": {"node_id": d, "field": "item"}} for s, d in wires],
    }
    assert iteration_depths(graph) == {"r": 0, "t": 1, "u": 2, "k": 1, "a": 1, "z": 0}


def test_loops_side_by_side_multiply_and_a_collection_input_gathers_nothing() -> None:
    kinds = {"r": "range", "t": "iterate", "u": "iterate", "a": "add", "k": "collect", "j": "collect"}
    wires = [
        ("r", "t", "x"),
        ("r", "u", "x"),
        ("t", "a", "x"),
        ("u", "a", "x"),
        ("a", "k", "item"),
        ("k", "j", "collection"),
    ]
    graph = {
        "nodes": {n: {"type": kind} for n, kind in kinds.items()},
        "edges": [{"source": {"node_id": s}, "destination": {"node_id": d, "field": f}} for s, d, f in wires],
    }
    assert iteration_depths(graph) == {"r": 0, "t": 1, "u": 1, "a": 2, "k": 1, "j": 1}


def test_a_video(catalog: Catalog) -> None:
    document = workflow(node("v", "video_concat", visible=True))
    found = resolved(document, catalog)[0].outputs[0]
    assert (found.attribute, found.kind, found.annotation, found.many) == ("video", "video", "Video", False)
    assert found.doc.startswith("The video made by the node")


@pytest.mark.parametrize("label", ["__init__", "__dict__", "🎨"])
def test_a_label_that_may_not_name_an_attribute(label: str, catalog: Catalog) -> None:
    name = outputs(workflow(image("a", label=label)), catalog)[0][0]
    assert name.isidentifier()
    assert not name.startswith("_")


@pytest.mark.parametrize(
    ("wires", "annotation"),
    [
        (["a.value>x.true_input"], "int | None"),
        (["a.value>x.true_input", "a.value>x.false_input"], "int"),
        (["a.value>x.true_input", "p.image>y.true_input", "y.value>x.false_input"], "Image | int | None"),
        (["a.value>x.true_input", "r.collection>x.false_input"], "int | list[int]"),
        (["s.collection>x.true_input", "r.collection>x.false_input"], "list[int | str]"),
        (["g.value>x.true_input", "a.value>x.false_input"], "object"),
        (["r.collection>x.true_input"], "list[int] | None"),
    ],
)
def test_a_choice_is_what_either_branch_gives(wires: list[str], annotation: str, catalog: Catalog) -> None:
    document = workflow(
        *(node("a", "add"), node("r", "range"), node("s", "string_collection"), node("g", "workflow_return_get")),
        *(image("p"), node("x", "if", label="Chosen"), node("y", "if")),
        edges=[edge(*wire.split(">")) for wire in wires],
    )
    assert [o[2] for o in outputs(document, catalog) if o[0] == "chosen"] == [annotation]


def test_what_is_collected_may_be_nothing(catalog: Catalog) -> None:
    document = workflow(
        *(node("r", "range"), node("i", "iterate"), node("a", "add"), node("x", "if"), node("k", "collect")),
        edges=[
            edge("r.collection", "i.collection"),
            edge("i.item", "a.a"),
            edge("a.value", "x.true_input"),
            edge("x.value", "k.item"),
        ],
    )
    assert outputs(document, catalog) == [("collection", "k", "list[int | None]", True)]


def test_a_name_that_a_loop_returns_may_be_missing(catalog: Catalog) -> None:
    document = workflow(
        *(node("r", "range"), node("i", "iterate"), node("v", "workflow_return_value", {"key": "n"})),
        *(node("k", "collect"), node("z", "workflow_return")),
        edges=[
            edge("r.collection", "i.collection"),
            edge("i.item", "v.value"),
            edge("v.value", "k.item"),
            edge("k.collection", "z.values"),
        ],
    )
    (found,) = resolved(document, catalog)[0].outputs
    assert (found.attribute, found.annotation, found.optional, found.repeated) == ("n", "int | None", True, False)
    assert found.doc.endswith("None where no iteration gives it.")


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        (["r.collection>t.collection", "t.item>x.true_input"], ["range"]),
        (["r.collection>t.collection", "t.item>x.true_input", "t.item>a.width"], []),
        (["r.collection>t.collection", "t.item>x.true_input", "t.item>a.width", "c.value>x.false_input"], ["integer"]),
        (["c.value>x.true_input"], []),
        (["r.collection>t.collection", "t.item>k.item", "k.collection>x.true_input"], ["iterate"]),
    ],
)
def test_a_branch_from_outside_the_loop_of_its_if_is_told(edges: list[str], told: list[str], catalog: Catalog) -> None:
    # What InvokeAI 6.14.2 does with each of these was tried: it never ends those that are told.
    nodes = [node("r", "range"), node("t", "iterate"), node("k", "collect"), node("c", "integer"), node("x", "if")]
    wires = [edge(*e.split(">")) for e in edges]
    _, report = resolved(workflow(*nodes, image("a"), edges=wires), catalog)
    assert [d.node_label for d in report if d.code == "FB309"] == told
