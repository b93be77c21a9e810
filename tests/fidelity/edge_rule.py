"""The server's own rule for edges (`are_connection_types_compatible` in its graph.py), on the schemas of a document."""

from __future__ import annotations

import json
from typing import Any

from .documents import Schema, name_in

Shape = tuple[str, Any]
"""A Python type: what kind, and of what it is made."""

ANY: Shape = ("any", None)
# To Python a truth is a whole number; pydantic converts the others.
CONVERTED = {("boolean", "integer"), ("integer", "number"), ("integer", "string"), ("number", "string")}


def takes_edge(output: Schema, into: Schema) -> bool:
    """Tell whether the server lets an output feed an input."""
    given, wanted = shape(output), shape(into)
    return (
        given == wanted
        or _is_any(given)
        or _is_any(wanted)
        or given in _arguments(wanted)
        or wanted in _arguments(given)
        or (given[0], wanted[0]) in CONVERTED
        or (_arguments(given) or {given}) <= _arguments(wanted)
    )


def shape(schema: Schema) -> Shape:
    """Return the Python type that a schema was made from."""
    if "$ref" in schema:
        return "class", name_in(schema)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            # Python has no union in a union.
            made = [shape(member) for member in schema[word]]
            members = frozenset(kind for one in made for kind in (one[1] if one[0] == "union" else [one]))
            return next(iter(members)) if len(members) == 1 else ("union", members)
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        return "literal", frozenset(json.dumps(value) for value in values)
    if schema.get("type") == "array":
        return "list", shape(schema.get("items", {}))
    if schema.get("type") == "object":
        others = schema.get("additionalProperties")
        return "dict", shape(others) if isinstance(others, dict) else ANY
    return (schema["type"], None) if "type" in schema else ANY


def holds_choices(kind: Shape) -> bool:
    """Tell whether a type is one of choices, which may be null besides."""
    name, of = kind
    return name == "literal" or (name == "union" and any(member[0] == "literal" for member in of))


def _arguments(kind: Shape) -> frozenset[Any]:
    """Return what Python's `get_args` says of a type; of a list, which holds what it is made of, nothing is said.

    The server lets a list into what takes one of its items; but the node fails when it gets the value.
    """
    name, of = kind
    if name in ("union", "literal"):
        return frozenset(of)
    return frozenset()


def _is_any(kind: Shape) -> bool:
    return kind == ANY or kind in {("list", ANY), ("dict", ANY)} or ANY in _arguments(kind)
