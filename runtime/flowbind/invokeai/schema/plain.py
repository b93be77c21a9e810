"""JSON schemas as InvokeAI's document has them, brought into one plain form that can be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowbind.invokeai.schema.field_types import DEEPEST, Schema, mapping, members, ref_name, texts
from flowbind.plain_schemas import is_number

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
_NULL = {"type": "null"}
# Which bases and types of models there are is for the models' own records to say; every release knows more of them.
_OPEN_LISTS = frozenset({"BaseModelType", "ModelType", "SubModelType"})
# An object this deep, or one that holds itself, is compared by its name.
_DEEPEST_NAME = 4
# Releases say up to 70 things of one input. Where there is more than this, fewer names are followed.
_MOST = 1000


def plain(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """Return what a schema says of values, and nothing else: references followed, unions flat, null left out.

    An empty schema takes anything. Whatever a document holds, the result is small enough to be compared.
    """
    for deepest in range(_DEEPEST_NAME, -1, -1):
        try:
            return _Reader(schemas, deepest).read(schema)
        except _TooLarge:
            continue
    return {}


class _TooLarge(Exception):
    """A schema says more than can be compared."""


class _Reader:
    """Reads one schema, and follows names as deep as it is told."""

    def __init__(self, schemas: Mapping[str, Schema], deepest: int) -> None:
        self._schemas = schemas
        self._deepest = deepest
        self._left = _MOST

    def read(self, schema: Any, within: tuple[str, ...] = (), depth: int = 0) -> dict[str, Any]:
        """Return the plain form; `within` are the names that lead here, `depth` is how far in it stands."""
        if not isinstance(schema, Mapping) or depth > DEEPEST:
            return {}  # JSON schema has "true" for anything
        self._left -= 1
        if self._left < 0:
            raise _TooLarge
        if "$ref" in schema:
            about = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**about, "allOf": [{"$ref": schema["$ref"]}, *members(schema, "allOf")]}
        names = [ref_name(part) for part in members(schema, "allOf") if "$ref" in part]
        if not _OPEN_LISTS.isdisjoint(names):
            return {"type": "string"}
        if names:
            name = " & ".join(names)
            if name in within or len(within) == self._deepest:
                return {"$ref": name}
            within = (*within, name)
        schema = whole(schema, self._schemas)
        depth += 1
        if choices := members(schema, "anyOf") or members(schema, "oneOf"):
            limits = {key: value for key, value in schema.items() if key in _OF_NUMBERS | _OF_TEXTS | _OF_LISTS}
            limits |= {name: schema[key] for key, name in BESIDE_UNIONS.items() if key in schema}
            read = [self.read({**fitting(m, limits), **m}, within, depth) for m in choices]
        elif isinstance(schema.get("type"), list):
            read = [self.read({**schema, "type": kind}, within, depth) for kind in schema["type"]]
        else:
            return self._one(schema, within, depth)
        # By their text, since to Python true is 1.
        kinds = {json.dumps(kind, sort_keys=True): kind for one in read for kind in one.get("anyOf", [one])}
        distinct = [kind for kind in kinds.values() if kind != _NULL]
        if not read or {} in distinct:
            return {}
        return distinct[0] if len(distinct) == 1 else {"anyOf": distinct} if distinct else dict(_NULL)

    def _one(self, schema: Schema, within: tuple[str, ...], depth: int) -> dict[str, Any]:
        """Return the plain form of a schema that is no union."""
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(values, list):
            kept = [value for value in values if value is not None]
            if _is_deep(kept, DEEPEST):
                return {}
            return {"enum": kept} if kept else dict(_NULL)
        kind = schema.get("type") or ("object" if mapping(schema.get("properties")) else None)
        if not isinstance(kind, str):
            return {}
        found: dict[str, Any] = {"type": kind}
        found |= {key: schema[key] for key in sorted(_LIMITS.get(kind, ())) if _is_limit(key, schema.get(key))}
        if kind == "array":
            if parts := members(schema, "prefixItems"):
                found["prefixItems"] = [self.read(part, within, depth) for part in parts]
            if items := self.read(schema.get("items"), within, depth):
                found["items"] = items
        elif kind == "object":
            if properties := mapping(schema.get("properties")):
                found["properties"] = {k: self.read(v, within, depth) for k, v in sorted(properties.items())}
            if required := sorted(set(texts(schema.get("required"))) & properties.keys()):
                found["required"] = required
            if others := self.read(schema.get("additionalProperties"), within, depth):
                found["additionalProperties"] = others
        return found


def whole(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """Return a schema with what several others, that all hold (`allOf`), say of it."""
    return _merged(schema, schemas, set(), 0)


def _merged(schema: Schema, schemas: Mapping[str, Schema], seen: set[str], depth: int) -> Schema:
    """Return a schema merged; what has a name and was `seen` says nothing more a second time."""
    found: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in members(schema, "allOf") if depth < DEEPEST else ():
        said = part
        while "$ref" in said and (name := ref_name(said)) not in seen:
            seen.add(name)
            said = mapping(schemas.get(name))
        if "$ref" in said:
            continue
        for key, value in _merged(said, schemas, seen, depth + 1).items():
            if key == "properties" and isinstance(value, Mapping):
                found[key] = {**value, **mapping(found.get(key))}
            elif key == "required" and isinstance(value, list):
                found[key] = [*texts(value), *texts(found.get(key))]
            else:
                found.setdefault(key, value)
    return found


def fitting(member: Schema, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return those limits beside a union that can hold for one of its members."""
    if member.get("anyOf"):
        return dict(limits)
    kind = member.get("type")
    if kind == "array":
        limits = {_AS_ITEMS.get(key, key): value for key, value in limits.items()}
    return {key: value for key, value in limits.items() if isinstance(kind, str) and key in _LIMITS.get(kind, ())}


def _is_limit(key: str, value: Any) -> bool:
    """Tell whether a limit says something; what does not is left out."""
    if key == "pattern":
        return isinstance(value, str)
    if key in _OF_TEXTS | _OF_LISTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return is_number(value) and (key != "multipleOf" or value > 0)


def _is_deep(value: Any, most: int) -> bool:
    """Tell whether a JSON value has more levels than so many."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    return inner is not None and (most == 0 or any(_is_deep(item, most - 1) for item in inner))
