"""How two JSON schemas in plain form stand to each other: the same, wider, narrower, apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flowbind.plain_schemas import Schema, accepts, bound, identity, is_multiple

BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")


def others_of(schema: Schema) -> Schema | None:
    """Return what the unnamed values of an object are; None of one that ignores them."""
    found: Schema | None = schema.get("additionalProperties")
    return found if found or schema.get("properties") else {}


def is_same(old: Schema, new: Schema) -> bool:
    """Tell whether two schemas are one; to Python alone, true is 1."""
    return old == new and json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def members_of(schema: Schema) -> list[Schema]:
    """Return the members of a union; all its choices are one list."""
    members: list[Schema] = list(schema.get("anyOf", [schema]))
    lists = [member["enum"] for member in members if "enum" in member]
    if len(lists) < 2:
        return members
    return [*(member for member in members if "enum" not in member), {"enum": [one for each in lists for one in each]}]


def kind_of(schema: Schema) -> tuple[str, str] | str:
    """Return what schemas have in common that can be compared in detail."""
    if "enum" in schema:
        return "enum"
    return str(schema["type"]) if "type" in schema else ("$ref", str(schema.get("$ref")))


def lacking(choices: Sequence[Any], union: Schema) -> list[Any]:
    """Return the choices that a union does not take; a member of which only the name is known takes none."""
    known = {identity(one) for member in members_of(union) for one in member.get("enum", ())}
    others = [member for member in members_of(union) if member.keys().isdisjoint({"enum", "$ref"})]
    return [one for one in choices if identity(one) not in known and not any(accepts(kind, one) for kind in others)]


def _choices(schema: Schema) -> Sequence[Any] | None:
    """Return all values that a schema takes, None of one that takes too many to tell."""
    found: Sequence[Any] | None = schema.get("enum")
    return found if found is not None else {"boolean": (True, False), "null": ()}.get(str(schema.get("type")))


def is_within(was: Schema, union: Schema) -> bool:
    """Tell whether a union takes all that one of a kind that it lacks takes."""
    if (choices := _choices(was)) is not None:
        return not lacking(choices, union)
    numbers = [now for now in members_of(union) if (was.get("type"), now.get("type")) == ("integer", "number")]
    return any(not any(is_narrower(key, was, now) for key in BOUNDS) for now in numbers)


def overlap(was: Schema, now: Schema) -> bool:
    """Tell whether two schemas of different kinds take something in common."""
    for one, other in ((was, now), (now, was)):
        if (choices := _choices(one)) is not None and len(lacking(choices, other)) < len(choices):
            return True
    if not {was.get("type"), now.get("type")} <= {"integer", "number"}:
        return False
    lows, highs = ([bound(key, key == "minimum", one) for one in (was, now)] for key in ("minimum", "maximum"))
    return max(lows) <= min(highs)


def is_narrower(key: str, old: Schema, new: Schema) -> bool:
    """Tell whether the second schema bounds more than the first, as far as one key goes."""
    if key == "pattern":
        return key in new and old.get(key) != new[key]
    if key == "multipleOf":
        was = old.get(key, 1 if old.get("type") == "integer" else None)
        return key in new and (was is None or not is_multiple(was, new[key]))
    low = key in ("minimum", "exclusiveMinimum", "minLength", "minItems")
    was_bound, now_bound = bound(key, low, old), bound(key, low, new)
    return now_bound > was_bound if low else now_bound < was_bound
