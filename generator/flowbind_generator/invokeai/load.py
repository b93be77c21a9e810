"""From the bytes of an export to the workflow, its edges and its graph, as the editor would have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.batches import Batch, find_batches
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.connect import kept_edges
from flowbind_generator.invokeai.document import Edge, Workflow
from flowbind_generator.invokeai.export import read_export
from flowbind_generator.invokeai.form import FormField, form_fields
from flowbind_generator.invokeai.graph import build_graph, graph_edges
from flowbind_generator.invokeai.migrate import migrate
from flowbind_generator.invokeai.update import update_nodes
from flowbind_generator.pointers import json_pointer


@dataclass(frozen=True)
class Loaded:
    """A workflow fit to run.

    `root` are the keys that lead to it in the file. `edges` are those of the graph; `wired` are the inputs with an
    edge, be it from a batch, or from a connector that nothing feeds.
    """

    workflow: Workflow
    root: tuple[str, ...]
    edges: tuple[Edge, ...]
    wired: frozenset[tuple[str, str]]
    fields: tuple[FormField, ...]
    batches: tuple[Batch, ...]
    graph: dict[str, Any]

    @cached_property
    def batched(self) -> frozenset[tuple[str, str]]:
        """The inputs that take their values from batches, by node id and field name."""
        return frozenset((t.node_id, t.field_name) for batch in self.batches for t in batch.targets)


def load(data: bytes, catalog: Catalog, report: Report) -> Loaded | None:
    """Read an export; None when the report refuses it."""
    read = read_export(data, report)
    if read is None:
        return None
    saved, root = read
    report = report.within(json_pointer(root))
    workflow = migrate(saved, catalog, report)
    if workflow is None:
        return None
    _refuse_unknown_nodes(workflow, catalog, report)
    if report.refused:
        return None
    wires = kept_edges(workflow, catalog, report)
    workflow = update_nodes(workflow, wires.edges, catalog, report)
    fields = form_fields(workflow, report)
    batches = find_batches(workflow, wires, catalog, report)
    edges = graph_edges(workflow, wires)
    wired = frozenset((e.target, e.target_field) for e in wires.edges)
    graph = build_graph(workflow, edges, catalog)
    if not graph["nodes"]:
        report.error(
            "FB306", "No node of the workflow runs.", "Add nodes in the editor and export again.", pointer="/nodes"
        )
    return None if report.refused else Loaded(workflow, root, tuple(edges), wired, tuple(fields), tuple(batches), graph)


def _refuse_unknown_nodes(workflow: Workflow, catalog: Catalog, report: Report) -> None:
    server = f"InvokeAI {catalog.app_version}" if catalog.app_version else "The server"
    for node in workflow.nodes:
        if node.kind != "invocation" or node.type in catalog:
            continue
        custom = node.node_pack not in {"", "invokeai", "Unknown"}
        cure = (
            f'Install the node pack "{node.node_pack}" on your server, then pin that server\'s own document with '
            "`flowbind spec pull URL`."
            if custom
            else "Replace the node in the editor by one that the server has and export again, or pin the document "
            "of the server that has it with `flowbind spec pull URL`."
        )
        report.error(
            "FB301",
            f'{server} has no node type "{node.type}".',
            cure,
            pointer=json_pointer((*node.path, "data", "type")),
            node_label=node.label or None,
        )
