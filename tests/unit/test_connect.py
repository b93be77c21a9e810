"""Edges are checked in file order, as the editor does it; connectors are looked through."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbind.invokeai.schema.field_types import FieldType
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.connect import Wires, fits
from flowbind_generator.invokeai.document import Edge, Node
from flowbind_generator.invokeai.engine import shipped_catalog
from flowbind_generator.invokeai.load import load

from .exports import FILE, as_bytes, codes, connector, edge, loaded, node, notes, only, picture, workflow

CATALOG = shipped_catalog()
NODES = [
    picture(width=64),
    node("i", "integer", {"value": 1}),
    node("j", "integer", {"value": 2}),
    node("a", "add", {"a": 3, "b": 4}),
    node("s", "string", {"value": "x"}),
    node("r", "range"),
    node("t", "iterate"),
    node("k", "collect"),
    node("l", "collect"),
    node("f", "if"),
    node("v", "save_image", {"board": "auto"}),
    notes("m"),
    connector("c"),
    connector("d"),
]


def wires(*edges: tuple[str, str], catalog: Catalog = CATALOG) -> tuple[list[str], Report]:
    """Return the edges of the graph, written "node.field -> node.field", and what was found."""
    found, report = loaded(workflow(*NODES, edges=[edge(*e) for e in edges]), catalog)
    ends = ((e["source"], e["destination"]) for e in found.graph["edges"])
    return [f"{s['node_id']}.{s['field']} -> {d['node_id']}.{d['field']}" for s, d in ends], report


def refusal(*edges: tuple[str, str]) -> str:
    """Return why the last edge is left out; the others are kept."""
    _, report = wires(*edges)
    found = only(report, "FB302")
    assert found.severity == "warning"
    assert found.pointer == f"/edges/{len(edges) - 1}"
    return found.message


@pytest.mark.parametrize(
    ("edges", "reason"),
    [
        ([("x.value", "p.width")], "there is no node x"),
        ([("i.value", "x.width")], "there is no node x"),
        ([("a.value", "a.a")], "a node cannot feed itself"),
        ([("i.value", "a.a"), ("i.value", "a.a")], "it stands in the file twice"),
        ([("i.nothing", "a.a")], '"integer" has no output "nothing"'),
        ([("i.value", "a.nothing")], '"add" has no input "nothing"'),
        ([("m.value", "a.a")], "a note has no inputs or outputs"),
        ([("i.value", "m.value")], "a note has no inputs or outputs"),
        ([("i.value", "v.board")], 'the input "board" takes no connection'),
        ([("i.value", "a.a"), ("j.value", "a.a")], 'the input "a" is already fed'),
        ([("s.value", "a.a")], "StringField does not fit IntegerField"),
        ([("r.collection", "a.a")], "list of IntegerField does not fit IntegerField"),
        ([("a.value", "i.value"), ("i.value", "a.a")], "it would close a cycle"),
        ([("i.value", "k.item"), ("s.value", "k.item")], "a collection holds items of one type"),
        (
            [("i.value", "k.item"), ("s.value", "l.item"), ("k.collection", "l.collection")],
            "a collection holds items of one type",
        ),
        ([("i.value", "f.true_input"), ("p.image", "f.false_input")], "the two branches have different types"),
        ([("p.image", "f.true_input"), ("f.value", "a.a")], "does not fit IntegerField"),
        ([("c.nothing", "a.a")], 'a connector has no output "nothing"'),
        ([("i.value", "c.nothing")], 'a connector has no input "nothing"'),
        ([("i.value", "c.in"), ("j.value", "c.in")], "the connector is already fed"),
        ([("s.value", "c.in"), ("c.out", "a.a")], "StringField does not fit IntegerField"),
        ([("c.out", "a.a"), ("s.value", "c.in")], "StringField does not fit IntegerField"),
        ([("c.out", "a.a"), ("c.out", "v.image")], "the types of what the connector feeds differ"),
        ([("c.out", "d.in"), ("d.out", "c.in")], "it would close a cycle"),
        ([("a.value", "c.in"), ("c.out", "a.a")], "it would close a cycle"),
    ],
)
def test_an_edge_that_does_not_fit_is_left_out(edges: list[tuple[str, str]], reason: str) -> None:
    assert reason in refusal(*edges)


def test_the_first_of_two_edges_wins() -> None:
    kept, _ = wires(("j.value", "a.a"), ("i.value", "a.a"))
    assert kept == ["j.value -> a.a"]


def test_a_left_out_edge_leaves_the_literal(catalog: Catalog) -> None:
    found, _ = loaded(workflow(*NODES, edges=[edge("s.value", "a.a")]), catalog)
    assert found.graph["nodes"]["a"]["a"] == 3


def test_a_refusal_names_the_node_by_its_label(catalog: Catalog) -> None:
    document = workflow(picture(), node("s", "string"), node("a", "add", label="Sum"), edges=[edge("s.value", "a.a")])
    _, report = loaded(document, catalog)
    assert only(report, "FB302").node_label == "Sum"


def test_many_edges_may_feed_a_collection() -> None:
    kept, report = wires(("i.value", "k.item"), ("j.value", "k.item"))
    assert kept == ["i.value -> k.item", "j.value -> k.item"]
    assert codes(report) == []


def test_a_chain_of_connectors_is_one_edge() -> None:
    kept, report = wires(("i.value", "c.in"), ("c.out", "d.in"), ("d.out", "a.a"), ("d.out", "a.b"))
    assert kept == ["i.value -> a.a", "i.value -> a.b"]
    assert codes(report) == []


def test_a_connector_may_be_fed_after_what_it_feeds() -> None:
    kept, _ = wires(("d.out", "a.a"), ("c.out", "d.in"), ("i.value", "c.in"))
    assert kept == ["i.value -> a.a"]


def test_two_ways_from_one_source_are_one_edge() -> None:
    kept, _ = wires(("i.value", "k.item"), ("i.value", "c.in"), ("c.out", "k.item"))
    assert kept == ["i.value -> k.item"]


def test_a_connector_that_nothing_feeds_leaves_the_literal(catalog: Catalog) -> None:
    found, report = loaded(workflow(*NODES, edges=[edge("c.out", "a.a")]), catalog)
    assert found.graph["edges"] == []
    assert found.graph["nodes"]["a"]["a"] == 3
    assert ("a", "a") in found.wired
    assert codes(report) == []


def test_connectors_in_a_circle_lead_nowhere() -> None:
    ends = [("c", "d"), ("d", "c"), ("c", "a")]
    circle = [Edge(s, "out", t, "a" if t == "a" else "in", i) for i, (s, t) in enumerate(ends)]
    nodes = [Node("c", "connector", 0), Node("d", "connector", 1), Node("a", "invocation", 2, type="add")]
    assert Wires(nodes, CATALOG, circle).source(circle[2]) is None


def test_inputs_of_a_called_workflow_take_edges(catalog: Catalog) -> None:
    name = "saved_workflow_input::n::f"
    wire = edge("i.value", "q.x") | {"targetHandle": name}
    document = workflow(picture(), node("i", "integer"), node("q", "call_saved_workflow"), edges=[wire])
    found, report = loaded(document, catalog)
    assert found.graph["edges"][0]["destination"]["field"] == name
    assert codes(report) == []


A, MANY, BOTH = FieldType("A"), FieldType("A", "list"), FieldType("A", "single_or_list")
ANY, ITEM, ITEMS = FieldType("AnyField"), FieldType("CollectionItemField"), FieldType("CollectionField", "list")
INT, FLOAT, TEXT = FieldType("IntegerField"), FieldType("FloatField"), FieldType("StringField")


@pytest.mark.parametrize(
    ("source", "target", "good"),
    [
        (A, A, True),
        (A, FieldType("B"), False),
        (A, MANY, False),
        (MANY, A, False),
        (A, BOTH, True),
        (MANY, BOTH, True),
        (A, ITEM, True),
        (MANY, ITEM, False),
        (ITEM, A, True),
        (ITEM, MANY, False),
        (MANY, ITEMS, True),
        (A, ITEMS, False),
        (ITEMS, MANY, True),
        (ITEMS, A, False),
        (INT, FLOAT, True),
        (INT, TEXT, True),
        (FLOAT, TEXT, True),
        (FLOAT, INT, False),
        (TEXT, INT, False),
        (MANY, ANY, True),
        (ANY, A, True),
        (ANY, MANY, False),
        (FieldType("A", batch=True), ANY, False),
    ],
)
def test_which_types_fit(source: FieldType, target: FieldType, good: bool) -> None:
    assert fits(source, target) is good


def test_a_field_that_the_document_renames_fits_by_its_shape() -> None:
    shape = FieldType("ModelIdentifierField")
    assert fits(shape, FieldType("SDXLMainModelField", original=shape))
    assert not fits(FieldType("FluxMainModelField"), FieldType("SDXLMainModelField"))


ENDS = {
    "out": ["p.image", "i.value", "a.value", "s.value", "r.collection", "t.item", "k.collection", "l.collection"],
    "in": ["p.width", "a.a", "a.b", "t.collection", "k.item", "l.item", "k.collection", "l.collection", "v.image"],
}
CONNECTED = st.tuples(
    st.sampled_from([*ENDS["out"], "f.value", "c.out", "d.out"]),
    st.sampled_from([*ENDS["in"], "f.true_input", "f.false_input", "c.in", "d.in"]),
)


@settings(max_examples=300)
@given(st.lists(CONNECTED, max_size=14))
def test_any_edges_give_a_graph_that_can_run(edges: list[tuple[str, str]]) -> None:
    document = workflow(*NODES, edges=[edge(*e) for e in edges])
    found = load(as_bytes(document), CATALOG, Report(FILE))
    assert found is not None
    graph: dict[str, Any] = found.graph
    before: dict[str, set[str]] = {n: set() for n in graph["nodes"]}
    fed: list[tuple[str, str]] = []
    for wire in graph["edges"]:
        start, end = wire["source"], wire["destination"]
        before[end["node_id"]].add(start["node_id"])
        fed.append((end["node_id"], end["field"]))
        assert end["field"] not in graph["nodes"][end["node_id"]]
    TopologicalSorter(before).prepare()  # raises for a cycle
    singles = [f for f in fed if f[1] != "item"]
    assert len(set(singles)) == len(singles)


class Counting(Wires):
    """Counts how often edges are looked up."""

    looks = 0

    def into(self, node_id: str, field: str) -> Sequence[Edge]:
        self.looks += 1
        return super().into(node_id, field)


def test_the_cost_of_a_chain_of_connectors_grows_with_its_length() -> None:
    length = 2000
    nodes = [Node("i", "invocation", 0, type="integer"), *(Node(f"c{n}", "connector", n) for n in range(length))]
    ends = [("i", "value", "c0"), *((f"c{n}", "out", f"c{n + 1}") for n in range(length - 1))]
    wires = Counting(nodes, CATALOG, cyclic=False)
    for position, (source, output, target) in enumerate(ends):
        edge = Edge(source, output, target, "in", position)
        assert wires.refusal(edge) is None
        wires.add(edge)
    last = wires.source(Edge(f"c{length - 1}", "out", "p", "width", length))
    assert last
    assert (last.source, last.source_field) == ("i", "value")
    assert wires.looks < 10 * length


def test_a_connector_that_is_fed_last_checks_what_hangs_on_it() -> None:
    fed = [("c.out", "p.width"), ("c.out", "p.height"), ("d.out", "c.in")]
    found, _ = wires(*fed, ("i.value", "d.in"))
    assert found == ["i.value -> p.width", "i.value -> p.height"]
    assert "does not fit" in refusal(*fed, ("s.value", "d.in"))
