"""Schemas in the plain form, values near them, and what the jsonschema library says of both."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

NAMES = st.sampled_from(["a", "b", "0", "1", "[]", "²", "type"])
CHOICES = st.sampled_from([0, 1, 1.0, True, False, "a", "b", "", "1", [1], [True], [1.0], {"a": 1}, {"a": True}, 2.5])
PATTERNS = st.sampled_from(["^a", "b", "^[ab]*$", "^$", "(?=a)", "(", "[0-9]"])
_UNREADABLE = ("(?=a)", "(")
NUMBERS = st.sampled_from([-2, -1, 0, 0.5, 1, 1.0, 2, 3, 5.0, 7.25, 10**30, -(10**300), 1e300, 10**9 + 1])
TEXTS = st.text("ab1", max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | CHOICES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
_BOUNDS = st.sampled_from([-2, 0, 0.5, 1, 1.0, 2, 3.5, 10, 10**31])
_STEPS = st.sampled_from([1, 2, 3, 0.5, 0.25, 2.0])
_SIZES = st.integers(0, 3)


def _of(kind: str, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=optional)


def _numbers(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    bounds = dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _BOUNDS)
    return _of(kind, **bounds, multipleOf=_STEPS)


SCALARS = (
    _numbers("integer")
    | _numbers("number")
    | _of("string", minLength=_SIZES, maxLength=_SIZES, pattern=PATTERNS)
    | _of("boolean")
    | st.fixed_dictionaries({"enum": st.lists(CHOICES, min_size=1, max_size=4)})
)


def union(members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a union in the plain form: flat, no member twice, anything where one is anything."""
    flat = [kind for member in members for kind in member.get("anyOf", [member])]
    if {} in flat:
        return {}
    distinct = list({json.dumps(kind, sort_keys=True): kind for kind in flat}.values())
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object"}
    if properties := draw(st.dictionaries(NAMES, inner, max_size=3)):
        found["properties"] = dict(sorted(properties.items()))
        if required := sorted(draw(st.sets(st.sampled_from(sorted(properties))))):
            found["required"] = required
    if others := draw(st.just({}) | inner):
        found["additionalProperties"] = others
    return found


@st.composite
def _lists(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    found = draw(_of("array", minItems=_SIZES, maxItems=_SIZES, prefixItems=st.lists(inner, min_size=1, max_size=2)))
    if items := draw(st.just({}) | inner):
        found["items"] = items
    return found


SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    SCALARS | st.just({}) | st.just({"type": "null"}) | st.just({"$ref": "integer"}),
    lambda inner: _lists(inner) | _objects(inner) | st.lists(inner, min_size=2, max_size=3).map(union),
    max_leaves=6,
)


@st.composite
def values(draw: st.DrawFn, schema: Any) -> Any:
    """Return a value that a schema in the plain form may well take, and may not."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kind = schema.get("type")
    if kind in ("integer", "number"):
        near = [v for v in schema.values() if not isinstance(v, str)]
        return draw(NUMBERS | st.sampled_from(near or [0]) | st.sampled_from(near or [0]).map(lambda n: n + 1))
    if kind == "array":
        first, rest = schema.get("prefixItems", []), schema.get("items", {})
        size = draw(st.integers(schema.get("minItems", 0), schema.get("minItems", 0) + 2))
        return [draw(values(first[at] if at < len(first) else rest)) for at in range(size)]
    if kind == "object":
        named = schema.get("properties", {})
        kept = [n for n in named if n in schema.get("required", ()) or draw(st.booleans())]
        others = draw(st.lists(NAMES, max_size=2)) if "additionalProperties" in schema or not named else []
        inner = {**dict.fromkeys(others, schema.get("additionalProperties", {})), **{n: named[n] for n in kept}}
        return {name: draw(values(part)) for name, part in inner.items()}
    return draw({"string": TEXTS, "boolean": st.booleans()}.get(str(kind), JSON))


def standard(schema: Any, *, closed: bool = False) -> Any:
    """Return a plain schema as the standard has it: null is taken everywhere, and what a `$ref` leads to is anything.

    Patterns that the server cannot read are left out.
    `closed` objects take no keys but those that they name, unless they say what others hold.
    """

    def one(part: Any) -> Any:
        if not part or "$ref" in part:
            return {}
        if "anyOf" in part:
            return {"anyOf": [one(member) for member in part["anyOf"]]}
        found = {key: value for key, value in part.items() if not (key == "pattern" and value in _UNREADABLE)}
        for key in ("items", "additionalProperties"):
            if key in part:
                found[key] = one(part[key])
        if "prefixItems" in part:
            found["prefixItems"] = [one(item) for item in part["prefixItems"]]
        if "properties" in part:
            found["properties"] = {name: one(value) for name, value in part["properties"].items()}
            if closed:
                found.setdefault("additionalProperties", False)
        return {"anyOf": [found, {"type": "null"}]}

    return one(schema)


def is_valid(schema: Any, value: Any) -> bool:
    """Tell whether the jsonschema library takes a value."""
    return bool(Draft202012Validator(schema).is_valid(value))
