"""Whatever stands in a file, converting it ends, without a traceback, with a prompt or a finding."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.comfyui.drawing import CATALOG, Json, node, node_class, subgraph, workflow

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.convert import convert
from flowbind_generator.diagnostics import Report

_INNER = subgraph(
    "sub",
    node(1, "Sampler", [7, "randomize", 30, 4.5, "heun"], {"image": 1, "steps": 2}),
    node(2, "Either", ["large", "hint", "16", 0.5, False], {"model.images.image0": 3}),
    node(3, "PrimitiveNode", [3, "fixed"]),
    links=[
        [1, -10, 0, 1, 0, "IMAGE"],
        [2, 3, 0, 1, 2, "INT"],
        [3, 1, 0, 2, 0, "IMAGE"],
        [5, 2, 0, -20, 0, "IMAGE"],
    ],
    inputs=["image"],
    outputs=1,
)
_WHOLE = workflow(
    node(1, "Source"),
    node(5, "sub", [9, 8], {"image": 1}, properties={"proxyWidgets": [["1", "seed"], ["3", "value"]]}),
    node(6, "Reroute", inputs=[{"name": "", "type": "*", "link": 2}]),
    node(4, "SaveImage", ["%Source.x%"], {"images": 3}, widgets_values_named={"filename_prefix": "y"}),
    node(7, "Match", mode=4, links={"one": 3}),
    node(8, "CustomCombo", ["a", 0, "a", ""]),
    node(9, "Text", ["{a|{b}}"]),
    links=[[1, 1, 0, 5, 0, "IMAGE"], [2, 5, 0, 6, 0, "IMAGE"], [3, 6, 0, 4, 0, "IMAGE"]],
    subgraphs=[_INNER],
)

# Values that mean something elsewhere in a file, too, so that changes go deep.
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-30, 60)
    | st.floats()
    | st.sampled_from(
        ["", "*", "1", "-1", "-10", "sub", "IMAGE", "large", "seed", "PrimitiveNode", "Reroute", "SaveImage"]
    )
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "name", "link", "type"]), inner),
    max_leaves=6,
)


def _places(value: Any, keys: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [keys, *(place for key, one in inner for place in _places(one, (*keys, key)))]


_PLACES = [place for place in _places(_WHOLE) if place]


def _changed(document: Json, changes: list[tuple[tuple[Any, ...], Any]]) -> Json:
    made = copy.deepcopy(document)
    for place, value in changes:
        around: Any = made
        try:
            for key in place[:-1]:
                around = around[key]
            around[place[-1]] = value
        except (TypeError, KeyError, IndexError):
            # An earlier change took the place away.
            continue
    return made


def _converts(document: Json, catalog: Catalog = CATALOG) -> None:
    report = Report("hostile")
    prompt = convert(document, catalog, report)
    assert (prompt is None) == report.refused
    if prompt is not None:
        assert len(prompt.editor_nodes) < 1000
        json.dumps(prompt.posted)
        for widget in prompt.widgets:
            assert all(place.name in prompt.nodes[place.node_id].inputs for place in widget.targets)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(_PLACES), _VALUES), min_size=1, max_size=6))
def test_any_value_in_any_place(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    _converts(_changed(_WHOLE, changes))


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["a", "seed", "model"]),
        st.tuples(
            st.sampled_from(
                ["INT", "FLOAT", "COMBO", "STRING", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "COMFY_MATCHTYPE_V3"]
            ),
            st.dictionaries(
                st.sampled_from(
                    ["default", "options", "template", "min", "step", "widgetType", "control_after_generate"]
                ),
                _VALUES | st.just({"min": 10**9, "names": ["x"], "input": {"required": {"a": ["INT"]}}}),
            ),
        ).map(list),
    ),
    _VALUES,
)
def test_any_class(inputs: Json, values: Any) -> None:
    catalog = Catalog({"Any": node_class(inputs)})
    link = [[1, 2, 0, 1, 0, "INT"]]
    document = workflow(node(1, "Any", values, dict.fromkeys(inputs, 1)), node(2, "PrimitiveNode", values), links=link)
    _converts(document, catalog)


def test_any_json_in_place_of_a_workflow() -> None:
    for document in ({}, {"nodes": 3}, {"nodes": [[]], "links": [[]], "definitions": []}, {"links": {}, "extra": []}):
        prompt = convert(document, CATALOG, Report("hostile"))
        assert prompt is not None
        assert prompt.posted == {}
    assert convert({"nodes": [{"type": {}}]}, CATALOG, Report("hostile")) is None


def test_long_chains_and_wide_nodes_cost_what_they_are_long() -> None:
    count = 3000
    chain = [
        node(n, "Reroute", inputs=[{"name": "", "type": "*", "link": n}], outputs=[{"name": "", "links": []}])
        for n in range(2, count)
    ]
    links: list[list[Any]] = [[n, n - 1, 0, n, 0, "IMAGE"] for n in range(2, count + 1)]
    takers = [node(count + n, "SaveImage", ["x"], {"images": count + n}) for n in range(1, count)]
    links += [[count + n, count - 1, 0, count + n, 0, "IMAGE"] for n in range(1, count)]
    prompt = convert(
        {"version": 0.4, "nodes": [node(1, "Source"), *chain, *takers], "links": links}, CATALOG, Report("x")
    )
    assert prompt is not None
    assert all(prompt.nodes[str(count + n)].inputs["images"] == ["1", 0] for n in range(1, count))


def test_texts_of_many_braces() -> None:
    for text in ("{" * 5000, "{" * 5000 + "}" * 5000, "\\" * 5001, "/*" * 5000, "%" * 5000):
        _converts(workflow(node(1, "Text", [text]), node(2, "SaveImage", [text])))
