"""What the editor does to links when it loads: which input each has, what reroutes and primitives do."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.comfyui.drawing import Json, node, node_class, subgraph, workflow

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.convert import convert
from flowbind_generator.diagnostics import Report


def _number(kind: str, **options: Any) -> Json:
    return node_class({"number": [kind, options]}, output=["FLOAT"])


CATALOG = Catalog(
    {
        "Picture": node_class({}, output=["IMAGE"]),
        "Show": node_class({"picture": ["IMAGE"]}),
        "Two": node_class({"one": ["IMAGE"], "other": ["IMAGE"]}),
        "Save": node_class({"picture": ["IMAGE"], "name": ["STRING", {"default": "out"}]}),
        "Wide": _number("FLOAT", min=0.0, max=100.0, step=0.01),
        "Narrow": _number("FLOAT", min=1.0, max=8.0, step=0.1),
        "Rounded": _number("FLOAT", min=0.0, max=2.0, step=0.01, round=0.5),
        "Apart": _number("FLOAT", min=200.0, max=300.0),
        "Eights": _number("INT", min=8, max=64, step=8),
    }
)


def _posted(document: Json, *codes: str) -> dict[str, Json]:
    report = Report("made up")
    prompt = convert(document, CATALOG, report)
    assert prompt is not None
    assert tuple(found.code for found in report) == codes, [str(found) for found in report]
    return {known: dict(made.inputs) for known, made in prompt.nodes.items()}


def _input(name: str, link: int | None) -> Json:
    return {"name": name, "type": "IMAGE", "link": link}


@pytest.mark.parametrize("inputs", [None, [], [_input("one", None)], [_input("other", 99)]])
def test_links_that_no_input_names_lead_where_they_say(inputs: list[Json] | None) -> None:
    taker = node(2, "Two")
    taker["inputs"] = inputs
    document = workflow(node(1, "Picture"), taker, links=[[1, 1, 0, 2, 1, "IMAGE"]])
    assert _posted(document)["2"] == {"other": ["1", 0]}


def test_an_input_that_names_a_link_has_it_at_any_place() -> None:
    taker = node(2, "Two", inputs=[_input("other", 1)])
    assert _posted(workflow(node(1, "Picture"), taker, links=[[1, 1, 0, 2, 0, "IMAGE"]]))["2"] == {"other": ["1", 0]}


def test_a_link_to_another_node_is_left_out() -> None:
    links = [[1, 1, 0, 3, 0, "IMAGE"]]
    document = workflow(node(1, "Picture"), node(2, "Show", None, {"picture": 1}), links=links)
    assert _posted(document, "FB302")["2"] == {}


def test_a_link_leads_to_one_input() -> None:
    both = node(2, "Two", inputs=[_input("one", 1), _input("other", 1)])
    document = workflow(node(1, "Picture"), both, links=[[1, 1, 0, 2, 1, "IMAGE"]])
    assert _posted(document, "FB302")["2"] == {"other": ["1", 0]}


@pytest.mark.parametrize(
    ("named", "origin", "codes"), [((5, 6), "1", ["FB302"]), ((6, None), "3", []), ((None, None), "1", [])]
)
def test_one_link_leads_to_an_input(named: tuple[int | None, ...], origin: str, codes: list[str]) -> None:
    taker = node(2, "Two", inputs=[_input("one", named[0]), _input("other", named[1])])
    links = [[5, 1, 0, 2, 0, "IMAGE"], [6, 3, 0, 2, 0, "IMAGE"]]
    document = workflow(node(1, "Picture"), node(3, "Picture"), taker, links=links)
    assert _posted(document, *codes)["2"] == {"one": [origin, 0]}


def test_a_link_that_is_there_twice_is_one() -> None:
    taker = node(2, "Two", inputs=[_input("other", 6)])
    links = [[5, 1, 0, 2, 0, "IMAGE"], [6, 1, 0, 2, 0, "IMAGE"]]
    assert _posted(workflow(node(1, "Picture"), taker, links=links))["2"] == {"other": ["1", 0]}


def test_links_into_an_instance_lead_where_they_say() -> None:
    inner = subgraph("sub", node(1, "Two", None, {"other": 1}), links=[[1, -10, 0, 1, 1, "IMAGE"]], inputs=["picture"])
    document = workflow(node(5, "sub"), node(6, "Picture"), links=[[1, 6, 0, 5, 0, "IMAGE"]], subgraphs=[inner])
    assert _posted(document)["5:1"] == {"other": ["6", 0]}


def test_reroutes_let_go_of_what_does_not_fit() -> None:
    document = workflow(
        node(1, "Picture"),
        node(2, "Reroute", inputs=[{"name": "", "type": "*", "link": 1}]),
        node(3, "Reroute", inputs=[{"name": "", "type": "*", "link": 2}]),
        node(4, "Save", ["saved"], {"picture": 3, "name": 4}),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "*"], [3, 3, 0, 4, 0, "*"], [4, 3, 0, 4, 1, "*"]],
    )
    assert _posted(document)["4"] == {"picture": ["1", 0], "name": "saved"}


def test_reroutes_that_nothing_feeds_let_go_of_nothing() -> None:
    round_ = workflow(
        node(1, "Reroute", inputs=[{"name": "", "type": "*", "link": 1}]),
        node(2, "Reroute", inputs=[{"name": "", "type": "*", "link": 2}]),
        node(3, "Picture"),
        node(4, "Reroute"),
        node(5, "Show", None, {"picture": 3}),
        links=[[1, 2, 0, 1, 0, "*"], [2, 1, 0, 2, 0, "*"], [3, 4, 0, 5, 0, "*"]],
    )
    assert _posted(round_)["5"] == {}


@pytest.mark.parametrize(
    ("value", "targets", "handed_on"),
    [
        # Limits and steps of all, then the rounding of each.
        (56.28, ["Wide"], [56.28]),
        (56.28, ["Wide", "Narrow"], [8.0, 8.0]),
        (5.678, ["Wide", "Narrow"], [5.7, 5.7]),
        (0.2, ["Narrow", "Wide"], [1.0, 1.0]),
        # Those that no value suits together, or that differ otherwise, do not count.
        (50.28, ["Wide", "Apart"], [50.28, 200.0]),
        (1.68, ["Wide", "Rounded"], [1.68, 1.5]),
        (1000, ["Eights"], [64]),
        (13, ["Eights"], [16]),
    ],
)
def test_a_primitive_suits_all_that_it_feeds(value: float, targets: list[str], handed_on: list[float]) -> None:
    fed = [node(n + 2, wanted, [0], {"number": n + 1}) for n, wanted in enumerate(targets)]
    type_ = "INT" if targets == ["Eights"] else "FLOAT"
    links = [[n + 1, 1, 0, n + 2, 0, type_] for n in range(len(targets))]
    posted = _posted(workflow(node(1, "PrimitiveNode", [value, "fixed"]), *fed, links=links))
    assert [posted[str(n + 2)]["number"] for n in range(len(targets))] == handed_on


def test_a_primitive_is_like_what_its_oldest_link_leads_to() -> None:
    document = workflow(
        node(1, "PrimitiveNode", [5.678, "fixed"]),
        node(2, "Narrow", [0], {"number": 2}),
        node(3, "Rounded", [0], {"number": 1}),
        links=[[2, 1, 0, 2, 0, "FLOAT"], [1, 1, 0, 3, 0, "FLOAT"]],
    )
    assert _posted(document) == {"2": {"number": 2.0}, "3": {"number": 2.0}}


def test_a_primitive_that_was_saved_for_another_type_takes_the_value_that_is_there() -> None:
    links = [[1, 1, 0, 2, 0, "INT"]]
    assert _posted(
        workflow(node(1, "PrimitiveNode", [5, "fixed"]), node(2, "Wide", [7.5], {"number": 1}), links=links)
    ) == {"2": {"number": 7.5}}
