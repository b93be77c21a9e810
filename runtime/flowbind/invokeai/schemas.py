"""JSON schemas as InvokeAI's document has them, brought into one plain form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.invokeai.field_types import Schema, members, ref_name

# pydantic writes a limit that stands beside a union under its own name, where JSON schema knows none.
BESIDE_UNIONS = {
    "ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf",
}  # fmt: skip
_OF_NUMBERS = frozenset(BESIDE_UNIONS.values())
_OF_TEXTS = frozenset({"minLength", "maxLength", "pattern"})
_OF_LISTS = frozenset({"minItems", "maxItems"})
_AS_ITEMS = {"minLength": "minItems", "maxLength": "maxItems"}
_LIMITS = {
    "integer": _OF_NUMBERS, "number": _OF_NUMBERS, "string": _OF_TEXTS, "array": _OF_LISTS,
}  # fmt: skip
# Which bases and types of models there are is for the models' own records to say; every release knows more of them.
_OPEN_LISTS = frozenset({"BaseModelType", "ModelType", "SubModelType"})
# An object this deep, or one that holds itself, is compared by its name.
_DEEPEST = 4


def plain(schema: Schema, schemas: Mapping[str, Schema], within: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what a schema says of values, and nothing else: references followed, unions flat, null left out.

    An empty schema takes anything. `within` are the schemas that lead here.
    """
    if not isinstance(schema, Mapping):
        return {}  # JSON schema has "true" for anything
    if "$ref" in schema:
        name = ref_name(schema)
        if name in _OPEN_LISTS:
            return {"type": "string"}
        if name in within or len(within) == _DEEPEST:
            return {"$ref": name}
        return plain(schemas.get(name, {}), schemas, (*within, name))
    schema = whole(schema, schemas)
    if choices := members(schema, "anyOf") or members(schema, "oneOf"):
        limits = {key: value for key, value in schema.items() if key in _OF_NUMBERS | _OF_TEXTS | _OF_LISTS}
        limits |= {name: schema[key] for key, name in BESIDE_UNIONS.items() if key in schema}
        read = [plain({**fitting(m, limits), **m}, schemas, within) for m in choices]
    elif isinstance(schema.get("type"), list):
        read = [plain({**schema, "type": kind}, schemas, within) for kind in schema["type"]]
    else:
        return _one(schema, schemas, within)
    kinds = [kind for one in read for kind in one.get("anyOf", [one]) if kind != {"type": "null"}]
    if {} in kinds:
        return {}
    distinct = [kind for at, kind in enumerate(kinds) if kind not in kinds[:at]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct} if distinct else {"type": "null"}


def whole(schema: Schema, schemas: Mapping[str, Schema], within: tuple[str, ...] = ()) -> Schema:
    """Return a schema with what several others, that all hold (`allOf`), say of it."""
    found: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in members(schema, "allOf"):
        name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
        held = {} if name in within else whole(schemas.get(name, {}) if name else part, schemas, (*within, name))
        for key, value in held.items():
            if key == "properties" and isinstance(value, Mapping):
                found[key] = {**value, **found.get(key, {})}
            elif key == "required" and isinstance(value, list):
                found[key] = [*value, *found.get(key, ())]
            else:
                found.setdefault(key, value)
    return found


def fitting(member: Schema, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return those limits beside a union that can hold for one of its members."""
    if member.get("anyOf"):
        return dict(limits)
    kind = str(member.get("type"))
    if kind == "array":
        limits = {_AS_ITEMS.get(key, key): value for key, value in limits.items()}
    return {key: value for key, value in limits.items() if key in _LIMITS.get(kind, ())}


def _one(schema: Schema, schemas: Mapping[str, Schema], within: tuple[str, ...]) -> dict[str, Any]:
    """Return the plain form of a schema that is no union."""
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        kept = [value for value in values if value is not None]
        return {"enum": kept} if kept else {"type": "null"}
    kind = schema.get("type") or ("object" if schema.get("properties") else None)
    if kind is None:
        return {}
    found: dict[str, Any] = {"type": kind}
    found |= {key: schema[key] for key in sorted(_LIMITS.get(str(kind), ())) if key in schema}
    if kind == "array":
        if parts := members(schema, "prefixItems"):
            found["prefixItems"] = [plain(part, schemas, within) for part in parts]
        if items := plain(schema.get("items") or {}, schemas, within):
            found["items"] = items
    elif kind == "object":
        properties = schema.get("properties") or {}
        if properties:
            found["properties"] = {name: plain(value, schemas, within) for name, value in sorted(properties.items())}
        if required := sorted(set(schema.get("required") or ()) & properties.keys()):
            found["required"] = required
        if others := plain(schema.get("additionalProperties") or {}, schemas, within):
            found["additionalProperties"] = others
    return found
