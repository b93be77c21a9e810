"""The values that a property takes: bounds and choices, from its schema in normal form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind_generator.invokeai.field_types import Schema, not_null
from flowbind_generator.limits import Limits

LIMIT_KEYS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_items",
    "maxItems": "max_items",
}


def limits(schema: Schema) -> Limits:
    """Return the bounds of a property, wherever the document keeps them: outside, inside `anyOf`, or on the items."""
    found: dict[str, Any] = {}
    for place in _places(schema):
        for key, name in LIMIT_KEYS.items():
            if place.get(key) is not None:
                found.setdefault(name, place[key])
    return Limits(**found)


def choices(schema: Schema) -> tuple[Any, ...] | None:
    """Return the values that an enumeration allows, in the document's order, or None for a type without choices."""
    found: dict[str, Any] = {}
    for member in not_null(schema):
        own = _own_choices(member) or _own_choices(member.get("items") or {})
        if own is None:
            return None
        found |= {repr(value): value for value in own}
    return tuple(found.values()) or None


def _own_choices(schema: Schema) -> Sequence[Any] | None:
    if "const" in schema:
        return (schema["const"],)
    # Null is no choice: it says that the value may be left out.
    return [value for value in schema.get("enum") or () if value is not None] or None


def _places(schema: Schema) -> list[Schema]:
    members = [schema, *(m for m in not_null(schema) if m is not schema)]
    return members + [m["items"] for m in members if isinstance(m.get("items"), Mapping)]
