"""Documents that no server has: a real one, all of whose nodes are changed in one way, so that much breaks at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from .documents import Release, name_in

Change = Callable[[dict[str, Any]], None]
"""Changes a schema, or all schemas of a document by name, in place."""

_UNIONS = ("anyOf", "oneOf", "allOf")


def made_up(of: Release) -> Iterator[Release]:
    """Yield documents, named after what is changed in them."""
    rewrites = {what: _each("invocation", change) for what, change in INPUTS.items()}
    rewrites |= {what: _each("output", change) for what, change in OUTPUTS.items()} | WHOLE
    for what, rewrite in rewrites.items():
        schemas = json.loads(json.dumps(of.schemas))
        rewrite(schemas)
        yield Release(what, {"components": {"schemas": schemas}})


def _each(kind: str, change: Change) -> Change:
    """Return what changes each input (of the class "invocation") or output."""

    def rewrite(schemas: dict[str, Any]) -> None:
        for schema in schemas.values():
            if schema.get("class") == kind:
                for name in schema["properties"].keys() - {"id", "type", "is_intermediate", "use_cache"}:
                    change(schema["properties"][name])

    return rewrite


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for word in _UNIONS:
        for member in schema.get(word, ()):
            yield from _parts(member)


def _fewer_choices(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        if len(part.get("enum", ())) > 1:
            part["enum"] = part["enum"][1:]


def _least(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        if part.get("type") in ("integer", "number") and "enum" not in part:
            part.pop("exclusiveMinimum", None)
            part["minimum"] = max(part.get("minimum", 8), 8)


def _steps(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        if part.get("type") == "integer" and "enum" not in part:
            part["multipleOf"] = 7


def _sizes(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        if part.get("type") in ("array", "string") and "enum" not in part:
            part["minItems" if part["type"] == "array" else "minLength"] = 4


def _patterns(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        if part.get("type") == "string" and "enum" not in part:
            part["pattern"] = "^[a-e]"


def _other_kinds(schema: dict[str, Any]) -> None:
    kinds = {"integer": "boolean", "number": "integer", "string": "number", "boolean": "string"}
    for part in _parts(schema):
        if part.get("type") in kinds and "enum" not in part:
            part["type"] = kinds[part["type"]]


def _no_lists(schema: dict[str, Any]) -> None:
    for part in _parts(schema):
        for word in _UNIONS:
            if others := [m for m in part.get(word, ()) if m.get("type") != "array"]:
                part[word] = others


def _only_lists(schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema |= {"type": "array", "items": {"$ref": schema.pop("$ref")}}


def _other_objects(schema: dict[str, Any]) -> None:
    others = {"LatentsField": "ImageField", "ImageField": "ColorField", "ConditioningField": "UNetField"}
    for part in _parts(schema):
        if "$ref" in part and (other := others.get(name_in(part))):
            part["$ref"] = f"#/components/schemas/{other}"


def _required(schema: dict[str, Any]) -> None:
    if schema.get("field_kind") == "input":
        schema["orig_required"] = True
        schema.pop("orig_default", None)


def _no_null(schema: dict[str, Any]) -> None:
    others = [m for m in schema.get("anyOf", ()) if m.get("type") != "null"]
    if len(others) == 1:
        del schema["anyOf"]
        schema |= others[0]


def _other_models(schema: dict[str, Any]) -> None:
    if "ui_model_type" in schema:
        schema["ui_model_base"] = ["sd-1"]


def _fewer_nodes(schemas: dict[str, Any]) -> None:
    for name in [n for n, s in schemas.items() if s.get("class") == "invocation"][::3]:
        del schemas[name]


def _fewer_fields(of: str, keep: tuple[str, ...]) -> Change:
    def rewrite(schemas: dict[str, Any]) -> None:
        for schema in schemas.values():
            if schema.get("class") == of:
                for name in [n for n in schema["properties"] if n not in keep][::2]:
                    del schema["properties"][name]

    return rewrite


def _objects_that_want_more(schemas: dict[str, Any]) -> None:
    for name in ("ImageField", "ColorField", "ModelIdentifierField", "LoRAField"):
        schemas[name]["properties"]["more"] = {"type": "string"}
        schemas[name]["required"] = [*schemas[name].get("required", ()), "more"]


def _objects_with_less(schemas: dict[str, Any]) -> None:
    for name, part in {"ColorField": "a", "ModelIdentifierField": "hash", "LoRAField": "weight"}.items():
        del schemas[name]["properties"][part]
        schemas[name]["required"] = [key for key in schemas[name].get("required", ()) if key != part]


def _next_major(schemas: dict[str, Any]) -> None:
    for schema in schemas.values():
        if schema.get("class") == "invocation":
            schema["version"] = f"{int(schema['version'].split('.')[0]) + 1}.0.0"


INPUTS = {
    "choices": _fewer_choices,
    "least values": _least,
    "steps": _steps,
    "sizes": _sizes,
    "patterns": _patterns,
    "kinds of values": _other_kinds,
    "no lists in unions": _no_lists,
    "lists of objects": _only_lists,
    "other objects": _other_objects,
    "all required": _required,
    "no null": _no_null,
    "models": _other_models,
}
OUTPUTS = {"lists given": _only_lists, "others given": _other_objects, "other kinds given": _other_kinds}
WHOLE = {
    "nodes": _fewer_nodes,
    "inputs": _fewer_fields("invocation", ("id", "type", "is_intermediate", "use_cache")),
    "outputs": _fewer_fields("output", ("type", "output_meta")),
    "objects that want more": _objects_that_want_more,
    "objects with less": _objects_with_less,
    "major versions": _next_major,
}
