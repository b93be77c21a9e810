"""A small document whose node takes objects, and workflows with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import Workflow
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.engine import catalog_of
from flowbind_generator.live_module import class_of
from flowbind_generator.simple_types import REF

from .exports import form, node, resolved, workflow
from .test_catalog import document, invocation

NULL = {"type": "null"}
POINT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "x": {"type": "number", "minimum": 0},
        "y": {"type": "number", "default": 0.5},
        "tag": {"anyOf": [{"type": "string"}, NULL], "default": None},
    },
    "required": ["x"],
}
CURVE: dict[str, Any] = {
    "type": "object",
    "description": "A curve.",
    "properties": {
        "points": {"type": "array", "items": {"$ref": REF + "Point"}, "minItems": 1},
        "style": {"enum": ["smooth", "sharp"], "default": "smooth"},
        "class": {"type": "string", "maxLength": 5},
    },
    "required": ["points"],
}
SCHEMAS = {"Point": POINT, "Curve": CURVE}


def ref(name: str) -> dict[str, Any]:
    """Return a schema that refers to another one."""
    return {"$ref": REF + name}


def field(schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the property of an input."""
    return {**schema, "field_kind": "input", "input": "any", "orig_required": False, **more}


def document_of(fields: Mapping[str, Any], schemas: Mapping[str, Any] = SCHEMAS) -> dict[str, Any]:
    """Return a document with one node type, "draw", and the schemas."""
    made = document(invocation("draw", dict(fields)))
    made["components"]["schemas"] |= schemas
    return made


def catalog_with(
    fields: Mapping[str, Any], schemas: Mapping[str, Any] = SCHEMAS, own: Mapping[str, str] | None = None
) -> Catalog:
    """Return the catalog of such a document."""
    found = catalog_of(document_of(fields, schemas), Report("openapi.json"), own)
    assert found is not None
    return found


def drawing(**inputs: Any) -> dict[str, Any]:
    """Return a workflow with the node "n" of that type, and a form that shows these inputs."""
    return workflow(node("n", "draw", inputs, visible=True), form=form(*(f"n.{name}" for name in inputs)))


def drawn_class(catalog: Catalog, **inputs: Any) -> type[Workflow[Any]]:
    """Return the class of such a workflow."""
    return class_of(resolved(drawing(**inputs), catalog)[0])


def posted(instance: Workflow[Any]) -> Any:
    """Return the node "n" as an instance posts it."""
    return json.loads(preview(instance)[0])["batch"]["graph"]["nodes"]["n"]
