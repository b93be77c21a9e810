"""What the server refuses, told as inputs and nodes: mostly recorded answers of a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.recorded import noted

from flowbind.errors import Refused
from flowbind.invokeai.runs.refusals import refused
from flowbind.transport.steps import Reply
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import edge, given, node, resolved, workflow

NAME = "03_enqueue_rejections"
RELEASE = "pin its document with `flowbind spec pull URL` and generate again."


@pytest.fixture(scope="module")
def sky(catalog: Catalog) -> type[Workflow[Any]]:
    """A class with the node ids of the recording; some of its inputs are in the form."""
    document = workflow(
        node("a", "blank_image", {"width": given(16, label="Across"), "height": 16, "mode": "RGB"}, label="Sky"),
        node("b", "img_resize", {"image": given(label="Picture"), "width": 16}, label="Resize"),
        *(node("c", "collect", {}, label="All"), node("it", "iterate", {}, label="Each")),
        exposed=["a.width", "a.mode", "b.image"],
        edges=[edge("a.image", "c.item"), edge("c.collection", "it.collection")],
        name="Sky",
    )
    return class_of(resolved(document, catalog, name="sky", class_name="Sky")[0])


def error(made: type[Workflow[Any]], detail: object, batch: object) -> Refused:
    """Return what is raised for the detail of a refusal of a batch."""
    answer = Reply("POST", "/enqueue_batch", 422, "application/json", json.dumps({"detail": detail}).encode())
    return refused(made, answer, json.dumps({"batch": batch}).encode())


@pytest.mark.parametrize(
    ("note", "attributes", "said"),
    [
        ("unknown node type", (), 'the node "Sky": the server has no node type "no_such_node". Install the node pack'),
        ("no type at all", (), 'the node "Sky": Unable to extract tag using discriminator'),
        ("wrong field type", ("across",), 'Sky.across ("Across"): Input should be a valid integer, unable to parse'),
        ("constraint: width 0? / negative", ("across",), 'Sky.across ("Across"): Input should be greater than 0. Set'),
        ("noise width not multiple of 8", ("across",), 'Sky.across ("Across"): Input should be a multiple of 8. Set'),
        ("enum value unknown", ("mode",), "Sky.mode (\"Mode\"): Input should be 'RGB' or 'RGBA'. Set the input"),
        (
            "edge: unknown source node",
            (),
            "Edge source node x does not exist in the graph. Look at the node in the editor, and export again.",
        ),
        ("edge: unknown source field", (), 'Edge source field nope does not exist in node a (a is the node "Sky").'),
        ("edge: unknown destination field", (), 'nope does not exist in node b (b is the node "Resize").'),
        (
            "edge: type mismatch",
            ("picture",),
            'Sky.picture ("Picture"): Edge source and target types do not match (a.width -> b.image) '
            '(a is the node "Sky", b is the node "Resize").',
        ),
        ("cycle", (), "Sky: Graph contains cycles."),
        ("node id differs from key", (), 'Node ids must match, got a and b (a is the node "Sky").'),
        (
            "iterate without collection input",
            (),
            "Invalid iterator node (it): Iterator must have a collection",
        ),
        ("iterate without collection input", (), '(it is the node "Each").'),
        ("collect with mixed types", (), '(c is the node "All").'),
        ("runs=0", (), "runs: Input should be greater than or equal to 1."),
        ("data: unknown node", (), "Node zz not found in graph."),
        ("data: unknown field", (), 'Field zz not found in node a (a is the node "Sky").'),
        ("data: mixed item types", ("across",), 'Sky.across ("Across"): All items in a batch must have the same type.'),
        ("data: duplicate node/field", ("across",), "Each batch data must have unique node_id and field_name."),
        ("data: zipped lengths differ", ("across",), "Zipped batch items must all have the same length."),
        ("workflow malformed", (), "the workflow that is stored with the pictures, `author`: Field required;"),
        ("workflow malformed", (), "Generate the class again."),
    ],
)
def test_recorded(sky: type[Workflow[Any]], note: str, attributes: tuple[str, ...], said: str) -> None:
    line = noted(NAME, note)
    found = error(sky, line["response_body"]["detail"], line["request_body"]["batch"])
    assert found.attributes == attributes
    assert found.attribute == (attributes[0] if attributes else None)
    assert found.status == 422
    assert said in str(found)
    assert str(found).startswith("The server refuses Sky: ")
    assert str(found).endswith(RELEASE)


def of_node(*loc: object, msg: str = "no", **more: object) -> dict[str, Any]:
    """Return one entry of a refusal of a node."""
    return {"type": "value_error", "loc": ["body", "batch", "graph", "nodes", *loc], "msg": msg, **more}


GRAPH: dict[str, Any] = {"nodes": {"a": {"id": "a", "width": 16}, "b": {"id": "b"}}, "edges": []}


def test_a_value_that_is_no_input_is_the_editors(sky: type[Workflow[Any]]) -> None:
    found = error(sky, [of_node("a", "blank_image", "height")], {"graph": GRAPH})
    assert found.attributes == ()
    assert '`height` of the node "Sky": no. A value that is no input is the workflow\'s own: change it in the' in str(
        found
    )


def test_all_inputs_are_told_each_with_all_that_is_said_of_it(sky: type[Workflow[Any]]) -> None:
    detail = [
        of_node("b", "img_resize", "image", msg="neither this"),
        of_node("a", "blank_image", "width", msg="too wide"),
        of_node("b", "img_resize", "image", msg="nor that"),
    ]
    found = error(sky, detail, {"graph": GRAPH})
    assert found.attributes == ("picture", "across")
    assert 'Sky.picture ("Picture"): neither this; or nor that; Sky.across ("Across"): too wide. ' in str(found)


def test_the_place_inside_a_value_goes_without_the_names_of_types(sky: type[Workflow[Any]]) -> None:
    graph = {"nodes": {"a": {"id": "a", "width": [1, {"x": 2}]}}, "edges": []}
    found = error(sky, [of_node("a", "blank_image", "width", "list[union[int,str]]", 1, "x")], {"graph": graph})
    assert 'Sky.across ("Across") at 1.x: no.' in str(found)


def test_an_item_of_a_batch_names_the_input_that_it_goes_to(sky: type[Workflow[Any]]) -> None:
    batch = {
        "graph": GRAPH,
        "data": [
            [{"node_path": "b", "field_name": "image", "items": [1]}],
            [
                {"node_path": "a", "field_name": "mode", "items": ["RGB", "RGB"]},
                {"node_path": "a", "field_name": "width", "items": [1, None]},
            ],
        ],
    }
    where = ["body", "batch", "data", 1, 1, "items", 1]
    detail = [{"type": "int_type", "loc": [*where, kind], "msg": f"no {kind}"} for kind in ("int", "str")]
    found = error(sky, detail, batch)
    assert found.attributes == ("across",)
    assert 'Sky.across ("Across") at 1: no int; or no str.' in str(found)


def test_the_words_of_a_server_cannot_drive_a_terminal(sky: type[Workflow[Any]]) -> None:
    hostile = "red \x1b[31m alert\r\n\u202egnp"
    detail = [
        of_node("a", "blank_image", "width", msg=hostile),
        of_node(hostile, msg="x" * 9000),
        {"type": "union_tag_invalid", "loc": ["body", hostile], "msg": hostile, "ctx": {"tag": hostile}},
    ]
    found = str(error(sky, detail, {"graph": GRAPH}))
    assert found.isprintable()
    assert len(found) < 1500


def test_thousands_of_problems_are_counted(sky: type[Workflow[Any]]) -> None:
    data = [[{"node_path": "a", "field_name": "width", "items": [None] * 5000}]]
    where = ["body", "batch", "data", 0, 0, "items"]
    detail = [{"type": "int_type", "loc": [*where, number], "msg": "no"} for number in range(5000)]
    found = str(error(sky, detail, {"graph": GRAPH, "data": data}))
    assert "at 19: no; and 4980 more. " in found


@pytest.mark.parametrize(
    "detail",
    [
        [{"loc": ["body", "batch", "data", 7, 7, "items", 0], "msg": "no"}],
        [{"loc": ["body", "batch", "graph", "nodes", "gone", "add", "a", {}], "msg": {}}],
        [{"loc": ["body", "batch", "graph", "nodes", "a", "add", "width", "x"]}],
        [{"loc": "body"}, 1, None],
        "text",
    ],
)
def test_a_refusal_of_any_shape(sky: type[Workflow[Any]], detail: object) -> None:
    assert str(error(sky, detail, {"graph": GRAPH})).endswith(RELEASE)
