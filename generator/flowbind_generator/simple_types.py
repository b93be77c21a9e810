"""Python types of the JSON schemas that can be read only one way: nearly all, so the library is seldom loaded."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

REF = "#/components/schemas/"
ANYTHING = "JsonValue"
_SCALARS = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
_LIMITS = {"minimum": "ge", "maximum": "le"}
_LENGTHS = {"maxItems": "max_length", "minItems": "min_length"}
# Limits beyond it have more than one way to be written.
_LARGEST = 10**9


def simple_type(schema: Mapping[str, Any], classes: Collection[str]) -> str | None:
    """Return the type of a schema as source, as datamodel-code-generator has it; None where that must be asked.

    `classes` are the names that it may refer to.
    """
    if len(schema) == 1:
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix(REF)
            return name if name in classes else None
        if "anyOf" in schema:
            return _union(schema["anyOf"], classes)
    match schema.get("type"):
        case None:
            return None if schema else ANYTHING
        case "object":
            return None if len(schema) > 1 else f"dict[str, {ANYTHING}]"
        case "array":
            return _array(schema, classes)
        case "integer" | "string" as kind if schema.keys() == {"enum", "type"}:
            return _choice(schema["enum"], str if kind == "string" else int)
        case "integer" | "number" as kind if schema.keys() <= {"type", *_LIMITS}:
            return _limited(_SCALARS[kind], schema, _LIMITS, float if kind == "number" else int)
        case str(kind) if len(schema) == 1:
            return _SCALARS.get(kind)
    return None


def _union(members: Any, classes: Collection[str]) -> str | None:
    """Return the type of a union of different kinds; what is null stands at its end."""
    if not isinstance(members, list) or not all(isinstance(m, Mapping) for m in members):
        return None
    given = [m for m in members if m != {"type": "null"}]
    if not given or given != members[: len(given)] or len(members) > len(given) + 1:
        return None
    found = [simple_type(member, classes) for member in given]
    kinds = {str(m.get("type") or m.get("$ref") or "") for m in given}
    types = [kind for kind in found if kind is not None]
    if len(types) < len(members) - (len(members) > len(given)) or len(kinds) < len(given) or "" in kinds:
        return None
    return " | ".join(types + ["None"] * (len(members) > len(given)))


def _array(schema: Mapping[str, Any], classes: Collection[str]) -> str | None:
    items = schema.get("items")
    if not isinstance(items, Mapping) or not schema.keys() <= {"items", "type", *_LENGTHS}:
        return None
    item = simple_type(items, classes)
    return None if item is None or "anyOf" in items else _limited(f"list[{item}]", schema, _LENGTHS, int)


def _limited(
    kind: str, schema: Mapping[str, Any], words: Mapping[str, str], number: type[int] | type[float]
) -> str | None:
    limits = {word: schema[key] for key, word in words.items() if key in schema}
    for value in limits.values():
        if type(value) not in (int, number) or not -_LARGEST < value < _LARGEST:
            return None
    told = ", ".join(f"{word}={number(value)!r}" for word, value in limits.items())
    return f"Annotated[{kind}, Field({told})]" if told else kind


def _choice(values: Any, kind: type[str] | type[int]) -> str | None:
    if not isinstance(values, list) or not values or not all(type(v) is kind for v in values):
        return None
    texts = json.dumps(values)
    if len(set(values)) < len(values) or "\\" in texts or "'" in texts or not texts.isprintable():
        return None
    return f"Literal[{', '.join(map(repr, values))}]"
