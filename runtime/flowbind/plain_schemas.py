"""JSON schemas in plain form (an engine makes them from a server's document), and the values that they take."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, inf, isfinite
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

Schema = Mapping[str, Any]
SIZES = ("minLength", "maxLength", "minItems", "maxItems")


def accepts(schema: Schema, value: Any) -> bool:
    """Tell whether a schema in the plain form takes a JSON value; null is never a matter of the schema.

    What is no JSON is never taken where something is said of the value: infinity and NaN are no numbers.
    """
    if value is None or not schema or "$ref" in schema:
        return True
    if "anyOf" in schema:
        return any(accepts(member, value) for member in schema["anyOf"])
    if "enum" in schema:
        return identity(value) in map(identity, schema["enum"])
    kind = schema.get("type")
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        return is_number(value) and (kind == "number" or value == int(value)) and _is_in_range(schema, value)
    if kind == "string":
        sized = isinstance(value, str) and _is_sized(schema, len(value), "Length")
        return sized and ("pattern" not in schema or _has_pattern(schema["pattern"], value))
    if kind == "array":
        return isinstance(value, list) and _is_sized(schema, len(value), "Items") and _accepts_items(schema, value)
    if kind == "object":
        return isinstance(value, Mapping) and _accepts_members(schema, value)
    return kind != "null"


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
        items = said(schema.get("items") or {})
        return f"list of ({items})" if " or " in items else f"list of {items}"
    return f"object with {', '.join(schema['properties'])}" if schema.get("properties") else kind


def is_number(value: Any) -> bool:
    """Tell whether a value is a number in JSON; a huge one is, infinity is not."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and isfinite(value)))


def identity(value: Any, depth: int = 64) -> Hashable:
    """Return what is the same for equal JSON values only: 1 is 1.0, but not true.

    What lies deeper than `depth` is not told apart.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Mapping):
        return ("object", depth and frozenset((key, identity(item, depth - 1)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return ("array", depth and tuple(identity(item, depth - 1) for item in value))
    return value if isinstance(value, Hashable) else repr(value)


def bound(key: str, low: bool, schema: Schema) -> tuple[float, int]:
    """Return the bound on one side (of `key`) so that bounds can be compared; an exclusive one is a little tighter."""
    if key in SIZES:
        return (schema.get(key, 0 if low else inf), 0)
    inclusive, exclusive = ("minimum", "exclusiveMinimum") if low else ("maximum", "exclusiveMaximum")
    sign = 1 if low else -1
    found = [(schema[inclusive], 0)] if inclusive in schema else []
    if exclusive in schema:
        found.append((schema[exclusive], sign))
    if schema.get("type") == "integer":  # the first whole number inside
        found = [(sign * (floor(sign * at) + 1 if beyond else ceil(sign * at)), 0) for at, beyond in found]
    return (max if low else min)(found, default=(-sign * inf, 0))


def is_multiple(value: float, step: float) -> bool:
    """Tell whether a number is a multiple, as exactly as pydantic does: it may be off by a billionth."""
    left = Fraction(value) % Fraction(step)
    return min(left, Fraction(step) - left) <= 1e-9


def _is_in_range(schema: Schema, value: float) -> bool:
    least, most = bound("minimum", True, schema), bound("maximum", False, schema)
    step = schema.get("multipleOf")
    return bool(least <= (value, 0) <= most) and (not step or is_multiple(value, step))


def _is_sized(schema: Schema, size: int, what: str) -> bool:
    return bool(schema.get(f"min{what}", 0) <= size <= schema.get(f"max{what}", size))


def _has_pattern(pattern: str, value: str) -> bool:
    validator = _patterned(pattern)
    try:
        return validator is None or validator.validate_python(value) == value
    except ValidationError:
        return False


@lru_cache(maxsize=256)
def _patterned(pattern: str) -> SchemaValidator | None:
    """Return what finds a pattern as the server does, in time that no pattern can make long."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except (SchemaError, UnicodeError):
        return None  # written for another kind of regular expression: the server will tell


def _accepts_items(schema: Schema, values: Sequence[Any]) -> bool:
    first: Sequence[Schema] = schema.get("prefixItems", ())
    if not all(accepts(part, value) for part, value in zip(first, values, strict=False)):
        return False
    return all(accepts(schema.get("items") or {}, value) for value in values[len(first) :])


def _accepts_members(schema: Schema, value: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    if any(name not in value for name in schema.get("required", ())):
        return False
    others = schema.get("additionalProperties") or {}
    return all(accepts(properties.get(name, others), item) for name, item in value.items())
