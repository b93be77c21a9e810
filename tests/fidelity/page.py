"""What the page adds of its own state to what a workflow says: boards, the called workflow, the number of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module

from .building import build_record
from .shared import Record

# Nodes that the page does not post: it takes their lists into `batch.data` (contract, 2.3).
BATCH_TYPES = frozenset(
    f"{item}_{role}" for item in ("image", "string", "integer", "float") for role in ("batch", "generator")
)
# How a node that calls a saved workflow names the inputs of that workflow.
CALLEE_INPUT = "saved_workflow_input::"


def add_state(batch: dict[str, Any], module: Module, record: Record, catalog: Catalog) -> None:
    """Change a batch that flowbind made as the page would: by its settings, and by what the server has."""
    assert module.workflow is not None
    state = record.get("ui_state") or {}
    batch["runs"] *= state.get("iterations", 1)
    nodes = batch["graph"]["nodes"]
    for node in module.workflow["nodes"]:
        if node["id"] in nodes:
            _add_boards(node["data"], nodes[node["id"]], state, catalog)
            if node["data"]["type"] == "call_saved_workflow":
                _add_callee(nodes[node["id"]], batch["graph"]["edges"], record, catalog)


def _add_boards(data: Mapping[str, Any], sent: dict[str, Any], state: Mapping[str, Any], catalog: Catalog) -> None:
    """Forget a board that the server lacks; put what is `auto` on the page's own board."""
    own = state.get("autoAddBoardId", "none")
    for name in boards_of(data["type"], catalog):
        board = sent.get(name)
        if state and isinstance(board, dict) and board["board_id"] not in state["boards_on_server"]:
            del sent[name]
        if name not in sent and own != "none" and data["inputs"].get(name, {}).get("value") != "none":
            sent[name] = {"board_id": own}


def boards_of(node_type: str, catalog: Catalog) -> list[str]:
    """Return the inputs of a node type that are boards."""
    found = catalog.get(node_type)
    return [name for name, field in found.inputs.items() if field.type.name == "BoardField"] if found else []


def _add_callee(sent: dict[str, Any], edges: list[Any], record: Record, catalog: Catalog) -> None:
    """Give the called workflow its own values, as the page does."""
    callee = record.get("saved_workflow")
    if not callee or callee["id"] != sent.get("workflow_id"):
        return
    module = build_record({"name": "callee", "workflow": callee["workflow"]}, catalog).module
    assert module is not None
    fed = {e["destination"]["field"] for e in edges}
    for item in module.inputs:
        key = f"{CALLEE_INPUT}{item.node_id}::{item.field_name}"
        value = module.graph["nodes"][item.node_id].get(item.field_name)
        if item.index is not None and value is not None and key not in fed:
            sent["workflow_inputs"].setdefault(key, value)
