"""Two plain JSON schemas compared: what the second takes no more, or takes besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flowbind.plain_relations import (
    BOUNDS,
    is_narrower,
    is_same,
    is_within,
    kind_of,
    lacking,
    members_of,
    others_of,
    overlap,
)
from flowbind.plain_schemas import SIZES, Schema, accepts, said
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
"""The step from a list to its items, and from an object to those of its values that have no name."""
WIDENING = frozenset({ENUM_VALUE_ADDED, RANGE_WIDENED, TYPE_WIDENED})
_LIMITS = (*BOUNDS, *SIZES, "pattern")


@dataclass(frozen=True)
class Change:
    """One difference; `steps` lead to it inside a value, `old` and `new` are what was and is said there.

    `schema` is all that is said there now, and `whole` all that is said where the steps begin; `disjoint` where nothing
    that was taken there is taken any more.
    """

    rule: type[Rule]
    steps: tuple[str, ...]
    old: Any
    new: Any
    schema: Schema
    disjoint: bool = False
    whole: Schema | None = None

    def refuses(self, value: Any) -> bool:
        """Tell whether a value that was taken is refused, or in part ignored, because of this change."""
        if self.rule in WIDENING:
            return False
        if self.rule is INPUT_REMOVED:
            return any(_loses(self.schema, self.steps[-1], found) for found in _at(value, self.steps[:-1]))
        if self.whole is not None and accepts(self.whole, value):
            return False  # another member of a union takes it
        if self.rule is BECAME_REQUIRED:
            objects = [found for found in _at(value, self.steps[:-1]) if isinstance(found, Mapping)]
            return any(self.steps[-1] not in found for found in objects)
        return any(not accepts(self.schema, found) for found in _at(value, self.steps))


def schema_changes(old: Schema, new: Schema) -> Iterator[Change]:
    """Yield the differences of two schemas in the plain form.

    Keys that an object did not know are left out: the server ignored them.
    """
    for change in _changes(old, new, ()):
        yield replace(change, whole=new)


def _changes(old: Schema, new: Schema, steps: tuple[str, ...]) -> Iterator[Change]:
    if is_same(old, new):
        return
    if not old or not new:
        yield Change(TYPE_CHANGED if new else TYPE_WIDENED, steps, said(old), said(new), new)
        return
    before, after = members_of(old), members_of(new)
    left = [was for was in before if not any(is_same(was, now) for now in after)]
    added = {at for at, now in enumerate(after) if not any(is_same(was, now) for was in before)}
    found: list[Change] = []
    narrowed: list[tuple[Schema, dict[int, list[Change]]]] = []
    widened = False
    for was in left:
        # A whole number is a number, a list of choices a list of what they are: wider, but not a type more.
        ways = {
            at: list(_changes_of_one(was, now, steps, old, new))
            for at, now in enumerate(after)
            if kind_of(was) == kind_of(now)
        }
        wide = [at for at, changes in ways.items() if not _narrowing(changes)]
        if wide:
            at = next((at for at in wide if at in added), wide[0])
            found += ways[at]
            added.discard(at)
        elif is_within(was, new):
            widened = True
        else:
            narrowed.append((was, ways))
    gone: list[Schema] = []
    for was, ways in narrowed:
        single = kind_of(was) not in ("array", "object")
        if near := [at for at in ways if at in added] or (list(ways) if single else []):
            at = min(near, key=lambda at: len(_narrowing(ways[at])))
            found += ways[at]
            added.discard(at)
        else:
            gone.append(was)
    if gone:
        disjoint = len(gone) == len(before) and not any(overlap(was, now) for was in gone for now in after)
        yield Change(TYPE_CHANGED, steps, said(old), said(new), new, disjoint)
    elif widened or added:
        yield Change(TYPE_WIDENED, steps, said(old), said(new), new)
    yield from found


def _changes_of_one(was: Schema, now: Schema, steps: tuple[str, ...], old: Schema, new: Schema) -> Iterator[Change]:
    """Yield the differences of two schemas of one kind, members of `old` and `new`."""
    if "enum" in was:
        if removed := lacking(was["enum"], new):
            yield Change(ENUM_VALUE_REMOVED, steps, removed, None, new)
        if added := lacking(now["enum"], old):
            yield Change(ENUM_VALUE_ADDED, steps, None, added, new)
        return
    if keys := [key for key in _LIMITS if was.get(key) != now.get(key)]:
        before, after = ({key: schema[key] for key in keys if key in schema} for schema in (was, now))
        narrowed = any(is_narrower(key, was, now) for key in keys)
        if narrowed or any(is_narrower(key, now, was) for key in keys):
            yield Change(RANGE_NARROWED if narrowed else RANGE_WIDENED, steps, before, after, new)
    if was.get("type") == "array":
        yield from _changes_of_lists(was, now, steps)
    if was.get("type") == "object":
        yield from _changes_of_objects(was, now, steps, new)


def _changes_of_lists(old: Schema, new: Schema, steps: tuple[str, ...]) -> Iterator[Change]:
    first, now_first = old.get("prefixItems", ()), new.get("prefixItems", ())
    rest, now_rest = old.get("items") or {}, new.get("items") or {}
    most = max(len(first), len(now_first))
    longest = old.get("maxItems", most + 1)
    if longest > most:
        yield from _changes(rest, now_rest, (*steps, ITEMS))
    for at in range(min(most, int(longest))):
        was = first[at] if at < len(first) else rest
        now = now_first[at] if at < len(now_first) else now_rest
        yield from _changes(was, now, (*steps, str(at)))


def _changes_of_objects(old: Schema, new: Schema, steps: tuple[str, ...], union: Schema) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    others, now_others = others_of(old), others_of(new)
    for name, was in before.items():
        now = after.get(name, now_others)
        if now is None:
            yield Change(INPUT_REMOVED, (*steps, name), said(was), None, union)
        else:
            yield from _changes(was, now, (*steps, name))
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield Change(BECAME_REQUIRED, (*steps, name), None, said(after.get(name) or {}), new)
    if others is None:
        return
    for name, now in after.items():
        if name not in before:
            yield from _changes(others, now, (*steps, name))
    if now_others is None:
        yield Change(INPUT_REMOVED, (*steps, ITEMS), said(others), None, union)
    else:
        yield from _changes(others, now_others, (*steps, ITEMS))


def _narrowing(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.rule not in WIDENING]


def _loses(union: Schema, name: str, found: Any) -> bool:
    """Tell whether a key of an object, or one of those without a name, is ignored by all that take the object."""
    if not isinstance(found, Mapping):
        return False
    names = set(found) if name == ITEMS else {name} & set(found)
    taking = [member for member in members_of(union) if accepts(member, found)] or members_of(union)
    closed = [m for m in taking if m.get("type") == "object" and others_of(m) is None]
    return len(closed) == len(taking) and any(all(one not in m["properties"] for m in closed) for one in names)


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
            elif isinstance(one, list):
                inner += [item for at, item in enumerate(one) if str(at) == step]
        found = inner
    return found
