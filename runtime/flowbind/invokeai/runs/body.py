"""The body of `enqueue_batch` for one class, serialised once, with holes where values may change."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flowbind.binding import Binding
from flowbind.payload import Pieces, encode
from flowbind.transport.steps import Operation, Work
from flowbind.workflow import Workflow

QUEUE = "/api/v1/queue/default"
ORIGIN = "flowbind"
DESTINATION = "gallery"
BATCH_ID, RUNS, DATA = "batch_id", "runs", "data"
_BODY = "body"


@dataclass(frozen=True)
class Body:
    """The request of a class: its bytes, and the value that each slot has in the workflow (None: unset).

    `node_labels` maps node ids to what the workflow calls them, `node_types` to their types.
    """

    pieces: Pieces
    values: tuple[Any, ...]
    node_labels: Mapping[str, str]
    node_types: Mapping[str, str]


def body_of(workflow: type[Workflow[Any]]) -> Body:
    """Return the request of a generated class; read and built on first use."""
    binding = workflow.__flowbind__
    body: Body = binding.once(_BODY, lambda: _build(workflow.__module__, binding))
    return body


def load_body(workflow: type[Workflow[Any]]) -> Operation[None]:
    """Read and build the request of a class beside the event loop, once; then `body_of` has it at hand."""
    if _BODY not in workflow.__flowbind__.cache:
        yield Work(partial(body_of, workflow))


def _build(module: str, binding: Binding) -> Body:
    graph = json.loads(binding.read(module, binding.graph))
    stored = json.loads(binding.read(module, binding.workflow)) if binding.workflow else None
    slots: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, slot in enumerate(binding.slots):
        slots[slot.node][slot.field] = number
    pieces = Pieces()
    pieces.add(b'{"prepend":false,"batch":{"origin":' + encode(ORIGIN))
    pieces.add(b',"destination":' + encode(DESTINATION))
    pieces.add_hole(RUNS, b',"runs":', b"1")
    pieces.add_hole(BATCH_ID, b',"batch_id":', None)
    pieces.add_hole(DATA, b',"data":', None)
    pieces.add(b',"graph":')
    _add_graph(pieces, graph, slots)
    if stored is not None:
        pieces.add(b',"workflow":')
        _add_workflow(pieces, stored, slots)
    pieces.add(b"}}")
    nodes = graph["nodes"]
    labels = {n["id"]: n["data"]["label"] for n in (stored or {}).get("nodes", ()) if n["data"].get("label")}
    return Body(
        pieces,
        # Batch nodes are not in the graph.
        tuple(nodes[s.node].get(s.field) if s.node in nodes else None for s in binding.slots),
        {node_id: labels.get(node_id) or node["type"] for node_id, node in nodes.items()},
        {node_id: node["type"] for node_id, node in nodes.items()},
    )


def _add_graph(pieces: Pieces, graph: Mapping[str, Any], slots: Mapping[str, Mapping[str, int]]) -> None:
    pieces.add(b'{"nodes":{')
    for position, (node_id, node) in enumerate(graph["nodes"].items()):
        own = slots.get(node_id, {})
        pieces.add(b"," * bool(position) + encode(node_id) + b":")
        _add_object(pieces, {k: v for k, v in node.items() if k not in own}, node, own)
    pieces.add(b'},"edges":' + encode(graph["edges"]) + b"}")


def _add_workflow(pieces: Pieces, stored: Mapping[str, Any], slots: Mapping[str, Mapping[str, int]]) -> None:
    pieces.add(_unclosed({k: v for k, v in stored.items() if k != "nodes"}) + b',"nodes":[')
    for position, node in enumerate(stored["nodes"]):
        pieces.add(b"," * bool(position))
        inputs = node["data"].get("inputs") or {}
        own = {field: number for field, number in slots.get(node["id"], {}).items() if field in inputs}
        if not own:
            pieces.add(encode(node))
            continue
        data = {k: v for k, v in node["data"].items() if k != "inputs"}
        pieces.add(_unclosed({k: v for k, v in node.items() if k != "data"}) + b',"data":' + _unclosed(data))
        pieces.add(b',"inputs":{')
        for place, (name, entry) in enumerate(inputs.items()):
            pieces.add(b"," * bool(place) + encode(name) + b":")
            slot = {"value": own[name]} if name in own else {}
            _add_object(pieces, {k: v for k, v in entry.items() if k not in slot}, entry, slot)
        pieces.add(b"}}}")
    pieces.add(b"]}")


def _add_object(pieces: Pieces, fixed: Mapping[str, Any], whole: Mapping[str, Any], holes: Mapping[str, int]) -> None:
    """Add an object whose fixed members come first, so that each hole can bring its own comma."""
    pieces.add(_unclosed(fixed))
    for name, slot in holes.items():
        pieces.add_hole(slot, b"," + encode(name) + b":", encode(whole[name]) if name in whole else None)
    pieces.add(b"}")


def _unclosed(members: Mapping[str, Any]) -> bytes:
    return encode(members)[:-1]
