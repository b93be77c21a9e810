"""The values that a property takes: bounds and choices, from its schema in normal form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import isfinite
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from flowbind.invokeai.schema.field_types import Schema, items_of, not_null
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


_LARGEST = 2.0**53


def limits(schema: Schema) -> Limits:
    """Return the bounds of a property, wherever the document keeps them: outside, inside `anyOf`, or on the items."""
    found: dict[str, Any] = {}
    for place in _places(schema):
        for key, name in LIMIT_KEYS.items():
            if (limit := as_limit(key, place.get(key))) is not None:
                found.setdefault(name, limit)
    return Limits(**found)


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text has a pattern, as pydantic reads it."""
    try:
        _patterned(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


def as_limit(key: str, value: Any) -> Any:
    """Return a bound that pydantic can enforce, or None: one that it cannot read would break the whole class."""
    if key == "pattern":
        return value if isinstance(value, str) and _is_pattern(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    if key.startswith(("min", "max")) and key.endswith(("Length", "Items")):
        return value if isinstance(value, int) and value >= 0 else None
    if key == "multipleOf" and value <= 0:
        return None
    # Of a float this large pydantic makes no bound of whole numbers.
    return int(value) if isinstance(value, float) and abs(value) >= _LARGEST else value


@cache
def _is_pattern(text: str) -> bool:
    try:
        _patterned(text)
    except SchemaError:
        return False
    return True


@cache
def _patterned(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, Field(pattern=pattern)])


def choices(schema: Schema) -> tuple[Any, ...] | None:
    """Return the values that an enumeration allows, in the document's order, or None for a type without choices."""
    found: dict[str, Any] = {}
    for member in not_null(schema):
        own = _own_choices(member) or _own_choices(items_of(member))
        if own is None:
            return None
        found |= {repr(value): value for value in own}
    # A choice between lists is left to the type.
    return tuple(found.values()) if found and all(isinstance(v, str | float | int) for v in found.values()) else None


def _own_choices(schema: Schema) -> Sequence[Any] | None:
    values = [schema["const"]] if "const" in schema else schema.get("enum") or ()
    # Null is no choice: it says that the value may be left out. Infinities are none that can be sent.
    kept = [v for v in values if v is not None and not (isinstance(v, float) and not isfinite(v))]
    return kept if kept or "const" in schema else None


def _places(schema: Schema) -> list[Schema]:
    members = [schema, *(m for m in not_null(schema) if m is not schema)]
    return members + [items_of(m) for m in members]
