"""The type of a field as InvokeAI's editor reads it from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Cardinality = Literal["single", "list", "single_or_list"]
Schema = Mapping[str, Any]

_PRIMITIVES = {"integer": "IntegerField", "number": "FloatField", "string": "StringField", "boolean": "BooleanField"}
DEEPEST = 32
"""How far into a schema it is read: no release goes further than 5, and what a stranger writes must have an end."""
_GENERIC = frozenset({"AnyField", "CollectionField", "CollectionItemField"})


@dataclass(frozen=True)
class FieldType:
    """What a field holds: a type name of the editor, one or many, and whether a batch node consumes or feeds it.

    `original` is the type that the schema's shape alone gives, where `ui_type` overrides it. Of a type that is not
    `in_editor` the editor knows nothing: it has no such field.
    """

    name: str
    cardinality: Cardinality = "single"
    batch: bool = False
    in_editor: bool = True
    original: FieldType | None = field(default=None, compare=False)

    def same_as(self, other: FieldType) -> bool:
        """Tell whether two fields hold the same, by the editor's name or by the shape of the schema."""
        mine, theirs = (self, self.original), (other, other.original)
        return any(a == b for a in mine if a for b in theirs if b)


def field_type(schema: Schema) -> FieldType:
    """Return the editor's type of a property; a shape that it does not know is named after what may stand there."""
    shape = _structural_type(schema)
    if ui_type := schema.get("ui_type"):
        generic = ui_type in _GENERIC
        return FieldType(
            str(ui_type), "list" if ui_type == "CollectionField" else "single", original=None if generic else shape
        )
    return shape or FieldType(described(schema), in_editor=False)


def _structural_type(schema: Schema) -> FieldType | None:
    if "$ref" in schema:
        return FieldType(ref_name(schema))
    if "const" in schema:
        return FieldType("EnumField")
    if all_of := members(schema, "allOf"):
        return FieldType(ref_name(all_of[0])) if "$ref" in all_of[0] else None
    if members(schema, "anyOf"):
        return _union_type(not_null(schema))
    if "enum" in schema:
        return FieldType("EnumField")
    if schema.get("type") == "array":
        item = _item_name(items_of(schema))
        return FieldType(item, "list") if item else None
    name = _primitive(schema)
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
    item, single = _item_name(items_of(arrays[0])), _item_name(others[0])
    return FieldType(single, "single_or_list") if single and single == item else None


def _item_name(schema: Schema) -> str | None:
    return ref_name(schema) if "$ref" in schema else _primitive(schema)


def _primitive(schema: Schema) -> str | None:
    """Return the editor's name of a simple type; of several it knows none."""
    kind = schema.get("type")
    return _PRIMITIVES.get(kind) if isinstance(kind, str) else None


def items_of(schema: Schema) -> Schema:
    """Return the schema of the items of a list."""
    items = schema.get("items")
    return items if isinstance(items, Mapping) else {}


def described(schema: Schema, depth: int = 0) -> str:
    """Return the shape of a schema in the editor's names: "LatentsField", "IntegerField | list of IntegerField"."""
    if depth > DEEPEST:
        return "AnyField"
    if found := members(schema, "anyOf") or members(schema, "oneOf") or members(schema, "allOf"):
        return " | ".join(dict.fromkeys(described(m, depth + 1) for m in found if m.get("type") != "null"))
    if "$ref" in schema:
        return ref_name(schema)
    if "enum" in schema or "const" in schema:
        return "EnumField"
    if schema.get("type") == "array":
        item = described(items_of(schema), depth + 1)
        return f"list of ({item})" if " | " in item else f"list of {item}"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(described({"type": name}, depth + 1) for name in kind if name != "null")
    return "ObjectField" if kind == "object" else _primitive(schema) or "AnyField"


def ref_name(schema: Schema) -> str:
    """Return the name of the schema that a `$ref` points to; one that is no text can be anything."""
    found = schema["$ref"]
    return found.rsplit("/", 1)[-1] if isinstance(found, str) else "AnyField"


def members(schema: Schema, key: str) -> list[Schema]:
    """Return the schemas of a union or tuple; one that is no object can be anything."""
    found = schema.get(key)
    return [m if isinstance(m, Mapping) else {} for m in found] if isinstance(found, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object of a document; what is none, whatever the document says, holds nothing."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> list[str]:
    """Return the texts in a list of a document."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def not_null(schema: Schema) -> list[Schema]:
    """Return the members of a schema's `anyOf` but for null; the schema itself when it has none."""
    found = members(schema, "anyOf")
    return [m for m in found if m.get("type") != "null"] if found else [schema]


def is_nullable(schema: Schema) -> bool:
    """Tell whether the schema itself admits null."""
    return any(m.get("type") == "null" for m in members(schema, "anyOf"))
