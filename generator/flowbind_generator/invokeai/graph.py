"""The graph that the editor posts for a workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.connect import Wires
from flowbind_generator.invokeai.document import MISSING, Edge, Workflow
from flowbind_generator.invokeai.node_types import CALLEE_INPUT, InputField


def graph_edges(workflow: Workflow, wires: Wires) -> list[Edge]:
    """Return the edges between nodes that run: connectors are looked through, repetitions dropped."""
    running = {n.id for n in workflow.nodes if n.runs}
    found: dict[tuple[str, str, str, str], Edge] = {}
    for edge in wires.edges:
        start = wires.source(edge)
        if start and start.source in running and edge.target in running:
            found.setdefault((start.source, start.source_field, start.target, start.target_field), start)
    return list(found.values())


def build_graph(workflow: Workflow, edges: Sequence[Edge], catalog: Catalog) -> dict[str, Any]:
    """Return the graph: nodes with their values, and the edges.

    A value is left out where an edge feeds the input (the server would check it all the same) and where it is unset.
    Boards `auto` and `none` are left out: what they mean is kept by the page, not by the workflow.
    """
    fed = {(e.target, e.target_field) for e in edges}
    nodes: dict[str, Any] = {}
    for node in workflow.nodes:
        node_type = catalog.get(node.type) if node.runs else None
        if node_type is None:
            continue
        values = {
            name: entry.value
            for name, entry in node.inputs.items()
            if entry.value is not MISSING
            and (node.id, name) not in fed
            and not _is_no_board(node_type.inputs.get(name), entry.value)
        }
        if node.type == "call_saved_workflow":
            values = _callee_inputs(values)
        nodes[node.id] = {
            **values,
            "id": node.id,
            "type": node.type,
            "use_cache": node.use_cache,
            "is_intermediate": node.is_intermediate,
        }
    return {
        "nodes": nodes,
        "edges": [
            {
                "source": {"node_id": e.source, "field": e.source_field},
                "destination": {"node_id": e.target, "field": e.target_field},
            }
            for e in edges
        ],
    }


def _is_no_board(field: InputField | None, value: Any) -> bool:
    """Tell whether a value of a board input means "where the page puts it" or "on no board"."""
    return field is not None and field.type.name == "BoardField" and value in ("auto", "none")


def _callee_inputs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Gather the inputs of the called workflow where the server looks for them."""
    own = {k: v for k, v in values.items() if not k.startswith(CALLEE_INPUT) and k != "workflow_inputs"}
    return {**own, "workflow_inputs": {k: v for k, v in values.items() if k.startswith(CALLEE_INPUT)}}
