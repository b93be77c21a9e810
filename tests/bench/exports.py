"""Exports of any size, made up: chains of sums and of joined texts, some of whose values are in the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_EMPTY = dict.fromkeys(("author", "description", "version", "contact", "tags", "notes"), "")
# Type, version, the input that takes what the node before gives, the one that the form offers, and its value.
_KINDS: Sequence[tuple[str, str, str, str, Any]] = (
    ("add", "1.0.1", "a", "b", 3),
    ("string_join", "1.0.1", "string_left", "string_right", "at dusk"),
    ("float_math", "1.0.1", "a", "b", 0.5),
)


def made_export(nodes: int, inputs: int) -> dict[str, Any]:
    """Return an export of so many nodes, of which the first so many have an input in the form.

    It is in a format that InvokeAI 5 to 6.14 and its clients read.
    """
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(nodes)]
    elements: dict[str, Any] = {
        f"field-{number}": {
            "id": f"field-{number}",
            "type": "node-field",
            "parentId": "root",
            "data": {
                "fieldIdentifier": {"nodeId": ids[number], "fieldName": _kind(number)[3]},
                "showDescription": False,
            },
        }
        for number in range(inputs)
    }
    root = {"layout": "column", "children": list(elements)}
    elements["root"] = {"id": "root", "type": "container", "data": root}
    return {
        "name": f"{nodes} nodes",
        **_EMPTY,
        "meta": {"version": "3.0.0", "category": "user"},
        "exposedFields": [],
        "nodes": [_node(ids[number], number) for number in range(nodes)],
        "edges": [_edge(ids, number) for number in range(len(_KINDS), nodes)],
        "form": {"elements": elements, "rootElementId": "root"},
    }


def new_values(inputs: int, number: int = 1) -> list[Any]:
    """Return a value for each input of such an export, in the form's order; others for each number."""
    return [_kind(place)[4] * (number + 1) for place in range(inputs)]


def _kind(number: int) -> tuple[str, str, str, str, Any]:
    return _KINDS[number % len(_KINDS)]


def _node(node_id: str, number: int) -> dict[str, Any]:
    kind, version, fed, offered, value = _kind(number)
    held = {fed: value, offered: value} | ({"operation": "ADD"} if kind == "float_math" else {})
    return {
        "id": node_id,
        "type": "invocation",
        "position": {"x": number * 400, "y": 0},
        "data": {
            "id": node_id,
            "type": kind,
            "version": version,
            "nodePack": "invokeai",
            "label": f"Step {number}",
            "notes": "",
            "isOpen": True,
            "isIntermediate": True,
            "useCache": True,
            "inputs": {
                name: {"name": name, "label": f"Value {number}", "description": "", "value": own}
                for name, own in held.items()
            },
        },
    }


def _edge(ids: Sequence[str], number: int) -> dict[str, Any]:
    source, target = ids[number - len(_KINDS)], ids[number]
    ends = {"source": source, "target": target, "sourceHandle": "value", "targetHandle": _kind(number)[2]}
    return {"id": f"edge-{number}", "type": "default", **ends}
