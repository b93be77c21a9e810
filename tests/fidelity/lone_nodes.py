"""Workflows of one node, whose form shows all that it can; batch nodes get what they need to run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .building import Built, build
from .documents import Release
from .reading import exposed_names

LONE = "lone"
"""The id of the node."""


# Those of the last nodes alone, because a class is large.
@lru_cache(maxsize=8)
def alone(release: Release, node_type: str) -> Built:
    """Return what flowbind makes of one node, not intermediate, with no values and no edges of its own."""
    names = exposed_names(release, node_type)
    workflow: dict[str, Any] = {
        **dict.fromkeys(("name", "author", "description", "version", "contact", "tags", "notes"), ""),
        "meta": {"version": "4.0.0", "category": "user"},
        "exposedFields": [],
        "nodes": [_node(release, LONE, node_type, names)],
        "edges": [],
        "form": _form(names),
    }
    kind, _, role = node_type.rpartition("_")
    if role in ("batch", "generator"):
        _feed(workflow, release, kind, role)
    return build(json.dumps(workflow).encode(), release.catalog, node_type)


def _feed(workflow: dict[str, Any], release: Release, kind: str, role: str) -> None:
    """Have a batch node feed a node that takes any value; and a generator, a batch node that does."""
    batch = LONE if role == "batch" else "batch"
    target = "image" if kind == "image" else "value"
    if role == "generator":
        (items,) = release.outputs(f"{kind}_generator")
        workflow["nodes"].append(_node(release, batch, f"{kind}_batch", ()))
        workflow["edges"].append(_edge(LONE, items, batch, items))
    workflow["nodes"].append(_node(release, "target", kind, ()))
    workflow["edges"].append(_edge(batch, target, "target", target))


def _node(release: Release, node_id: str, node_type: str, fields: Iterable[str]) -> dict[str, Any]:
    data = {
        "id": node_id,
        "type": node_type,
        # Of another version, the editor would give it values.
        "version": release.nodes[node_type].get("version", "1.0.0"),
        "label": "",
        "notes": "",
        "isOpen": True,
        "isIntermediate": False,
        "useCache": True,
        "inputs": {name: {"name": name, "label": "", "description": ""} for name in fields},
    }
    return {"id": node_id, "type": "invocation", "position": {"x": 0, "y": 0}, "data": data}


def _edge(source: str, output: str, target: str, name: str) -> dict[str, Any]:
    ends = {"source": source, "sourceHandle": output, "target": target, "targetHandle": name}
    return {"id": f"{source}-{target}", "type": "default", **ends}


def _form(fields: Iterable[str]) -> dict[str, Any]:
    shown = {
        f"element-{name}": {
            "id": f"element-{name}",
            "type": "node-field",
            "parentId": "root",
            "data": {"fieldIdentifier": {"nodeId": LONE, "fieldName": name}, "showDescription": False},
        }
        for name in fields
    }
    root = {"id": "root", "type": "container", "data": {"layout": "column", "children": list(shown)}}
    return {"rootElementId": "root", "elements": {"root": root, **shown}}
