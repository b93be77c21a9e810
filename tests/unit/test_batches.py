"""Batch nodes: what they feed, how they are grouped, and what keeps one from running."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.shipped import shipped_document

from .batch_exports import Document, batch, batched, batches_of, generator, widths
from .exports import codes, connector, edge, loaded, node, only, picture, refused, resolved, workflow

COUNTED = {"type": "integer_generator_arithmetic_sequence", "start": 8, "step": 8, "count": 3}


def targets(document: Document, catalog: Catalog) -> list[tuple[str, ...]]:
    """Return what the batches feed, each target written "node.field"."""
    return [tuple(f"{n}.{f}" for n, f in b.targets) for b in batches_of(document, catalog)]


def test_a_batch_feeds_all_that_its_output_leads_to(catalog: Catalog) -> None:
    document = batched(batch("b", "integer", [8, 16]), edges=["b.value>p.width", "b.value>p.height", "b.value>s.value"])
    assert targets(document, catalog) == [("p.width", "p.height", "s.value")]


def test_connectors_are_looked_through(catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [8, 16]),
        connector("c"),
        connector("d"),
        edges=["b.value>c.in", "c.out>d.in", "d.out>p.width", "c.out>p.height"],
    )
    assert targets(document, catalog) == [("p.width", "p.height")]


def test_two_ways_to_one_input_are_one_target(catalog: Catalog) -> None:
    document = workflow(
        batch("b", "integer", [8, 16]),
        connector("c"),
        node("l", "collect"),
        picture(),
        edges=[edge("b.value", "c.in"), edge("b.value", "l.item"), edge("c.out", "l.item")],
    )
    assert targets(document, catalog) == [("l.item",)]


def test_batch_nodes_are_not_in_the_graph_and_the_literal_stays(catalog: Catalog) -> None:
    document = workflow(
        batch("b", "integer"),
        generator("g", COUNTED),
        connector("c"),
        picture(width=48),
        edges=[edge("g.integers", "b.integers"), edge("b.value", "c.in"), edge("c.out", "p.width")],
    )
    found, report = loaded(document, catalog)
    assert codes(report) == []
    assert list(found.graph["nodes"]) == ["p"]
    assert found.graph["nodes"]["p"]["width"] == 48
    assert found.graph["edges"] == []


def test_a_picture_beneath_a_batch_is_not_looked_up(catalog: Catalog) -> None:
    resize = node("r", "img_resize", {"image": {"image_name": "gone.png"}})
    document = batched(batch("b", "image", [{"image_name": "a.png"}]), resize, edges=["b.image>r.image"])
    module, _ = resolved(document, catalog)
    assert module.graph["nodes"]["r"]["image"] == {"image_name": "gone.png"}
    assert module.references == ()


@pytest.mark.parametrize("group", ["None", "Group 1", "Group 5"])
def test_the_group_is_the_editors(group: str, catalog: Catalog) -> None:
    (found,) = batches_of(widths([8], group=group), catalog)
    assert found.group == (None if group == "None" else group)


@pytest.mark.parametrize(("group", "name"), [(..., ""), ("Group 9", "Group 9"), ("", ""), ("none", "none"), (5, "5")])
def test_what_is_no_group_is_one_all_the_same(group: Any, name: str, catalog: Catalog) -> None:
    (found,) = batches_of(widths([8], group=group), catalog)
    assert found.group == name


def test_batches_are_in_the_order_of_the_nodes(catalog: Catalog) -> None:
    document = batched(
        batch("z", "integer", [8], group="Group 2"),
        batch("a", "string", ["x"], group="None"),
        batch("m", "integer", [8], group="Group 2"),
        edges=["m.value>p.height", "a.value>s.value", "z.value>p.width"],
    )
    assert [b.node_id for b in batches_of(document, catalog)] == ["z", "a", "m"]


def test_a_batch_that_is_not_connected_refuses_the_workflow(catalog: Catalog) -> None:
    found = only(refused(batched(batch("b", "integer", [8], label="Widths"), edges=[]), catalog), "FB305")
    assert (found.severity, found.pointer, found.node_label) == ("error", "/nodes/0", "Widths")
    assert "not connected" in found.message


@pytest.mark.parametrize(
    "edges",
    [["b.width>p.width"], ["b.width>p.width", "b.height>p.height"], ["b.image>c.in"]],
    ids=["width", "width and height", "a connector that leads nowhere"],
)
def test_a_batch_whose_items_nothing_takes_has_no_effect(edges: list[str], catalog: Catalog) -> None:
    document = batched(batch("b", "image", [{"image_name": "a.png"}]), connector("c"), edges=edges)
    module, report = resolved(document, catalog)
    found = only(report, "FB305")
    assert found.severity == "warning"
    assert "Nothing takes the items" in found.message
    assert module.batches == ()
    assert module.inputs == ()
    assert module.base_class == "InvokeAIWorkflow"


def test_lists_of_a_group_that_differ_in_length_are_told(catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer", [8, 16, 24], group="Group 1"),
        batch("b", "integer", [8, 16], group="Group 1", label="Heights"),
        batch("c", "string", ["x"], group="None"),
        edges=["a.value>p.width", "b.value>p.height", "c.value>s.value"],
    )
    module, report = resolved(document, catalog)
    found = only(report, "FB305")
    assert (found.severity, found.pointer, found.node_label) == ("warning", "/nodes/1", "Heights")
    assert 'of "Group 1" advance together, but have 3 and 2 items' in found.message
    assert len(module.batches) == 3


def test_two_batches_into_one_input_are_refused(catalog: Catalog) -> None:
    document = workflow(
        batch("a", "integer", [8]),
        batch("b", "integer", [16], label="Second"),
        node("l", "collect"),
        picture(),
        edges=[edge("a.value", "l.item"), edge("b.value", "l.item")],
    )
    (found,) = (d for d in refused(document, catalog) if d.severity == "error")
    assert (found.code, found.pointer, found.node_label) == ("FB305", "/nodes/1", "Second")
    assert 'Two batches feed the input "item"' in found.message


def test_a_second_edge_into_a_single_input_is_dropped(catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer", [8]),
        batch("b", "integer", [16]),
        edges=["a.value>p.width", "b.value>p.width", "b.value>p.height"],
    )
    module, report = resolved(document, catalog)
    assert codes(report) == ["FB302"]
    assert [b.targets for b in module.batches] == [(("p", "width"),), (("p", "height"),)]


@pytest.mark.parametrize("start", ["b", "c"])
def test_a_generator_gives_the_items_also_through_a_connector(start: str, catalog: Catalog) -> None:
    by = ["g.integers>b.integers"] if start == "b" else ["g.integers>c.in", "c.out>b.integers"]
    document = batched(
        batch("b", "integer", [5]), generator("g", COUNTED), connector("c"), edges=[*by, "b.value>p.width"]
    )
    module, report = resolved(document, catalog)
    assert codes(report) == []
    (found,) = module.inputs
    assert (found.field_name, found.default, found.required) == ("integers", [8, 16, 24], False)


@pytest.mark.parametrize(
    "saved",
    [
        {"type": "integer_generator_arithmetic_sequence", "start": 1, "step": 1, "count": 10_001},
        {"type": "integer_generator_linear_distribution", "start": 1, "end": 1, "count": 10_001},
        {"type": "integer_generator_random_distribution_uniform", "min": 1, "max": 9, "count": 10_001, "seed": 1},
        {"type": "integer_generator_random_distribution_uniform", "min": 1, "max": 9, "count": 10_001},
        {"type": "integer_generator_parse_string", "input": "1," * 10_001, "splitOn": ","},
        {"type": "float_generator_parse_string", "input": "1", "splitOn": ",", "values": [0.5] * 10_001},
        {"type": "string_generator_dynamic_prompts_combinatorial", "input": "{a|b}", "maxPrompts": 10_001},
        {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 10_001},
    ],
    ids=lambda saved: f"{saved['type']}{' seeded' * ('seed' in saved)}",
)
def test_more_values_than_a_queue_takes_are_refused(saved: dict[str, Any], catalog: Catalog) -> None:
    kind = saved["type"].partition("_")[0]
    list_name, target = {"integer": "integers", "float": "floats", "string": "strings"}[kind], "s.value"
    document = batched(
        batch("b", kind),
        generator("g", saved, label="Many"),
        edges=[f"g.{list_name}>b.{list_name}", f"b.value>{target}"],
    )
    found = only(refused(document, catalog), "FB305")
    assert (found.pointer, found.node_label) == ("/nodes/1/data/inputs/generator/value", "Many")
    assert "10,001 values" in found.message


@pytest.mark.parametrize("saved", [5, "ab", True, {"image_name": "a.png"}])
def test_items_that_are_no_list_are_in_no_groups_way(saved: Any, catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer", saved, group="Group 1"),
        batch("b", "integer", [8, 16], group="Group 1"),
        edges=["a.value>p.width", "b.value>p.height"],
    )
    module, report = resolved(document, catalog)
    assert "it is no list" in only(report, "FB204").message
    assert [i.required for i in module.inputs] == [True, False]


def test_a_collector_takes_no_items(catalog: Catalog) -> None:
    document = workflow(
        batch("b", "integer", [8, 16]),
        node("n", "integer", {"value": 1}),
        node("l", "collect"),
        edges=[edge("n.value", "l.item"), edge("b.value", "l.item")],
    )
    found = only(loaded(document, catalog)[1], "FB305")
    assert (found.severity, found.pointer) == ("warning", "/nodes/0")
    assert "feeds a collector" in found.message


def test_a_document_without_the_items_is_told() -> None:
    document = json.loads(gzip.decompress(shipped_document()))
    del document["components"]["schemas"]["IntegerBatchInvocation"]["properties"]["integers"]
    assert codes(refused(widths([8]), Catalog(document))) == ["FB303", "FB305"]
