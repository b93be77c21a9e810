"""Two plain JSON schemas compared: what the second takes no more, or takes besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from flowbind.plain_schemas import SIZES, Schema, accepts, bound, said
from flowbind.rules import (
    BECAME_REQUIRED,
    ENUM_VALUE_ADDED,
    ENUM_VALUE_REMOVED,
    INPUT_REMOVED,
    RANGE_NARROWED,
    RANGE_WIDENED,
    TYPE_CHANGED,
    TYPE_WIDENED,
    Rule,
)

ITEMS = "[]"
"""The step from a list to its items."""
WIDENING = frozenset({ENUM_VALUE_ADDED, RANGE_WIDENED, TYPE_WIDENED})
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_LIMITS = (*_BOUNDS, *SIZES, "pattern")


@dataclass(frozen=True)
class Change:
    """One difference; `steps` lead to it inside a value, `old` and `new` are what was and is said there.

    `schema` is all that is said there now; `disjoint` where nothing that was taken there is taken any more.
    """

    rule: type[Rule]
    steps: tuple[str, ...]
    old: Any
    new: Any
    schema: Schema
    disjoint: bool = False

    def refuses(self, value: Any) -> bool:
        """Tell whether a value that was taken is refused because of this change."""
        if self.rule in WIDENING:
            return False
        if self.rule is INPUT_REMOVED:
            return any(self.steps[-1] in found for found in _at(value, self.steps[:-1]) if isinstance(found, Mapping))
        if self.rule is BECAME_REQUIRED:
            found = _at(value, self.steps[:-1])
            return any(isinstance(one, Mapping) and self.steps[-1] not in one for one in found)
        return any(not accepts(self.schema, found) for found in _at(value, self.steps))


def schema_changes(old: Schema, new: Schema, steps: tuple[str, ...] = ()) -> Iterator[Change]:
    """Yield the differences of two schemas in the plain form."""
    if old == new:
        return
    if not old or not new:
        yield Change(TYPE_CHANGED if new else TYPE_WIDENED, steps, said(old), said(new), new)
        return
    left, added = _members(old), _members(new)
    for one in [kind for kind in left if kind in added]:
        left.remove(one)
        added.remove(one)
    pairs: list[tuple[Schema, Schema]] = []
    for was in list(left):
        if (now := next((kind for kind in added if _kind(kind) == _kind(was)), None)) is not None:
            pairs.append((was, now))
            left.remove(was)
            added.remove(now)
    # A whole number is a number, a list of choices a list of what they are: wider, but not a type more.
    gone = [was for was in left if not any(_is_within(was, now) for now in _members(new))]
    if gone:
        disjoint = not any(_overlap(was, now) for was in _members(old) for now in _members(new))
        yield Change(TYPE_CHANGED, steps, said(old), said(new), new, disjoint)
    elif left or added:
        yield Change(TYPE_WIDENED, steps, said(old), said(new), new)
    for was, now in pairs:
        yield from _changes_of_one(was, now, steps, new)


def _changes_of_one(old: Schema, new: Schema, steps: tuple[str, ...], union: Schema) -> Iterator[Change]:
    """Yield the differences of two schemas of one kind; `union` is all that may stand there now."""
    if "enum" in old:
        if removed := [v for v in old["enum"] if not accepts(new, v)]:
            yield Change(ENUM_VALUE_REMOVED, steps, removed, None, union)
        if added := [v for v in new["enum"] if not accepts(old, v)]:
            yield Change(ENUM_VALUE_ADDED, steps, None, added, union)
        return
    keys = [key for key in _LIMITS if old.get(key) != new.get(key)]
    if keys:
        was, now = ({key: schema[key] for key in keys if key in schema} for schema in (old, new))
        narrowed = any(_is_narrower(key, old, new) for key in keys)
        widened = any(_is_narrower(key, new, old) for key in keys)
        if narrowed or widened:
            yield Change(RANGE_NARROWED if narrowed else RANGE_WIDENED, steps, was, now, union)
    if old.get("type") == "array":
        yield from schema_changes(old.get("items") or {}, new.get("items") or {}, (*steps, ITEMS))
        for at, (was, now) in enumerate(zip_longest(old.get("prefixItems", ()), new.get("prefixItems", ()))):
            yield from schema_changes(was or {}, now or {}, (*steps, str(at)))
    if old.get("type") == "object":
        yield from _changes_of_objects(old, new, steps)


def _changes_of_objects(old: Schema, new: Schema, steps: tuple[str, ...]) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, was in before.items():
        if name in after:
            yield from schema_changes(was, after[name], (*steps, name))
        elif "additionalProperties" not in new:
            yield Change(INPUT_REMOVED, (*steps, name), said(was), None, new)
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield Change(BECAME_REQUIRED, (*steps, name), None, said(after[name]), new)
    if "additionalProperties" in old and "additionalProperties" in new:
        yield from schema_changes(old["additionalProperties"], new["additionalProperties"], (*steps, ITEMS))


def _members(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))


def _kind(schema: Schema) -> str:
    if "enum" in schema:
        return "enum"
    return str(schema.get("type") or schema.get("$ref"))


def _is_within(was: Schema, now: Schema) -> bool:
    """Tell whether a schema takes all that one of another kind takes."""
    if "enum" in was:
        return all(accepts(now, value) for value in was["enum"])
    wider = (was.get("type"), now.get("type")) == ("integer", "number")
    return not now or (wider and not any(_is_narrower(key, was, now) for key in _BOUNDS))


def _overlap(was: Schema, now: Schema) -> bool:
    """Tell whether some values are taken by both of two schemas, as far as their kinds say."""
    for one, other in ((was, now), (now, was)):
        if "enum" in one:
            return any(accepts(other, value) for value in one["enum"])
    return not was or not now or _kind(was) == _kind(now) or {_kind(was), _kind(now)} == {"integer", "number"}


def _is_narrower(key: str, old: Schema, new: Schema) -> bool:
    """Tell whether the second schema bounds more than the first, as far as one key goes."""
    if key in ("multipleOf", "pattern"):
        was, now = old.get(key), new.get(key)
        if now is None or was == now:
            return False
        return key == "pattern" or was is None or (was % now != 0)
    low = key in ("minimum", "exclusiveMinimum", "minLength", "minItems")
    was_bound, now_bound = bound(key, low, old), bound(key, low, new)
    return now_bound > was_bound if low else now_bound < was_bound


def _at(value: Any, steps: tuple[str, ...]) -> list[Any]:
    """Return the parts of a value to which steps lead; a union may have led elsewhere."""
    found = [value]
    for step in steps:
        inner: list[Any] = []
        for one in found:
            if step == ITEMS and isinstance(one, list | Mapping):
                inner += one.values() if isinstance(one, Mapping) else one
            elif isinstance(one, Mapping) and step in one:
                inner.append(one[step])
            elif isinstance(one, list) and step.isdigit() and int(step) < len(one):
                inner.append(one[int(step)])
        found = inner
    return found
