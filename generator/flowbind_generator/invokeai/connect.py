"""Which wires the editor keeps when it loads a workflow, and where those through connectors really begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

from flowbind.invokeai.schema.field_types import FieldType
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import Edge, Node, Workflow
from flowbind_generator.invokeai.node_types import CALLEE_INPUT
from flowbind_generator.invokeai.wires import EdgeIndex, has_cycle
from flowbind_generator.pointers import json_pointer

CONNECTOR_IN, CONNECTOR_OUT = "in", "out"
_WIDENS = {("IntegerField", "FloatField"), ("IntegerField", "StringField"), ("FloatField", "StringField")}
_IF_BRANCHES = {"true_input": "false_input", "false_input": "true_input"}


def kept_edges(workflow: Workflow, catalog: Catalog, report: Report) -> Wires:
    """Return the edges that fit, checked in file order against those already kept; the report names the others."""
    wires = Wires(workflow.nodes, catalog, cyclic=has_cycle(workflow.edges))
    for edge in workflow.edges:
        if (reason := wires.refusal(edge)) is None:
            wires.add(edge)
        else:
            target = workflow.node(edge.target)
            report.warning(
                "FB302",
                f"The edge {edge} is left out, as the editor would: {reason}.",
                "Connect the nodes anew in the editor and export again, if the connection matters.",
                pointer=json_pointer(("edges", edge.position)),
                node_label=(target.label or None) if target else None,
            )
    return wires


class Wires(EdgeIndex):
    """The edges of a workflow, and what the editor derives from them.

    `cyclic` tells whether the file's edges close a cycle at all: only then each one has to be followed.
    """

    def __init__(
        self, nodes: Iterable[Node], catalog: Catalog, edges: Iterable[Edge] = (), *, cyclic: bool = True
    ) -> None:
        super().__init__(edges)
        self._catalog = catalog
        self._cyclic = cyclic
        self._begins: dict[str, Edge] = {}
        self._firsts: dict[str, str] = {}
        self._nodes: dict[str, Node] = {}
        for node in nodes:
            self._nodes.setdefault(node.id, node)

    def source(self, edge: Edge) -> Edge | None:
        """Return the edge as it begins at a node that runs, or None where its connectors lead nowhere."""
        node = self._nodes.get(edge.source)
        if node is None or node.kind != "connector":
            return edge if node and node.kind == "invocation" else None
        begin = self._begin(node.id)
        return replace(edge, source=begin.source, source_field=begin.source_field) if begin else None

    def without(self, edges: Iterable[Edge]) -> Self:
        view = super().without(edges)
        view._begins, view._firsts = {}, {}
        return view

    def _begin(self, connector: str) -> Edge | None:
        """Return the edge from a node that runs to which a connector leads back; it stays when edges are added."""
        seen: set[str] = set()
        while connector not in self._begins:
            into = None if connector in seen else self.first_into(connector, CONNECTOR_IN)
            node = self._nodes.get(into.source) if into else None
            if into is None or node is None or node.kind == "notes":
                # Further edges may only be added there, so a long chain is not walked again for each.
                self._firsts |= dict.fromkeys(seen, connector)
                return None
            seen.add(connector)
            if node.kind == "invocation":
                self._begins[connector] = into
            else:
                connector = self._firsts.get(node.id, node.id)
        begin = self._begins[connector]
        self._begins |= dict.fromkeys(seen, begin)
        return begin

    def refusal(self, edge: Edge) -> str | None:
        """Return why the editor would delete an edge, or None when it keeps it."""
        source, target = self._nodes.get(edge.source), self._nodes.get(edge.target)
        if source is None or target is None:
            return f"there is no node {edge.target if source else edge.source}"
        if source is target:
            return "a node cannot feed itself"
        if self.has(edge):
            return "it stands in the file twice"
        if reason := self._bad_ends(edge, source, target):
            return reason
        closes_cycle = self._cyclic and self.reaches(edge.target, edge.source)
        return "it would close a cycle" if closes_cycle else None

    def _bad_ends(self, edge: Edge, source: Node, target: Node) -> str | None:
        start = self.source(edge)
        if source.kind == "connector" and edge.source_field != CONNECTOR_OUT:
            return f'a connector has no output "{edge.source_field}"'
        output = self._output_type(start) if start else None
        if start and output is None:
            return f'"{self._nodes[start.source].type}" has no output "{start.source_field}"'
        if source.kind == "notes" or target.kind == "notes":
            return "a note has no inputs or outputs"
        if target.kind == "connector":
            return self._bad_connector(edge, target)
        target_type = self._catalog.get(target.type)
        field = target_type.inputs.get(edge.target_field) if target_type else None
        if field is None:
            if target.type == "call_saved_workflow" and edge.target_field.startswith(CALLEE_INPUT):
                return None
            return f'"{target.type}" has no input "{edge.target_field}"'
        if field.connects == "direct":
            return f'the input "{edge.target_field}" takes no connection'
        if start is None or output is None:
            return self._bad_open_end(edge, field.type)
        return self._bad_types(start, output, target, edge, field.type)

    def _bad_connector(self, edge: Edge, target: Node) -> str | None:
        if edge.target_field != CONNECTOR_IN:
            return f'a connector has no input "{edge.target_field}"'
        if self.into(target.id, CONNECTOR_IN):
            return "the connector is already fed"
        if self.source(edge) is None:
            return None
        beyond = self._connector_edges(target.id)
        others = self.without(beyond)
        for end in beyond:
            if self._nodes[end.target].kind == "invocation":
                direct = replace(edge, target=end.target, target_field=end.target_field)
                if reason := others.refusal(direct):
                    return reason
        return None

    def _bad_open_end(self, edge: Edge, wanted: FieldType) -> str | None:
        """Check an edge from a connector that nothing feeds: all that hang on it must fit together."""
        for end in self._connector_edges(edge.source):
            node = self._nodes[end.target]
            if node.kind != "invocation" or (end.target, end.target_field) == (edge.target, edge.target_field):
                continue
            node_type = self._catalog.get(node.type)
            field = node_type.inputs.get(end.target_field) if node_type else None
            if field is None or not _either_way(field.type, wanted):
                return "the types of what the connector feeds differ"
        return None

    def _bad_types(self, start: Edge, output: FieldType, target: Node, edge: Edge, wanted: FieldType) -> str | None:
        if target.type == "collect" and edge.target_field == "item":
            held = self._collected_type(target.id, set())
            if held and not output.same_as(held):
                return "a collection holds items of one type"
        if self._is_collect(start) and target.type == "collect" and edge.target_field == "collection":
            first, second = self._collected_type(start.source, set()), self._collected_type(target.id, set())
            if first and second and not first.same_as(second):
                return "a collection holds items of one type"
        if target.type == "if" and edge.target_field in _IF_BRANCHES and not self._fits_other_branch(output, edge):
            return "the two branches have different types"
        fed = self.into(edge.target, edge.target_field)
        if fed and wanted.name != "CollectionItemField":
            return f'the input "{edge.target_field}" is already fed'
        offered = self._if_types(start) or [output]
        if not all(fits(o, wanted) for o in offered):
            return f"{_describe(output)} does not fit {_describe(wanted)}"
        return None

    def _fits_other_branch(self, output: FieldType, edge: Edge) -> bool:
        other = _IF_BRANCHES[edge.target_field]
        sibling = self.first_into(edge.target, other)
        if sibling is None:
            return True
        start = self.source(sibling)
        other_type = self._output_type(start) if start else None
        return other_type is not None and _either_way(output, other_type)

    def _if_types(self, start: Edge) -> list[FieldType]:
        """Return what an `if` node may give: the types of its branches."""
        if self._nodes[start.source].type != "if" or start.source_field != "value":
            return []
        begins = [self.source(e) for branch in _IF_BRANCHES for e in self.into(start.source, branch)]
        return [kind for b in begins if b and (kind := self._output_type(b))]

    def _is_collect(self, edge: Edge) -> bool:
        return self._nodes[edge.source].type == "collect" and edge.source_field == "collection"

    def _collected_type(self, node_id: str, seen: set[str]) -> FieldType | None:
        if node_id in seen:
            return None
        seen.add(node_id)
        for name in ("item", "collection"):
            edge = self.first_into(node_id, name)
            if edge is None:
                continue
            node = self._nodes.get(edge.source)
            if name == "collection" and node and self._is_collect(edge):
                return self._collected_type(node.id, seen)
            kind = self._output_type(edge) if node and node.kind == "invocation" else None
            return None if kind is None or kind.name == "CollectionField" else replace(kind, cardinality="single")
        return None

    def _output_type(self, edge: Edge) -> FieldType | None:
        node_type = self._catalog.get(self._nodes[edge.source].type)
        output = node_type.outputs.get(edge.source_field) if node_type else None
        return output.type if output else None

    def _connector_edges(self, connector: str) -> list[Edge]:
        """Return all edges behind a connector, through further connectors."""
        found: list[Edge] = []
        todo, seen = [connector], {connector}
        while todo:
            current = todo.pop()
            for edge in self.leaving(current):
                if edge.source_field == CONNECTOR_OUT:
                    found.append(edge)
                    if self._nodes[edge.target].kind == "connector" and edge.target not in seen:
                        seen.add(edge.target)
                        todo.append(edge.target)
        return found


def fits(source: FieldType, target: FieldType) -> bool:
    """Tell whether an output of one type may feed an input of another (the editor's rules)."""
    if source.same_as(target):
        return True
    if source.batch != target.batch:
        return False
    cardinality_fits = target.cardinality in {source.cardinality, "single_or_list"}
    return (
        (source.name == "CollectionItemField" and target.cardinality != "list")
        or (source.cardinality == "single" and target.name == "CollectionItemField")
        or (target.cardinality == "single_or_list" and source.name == target.name)
        or (source.name == "CollectionField" and target.cardinality != "single")
        or (target.name == "CollectionField" and source.cardinality == "list")
        or (cardinality_fits and (source.name, target.name) in _WIDENS)
        or target.name == "AnyField"
        or (cardinality_fits and source.name == "AnyField")
    )


def _either_way(first: FieldType, second: FieldType) -> bool:
    one_and_many = {first.cardinality, second.cardinality} == {"single", "list"}
    same = first.name == second.name and first.batch == second.batch and one_and_many
    return fits(first, second) or fits(second, first) or same


def _describe(kind: FieldType) -> str:
    many = "" if kind.cardinality == "single" else f"{kind.cardinality} of "
    return f"{many}{kind.name}{' for a batch' if kind.batch else ''}"
