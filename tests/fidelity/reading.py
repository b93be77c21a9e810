"""What each input that a form can show takes, read from the raw document: a second opinion on flowbind's catalog.

It shares no code with the generator. The words are those of `flowbind inspect --format json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .documents import Release, Schema, name_in

Reading = dict[str, Any]

# What JSON Schema, and pydantic beside a union, call the limits of a number.
_NUMERIC = {
    "minimum": ("minimum", "ge"),
    "maximum": ("maximum", "le"),
    "exclusive_minimum": ("exclusiveMinimum", "gt"),
    "exclusive_maximum": ("exclusiveMaximum", "lt"),
    "multiple_of": ("multipleOf", "multiple_of"),
}
_LENGTHS = {"min": ("minLength", "min_length"), "max": ("maxLength", "max_length")}
_ITEMS = {"min_items": ("minItems",), "max_items": ("maxItems",)}
BOUNDS = (*_NUMERIC, "min_length", "max_length", "pattern", *_ITEMS)

_PRIMITIVES = {"integer": "IntegerField", "number": "FloatField", "string": "StringField", "boolean": "BooleanField"}
_UNIONS = ("anyOf", "oneOf", "allOf")
_MODEL = "ModelIdentifierField"


@dataclass(frozen=True)
class Exposed:
    """An input that a form can show."""

    release: Release = field(repr=False)
    node_type: str
    name: str
    schema: Schema = field(repr=False)

    @property
    def place(self) -> str:
        """Node type and field name."""
        return f"{self.node_type}.{self.name}"

    @property
    def is_generator(self) -> bool:
        """Whether it makes the items of a batch node: the server never sees it."""
        return self.node_type.endswith("_generator")

    @property
    def is_batched(self) -> bool:
        """Whether its node is no part of what is posted: a batch node, or a generator."""
        return self.is_generator or self.node_type.endswith("_batch")


def exposed(release: Release) -> Iterator[Exposed]:
    """Yield the inputs that the editor lets one put into a form (design, decision 15)."""
    for node_type, node in release.nodes.items():
        for name, schema in node["properties"].items():
            if _is_exposable(schema):
                yield Exposed(release, node_type, name, schema)


def exposed_names(release: Release, node_type: str) -> list[str]:
    """Return the same of one node type."""
    return [name for name, schema in release.nodes[node_type]["properties"].items() if _is_exposable(schema)]


def _is_exposable(schema: Schema) -> bool:
    if schema.get("field_kind") == "internal":
        return _shape(schema)[0] == "BoardField"
    return schema.get("field_kind") == "input" and schema["input"] != "connection" and not schema.get("ui_hidden")


def read(schema: Schema) -> Reading:
    """Return type, cardinality, choices and bounds of an input."""
    name, cardinality = _shape(schema)
    if (ui_type := schema.get("ui_type")) and name != _MODEL:
        name, cardinality = ui_type, "list" if ui_type == "CollectionField" else "single"
    return {"field_type": name, "cardinality": cardinality, "choices": _choices(schema), **_bounds(schema)}


def _shape(schema: Schema) -> tuple[str | None, str]:
    """Return the type that a schema has without `ui_type`, and whether it is of one or of many."""
    if "$ref" in schema:
        return name_in(schema), "single"
    if "enum" in schema or "const" in schema:
        return "EnumField", "single"
    shapes = [_shape(member) for member in _members(schema)]
    if len(shapes) == 1:
        return shapes[0]
    if shapes:
        names, cardinalities = {name for name, _ in shapes}, sorted(cardinality for _, cardinality in shapes)
        alike = len(names) == 1 and cardinalities == ["list", "single"]
        return (names.pop(), "single_or_list") if alike else (None, "single")
    if schema.get("type") == "array":
        name, cardinality = _shape(schema["items"])
        return (name if cardinality == "single" else None), "list"
    return _PRIMITIVES.get(schema.get("type", "")), "single"


def _members(schema: Schema) -> list[Schema]:
    return [m for word in _UNIONS for m in schema.get(word, ()) if m.get("type") != "null"]


def parts(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all that it is made of: the members of unions, how deep ever, and the items of lists."""
    yield schema
    for member in _members(schema):
        yield from parts(member)
    if "items" in schema:
        yield from parts(schema["items"])


def _choices(schema: Schema) -> list[Any] | None:
    for part in parts(schema):
        if "const" in part:
            return [part["const"]]
        if "enum" in part:
            return list(part["enum"])
    return None


def _bounds(schema: Schema) -> Reading:
    found: Reading = dict.fromkeys(BOUNDS)
    for part in parts(schema):
        # On a union, pydantic's length is that of the whole value, be it a text or a list.
        of_length = "length" if part.get("type") == "string" else "items"
        lengths = {f"{end}_{of_length}": words for end, words in _LENGTHS.items()}
        for name, words in [*_NUMERIC.items(), *_ITEMS.items(), *lengths.items(), ("pattern", ("pattern",))]:
            for word in words:
                if word in part:
                    if found[name] not in (None, part[word]):
                        raise ValueError(f"{name} is {found[name]} and {part[word]}")
                    found[name] = part[word]
    return found
