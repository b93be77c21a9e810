"""Objects that inputs take: which schemas of the document become classes, and what these are called."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from flowbind.invokeai.schema.field_types import DEEPEST, Schema, members
from flowbind.invokeai.schema.plain import BESIDE_UNIONS, fitting, whole
from flowbind_generator.class_schemas import IMPORT, OPEN
from flowbind_generator.invokeai.limits import LIMIT_KEYS, as_limit
from flowbind_generator.modelling import types_of
from flowbind_generator.simple_types import REF

_KEPT = frozenset({
    "const", "default", "description", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength",
    "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern",
    "required", "type",
})  # fmt: skip
# Every module may have these names already, or what reads the schemas writes them.
_TAKEN = frozenset({
    *dir(builtins), *keyword.kwlist, "Annotated", "Any", "BaseModel", "ConfigDict", "Field", "FieldType", "JsonValue",
    "Literal", "RootModel", "TypeAliasType", "annotations",
})  # fmt: skip


# Releases say up to 70 things of one input. A stranger's schema may double at each of its names.
_MOST = 1000


class _TooLarge(Exception):
    """A schema says more than a type can."""


class ObjectTypes:
    """The object types of one document; `own` maps a schema's name to the user's class, "package.module:Class".

    `reserved` are the names that generated modules import.
    """

    def __init__(
        self, schemas: Mapping[str, Schema], own: Mapping[str, str] | None = None, reserved: Collection[str] = ()
    ) -> None:
        self._schemas = schemas
        self._own = own or {}
        self._reserved = _TAKEN | set(reserved)
        self._left = 0

    def is_class(self, name: str) -> bool:
        """Tell whether a schema is a class, the user's or a generated one, and not a type that is written in place."""
        schema = whole(self._schemas.get(name, {}), self._schemas)
        return name in self._own or bool(schema.get("properties") and "class" not in schema)

    def is_own(self, name: str) -> bool:
        """Tell whether the user has a class for a schema."""
        return name in self._own

    def is_handle(self, schema: Schema) -> bool:
        """Tell whether an object stands for what the server keeps: a file (`LatentsField.latents_name`) or a model."""
        found = self.classes(schema)
        files = (
            key
            for kind, described in found.items()
            for key in described.get("properties", ())
            if key.endswith("_name") and any(word in kind.lower() for word in key.split("_")[:-1])
        )
        return any(files) or self._names.get("ModelIdentifierField") in found

    def annotation(self, schema: Schema) -> str:
        """Return the Python type of a schema as source."""
        read = self.normal(schema)
        return types_of([read], set(_references(read)))[0]

    def classes(self, schema: Schema) -> dict[str, Schema]:
        """Return the schemas of all classes that a schema leads to, by the names of the classes."""
        found: dict[str, Schema] = {}
        todo = list(_references(self.normal(schema)))
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = self._class_schema(self._schema_names[name])
                todo += _references(found[name])
        return found

    def normal(self, schema: Schema, within: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a schema in which only classes are referred to, and limits stand with what they limit.

        `within` are the schemas that lead here: one that leads to itself and is no class can be anything. So can one
        that says more than a type can.
        """
        self._left = _MOST
        try:
            return self._normal(schema, within, 0)
        except _TooLarge:
            return {}

    def _normal(self, schema: Schema, within: tuple[str, ...], depth: int) -> dict[str, Any]:
        self._left -= 1
        if self._left < 0:
            raise _TooLarge
        if not isinstance(schema, Mapping) or depth > DEEPEST:
            return {}  # JSON schema has "true" for anything
        depth += 1
        if reference := schema.get("$ref"):
            name = str(reference).rsplit("/", 1)[-1]
            about = {key: schema[key] for key in ("default", "description") if key in schema}
            if self.is_class(name):
                return {"$ref": REF + self._names[name], **about}
            return (
                about
                if name in within
                else {**self._normal(self._schemas.get(name, {}), (*within, name), depth), **about}
            )
        if len(parts := members(schema, "allOf")) == 1:
            return self._normal({**parts[0], **{k: v for k, v in schema.items() if k != "allOf"}}, within, depth)
        schema = whole(schema, self._schemas)
        kept = {key: value for key, value in schema.items() if key in _KEPT and key not in LIMIT_KEYS}
        limits = {key: as_limit(key, schema[key]) for key in schema if key in LIMIT_KEYS}
        kept |= {key: value for key, value in limits.items() if value is not None}
        if choices := members(schema, "anyOf") or members(schema, "oneOf"):
            limits = {key: kept.pop(key) for key in list(kept) if key not in ("default", "description", "type")}
            limits |= {name: schema[key] for key, name in BESIDE_UNIONS.items() if key in schema}
            read = [self._normal({**fitting(m, limits), **m}, within, depth) for m in choices]
            # A union in a union is one union.
            kinds = [kind for member in read for kind in member.get("anyOf") or [member]]
            return {**kinds[0], **kept} if len(kinds) == 1 else {**kept, "anyOf": kinds}
        for key in ("additionalProperties", "items", "propertyNames"):
            if isinstance(schema.get(key), Mapping):
                kept[key] = self._normal(schema[key], within, depth)
        if named := schema.get("patternProperties"):
            kept["patternProperties"] = {
                pattern: self._normal(value, within, depth) for pattern, value in named.items()
            }
        kinds = [kept]
        if parts := members(schema, "prefixItems"):
            self._left -= len(parts) ** 2
            kinds = _tuples(kept, [self._normal(part, within, depth) for part in parts])
        if schema.get("nullable"):
            kinds.append({"type": "null"})
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    def _class_schema(self, name: str) -> Schema:
        if name in self._own:
            return {IMPORT: self._own[name]}
        schema = whole(self._schemas[name], self._schemas)
        # What is read-only the server computes; it takes no value for it.
        properties = {
            key: self.normal(value, (name,))
            for key, value in schema["properties"].items()
            if not (isinstance(value, Mapping) and value.get("readOnly"))
        }
        about = {"description": schema["description"]} if schema.get("description") else {}
        if schema.get("additionalProperties"):
            about[OPEN] = True
        return {
            **about,
            "properties": properties,
            "required": sorted(set(schema.get("required") or ()) & properties.keys()),
        }

    @cached_property
    def _names(self) -> dict[str, str]:
        """The class of each schema: its own name where that is one, and free."""
        names: dict[str, str] = {}
        taken = set(self._reserved)
        # The user's classes first: it is theirs that keep their names.
        for schema in sorted(
            filter(self.is_class, {*self._schemas, *self._own}), key=lambda n: (n not in self._own, n)
        ):
            wanted = self._own.get(schema, "").rpartition(":")[2] or schema
            name = _class_name(wanted)
            while name in taken:
                name += "_"
            names[schema] = name
            taken.add(name)
        return names

    @cached_property
    def _schema_names(self) -> dict[str, str]:
        return {name: schema for schema, name in self._names.items()}


def _class_name(text: str) -> str:
    kept = (c if f"_{c}".isidentifier() else "_" for c in unicodedata.normalize("NFKC", text))
    name = unicodedata.normalize("NFKC", "".join(kept))
    return name if name.isidentifier() and not name.startswith("_") else f"Type{name}"


def _tuples(array: dict[str, Any], parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an array of given parts once for each length that it may have."""
    about = {key: value for key, value in array.items() if key not in ("maxItems", "minItems")}
    shortest = min(int(array.get("minItems", len(parts))), len(parts))
    return [
        {**about, "prefixItems": parts[:length], "minItems": length, "maxItems": length}
        for length in range(shortest, len(parts) + 1)
    ]


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(REF)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
