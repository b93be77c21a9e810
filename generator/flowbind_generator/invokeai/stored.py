"""The workflow that is stored with each picture, as the editor would post it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind_generator.invokeai.document import MISSING, Node, Workflow
from flowbind_generator.invokeai.form import mended_form

_TEXTS = ("name", "author", "description", "version", "contact", "tags", "notes")
_EMPTY_FORM = {
    "elements": {"root": {"id": "root", "type": "container", "data": {"layout": "column", "children": []}}},
    "rootElementId": "root",
}


def stored_workflow(workflow: Workflow) -> dict[str, Any]:
    """Return the workflow in the newest format, with the values that are sent and without the file's own id."""
    saved = workflow.saved
    by_position = {n.position: n for n in workflow.nodes}
    return {
        **{key: str(saved.get(key) or "") for key in _TEXTS},
        "meta": {"category": "default" if _is_default(saved) else "user", "version": "4.0.0"},
        "exposedFields": [{"nodeId": f.node_id, "fieldName": f.field_name} for f in workflow.exposed_fields],
        "form": mended_form(workflow.form) if isinstance(workflow.form, Mapping) else _EMPTY_FORM,
        "nodes": [_node(raw, by_position[i]) for i, raw in enumerate(saved["nodes"]) if i in by_position],
        "edges": saved.get("edges", []),
    }


def _is_default(saved: Mapping[str, Any]) -> bool:
    meta = saved.get("meta")
    return isinstance(meta, Mapping) and meta.get("category") == "default"


def _node(raw: Mapping[str, Any], node: Node) -> dict[str, Any]:
    position = raw.get("position") or {"x": 0, "y": 0}
    base = {"id": node.id, "type": node.kind, "position": position}
    data = raw["data"]
    if node.kind != "invocation":
        notes = {"notes": str(data.get("notes") or "")} if node.kind == "notes" else {}
        is_open = bool(data.get("isOpen", True))
        return {**base, "data": {"id": node.id, "type": node.kind, "label": node.label, "isOpen": is_open, **notes}}
    return {
        **base,
        "data": {
            "id": node.id,
            "type": node.type,
            "version": node.version,
            "nodePack": node.node_pack,
            "label": node.label,
            "notes": str(data.get("notes") or ""),
            "isOpen": bool(data.get("isOpen", True)),
            "isIntermediate": node.is_intermediate,
            "useCache": node.use_cache,
            "dynamicInputTemplates": data.get("dynamicInputTemplates") or {},
            "inputs": {
                name: {"name": name, "label": entry.label, "description": entry.description}
                | ({} if entry.value is MISSING or entry.value is None else {"value": entry.value})
                for name, entry in node.inputs.items()
            },
        },
    }
