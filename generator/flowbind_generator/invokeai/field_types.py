"""The type of a field as InvokeAI's editor reads it from the OpenAPI document, and the values it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Cardinality = Literal["single", "list", "single_or_list"]
Schema = Mapping[str, Any]

_PRIMITIVES = {"integer": "IntegerField", "number": "FloatField", "string": "StringField", "boolean": "BooleanField"}
_GENERIC = frozenset({"AnyField", "CollectionField", "CollectionItemField"})


@dataclass(frozen=True)
class FieldType:
    """What a field holds: a type name of the editor, one or many, and whether a batch node consumes or feeds it.

    `original` is the type that the schema's shape alone gives, where `ui_type` overrides it.
    """

    name: str
    cardinality: Cardinality = "single"
    batch: bool = False
    original: FieldType | None = field(default=None, compare=False)

    def same_as(self, other: FieldType) -> bool:
        """Tell whether two fields hold the same, by the editor's name or by the shape of the schema."""
        mine, theirs = (self, self.original), (other, other.original)
        return any(a == b for a in mine if a for b in theirs if b)


@dataclass(frozen=True)
class Limits:
    """The bounds that the server enforces on one value; None where there is none."""

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None


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


def field_type(schema: Schema) -> FieldType | None:
    """Return the editor's type of a property, or None where it knows none (the editor drops such a field)."""
    shape = _structural_type(schema)
    if ui_type := schema.get("ui_type"):
        generic = ui_type in _GENERIC
        return FieldType(
            str(ui_type), "list" if ui_type == "CollectionField" else "single", original=None if generic else shape
        )
    return shape


def _structural_type(schema: Schema) -> FieldType | None:
    if "$ref" in schema:
        return FieldType(ref_name(schema))
    if "const" in schema:
        return FieldType("EnumField")
    if all_of := schema.get("allOf"):
        return FieldType(ref_name(all_of[0])) if "$ref" in all_of[0] else None
    if "anyOf" in schema:
        return _union_type(not_null(schema))
    if "enum" in schema:
        return FieldType("EnumField")
    if schema.get("type") == "array":
        item = _item_name(schema.get("items") or {})
        return FieldType(item, "list") if item else None
    name = _PRIMITIVES.get(schema.get("type") or "")
    return FieldType(name) if name else None


def _union_type(members: list[Schema]) -> FieldType | None:
    if len(members) == 1:
        return _structural_type(members[0])
    if len(members) != 2:
        return None
    arrays = [m for m in members if m.get("type") == "array"]
    others = [m for m in members if m.get("type") != "array"]
    if len(arrays) != 1:
        return None
    item, single = _item_name(arrays[0].get("items") or {}), _item_name(others[0])
    return FieldType(single, "single_or_list") if single and single == item else None


def _item_name(schema: Schema) -> str | None:
    return ref_name(schema) if "$ref" in schema else _PRIMITIVES.get(schema.get("type") or "")


def ref_name(schema: Schema) -> str:
    """Return the name of the schema that a `$ref` points to."""
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def not_null(schema: Schema) -> list[Schema]:
    """Return the members of a schema's `anyOf` but for null; the schema itself when it has none."""
    members = schema.get("anyOf")
    return [m for m in members if m.get("type") != "null"] if members else [schema]


def is_nullable(schema: Schema) -> bool:
    """Tell whether the schema itself admits null."""
    return any(m.get("type") == "null" for m in schema.get("anyOf") or ())


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
    for place in _places(schema):
        if "const" in place:
            return (place["const"],)
        if place.get("enum"):
            return tuple(place["enum"])
    return None


def _places(schema: Schema) -> list[Schema]:
    members = [schema, *(m for m in not_null(schema) if m is not schema)]
    return members + [m["items"] for m in members if isinstance(m.get("items"), Mapping)]
