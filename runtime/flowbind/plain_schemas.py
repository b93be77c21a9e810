"""JSON schemas in plain form (an engine makes them from a server's document), and the values that they take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
SIZES = ("minLength", "maxLength", "minItems", "maxItems")


def accepts(schema: Schema, value: Any) -> bool:
    """Tell whether a schema in the plain form takes a JSON value; null is never a matter of the schema."""
    if value is None or not schema or "$ref" in schema:
        return True
    if "anyOf" in schema:
        return any(accepts(member, value) for member in schema["anyOf"])
    if "enum" in schema:
        return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in schema["enum"])
    kind = schema.get("type")
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (kind == "number" or value == int(value)) and _is_in_range(schema, value)
    if kind == "string":
        sized = isinstance(value, str) and _is_sized(schema, len(value), "Length")
        return sized and ("pattern" not in schema or _has_pattern(schema["pattern"], value))
    if kind == "array":
        return isinstance(value, list) and _is_sized(schema, len(value), "Items") and _accepts_items(schema, value)
    return kind != "object" or (isinstance(value, Mapping) and _accepts_members(schema, value))


def said(schema: Schema) -> str:
    """Return a schema in words."""
    if not schema:
        return "anything"
    if "anyOf" in schema:
        return " or ".join(map(said, schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"])
    if "enum" in schema:
        choices = ", ".join(map(repr, schema["enum"][:3])) + (", ..." if len(schema["enum"]) > 3 else "")
        return f"one of {choices}"
    kind = str(schema.get("type"))
    if kind == "array":
        return f"list of {said(schema.get('items') or {})}"
    return f"object with {', '.join(schema['properties'])}" if schema.get("properties") else kind


def bound(key: str, low: bool, schema: Schema) -> tuple[float, int]:
    """Return the bound on one side (of `key`) so that bounds can be compared; an exclusive one is a little tighter."""
    if key in SIZES:
        return (schema.get(key, 0 if low else float("inf")), 0)
    inclusive, exclusive = ("minimum", "exclusiveMinimum") if low else ("maximum", "exclusiveMaximum")
    sign = 1 if low else -1
    found = [(schema[inclusive], 0)] if inclusive in schema else []
    if exclusive in schema:
        whole = schema.get("type") == "integer" and schema[exclusive] == int(schema[exclusive])
        found.append((schema[exclusive] + sign, 0) if whole else (schema[exclusive], sign))
    return (max if low else min)(found, default=(-sign * float("inf"), 0))


def _is_in_range(schema: Schema, value: float) -> bool:
    least, most = bound("minimum", True, schema), bound("maximum", False, schema)
    step = schema.get("multipleOf")
    return bool(least <= (value, 0) <= most) and (not step or abs(value / step - round(value / step)) < 1e-9)


def _is_sized(schema: Schema, size: int, what: str) -> bool:
    return bool(schema.get(f"min{what}", 0) <= size <= schema.get(f"max{what}", size))


def _has_pattern(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # written for another kind of regular expression: the server will tell


def _accepts_items(schema: Schema, values: Sequence[Any]) -> bool:
    first: Iterable[Schema] = schema.get("prefixItems", ())
    if not all(accepts(part, value) for part, value in zip(first, values, strict=False)):
        return False
    return all(accepts(schema.get("items") or {}, value) for value in values[len(schema.get("prefixItems", ())) :])


def _accepts_members(schema: Schema, value: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    if any(name not in value for name in schema.get("required", ())):
        return False
    others = schema.get("additionalProperties") or {}
    return all(accepts(properties.get(name, others), item) for name, item in value.items())
