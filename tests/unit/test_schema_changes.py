"""How two schemas differ: no change is missed, none is made up, and each refuses the values that it breaks."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowbind.plain_schemas import accepts
from flowbind.rules import (
    BECAME_REQUIRED,
    ENUM_VALUE_ADDED,
    ENUM_VALUE_REMOVED,
    INPUT_REMOVED,
    RANGE_NARROWED,
    RANGE_WIDENED,
    TYPE_CHANGED,
    TYPE_WIDENED,
)
from flowbind.schema_changes import WIDENING, schema_changes

from .plain_forms import JSON, NAMES, SCALARS, SCHEMAS, is_valid, standard, union, values

INT, NUM, STR, BOOL = ({"type": kind} for kind in ("integer", "number", "string", "boolean"))
FREE = {"type": "object"}
AB = {"enum": ["a", "b"]}
FILL = {"enum": ["filler"]}


def obj(*required: str, **properties: Any) -> Any:
    found: dict[str, Any] = {"type": "object", "properties": dict(sorted(properties.items()))}
    return {**found, "required": sorted(required)} if required else found


def arr(items: Any = None, *first: Any, **limits: Any) -> Any:
    named = {"items": items, "prefixItems": list(first)}
    return {"type": "array", **limits, **{key: value for key, value in named.items() if value}}


def either(*members: Any) -> Any:
    return {"anyOf": list(members)}


def of(values_of: Any) -> Any:
    return {**FREE, "additionalProperties": values_of} if values_of else FREE


def found(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(change.rule.__name__, "/".join(change.steps)) for change in schema_changes(old, new)]


def at(rule: type, steps: str = "") -> tuple[str, str]:
    return rule.__name__, steps


# Where a schema can stand in another, and the steps that lead there.
NESTED = [
    (lambda s: s, ""),
    (arr, "[]"),
    (lambda s: arr(arr(s)), "[]/[]"),
    (lambda s: arr(None, FILL, s), "1"),
    (lambda s: arr(s, FILL), "[]"),
    (lambda s: obj(x=s, y=FILL), "x"),
    (of, "[]"),
    (lambda s: obj("x", x=arr(obj(y=s))), "x/[]/y"),
    (lambda s: either(FILL, arr(s)), "[]"),
    (lambda s: either(obj(x=FILL), obj(x=FILL, y=s)), "y"),
    (lambda s: either(obj(x=s, y=FILL), FILL), "x"),
    (lambda s: either(arr(FILL), arr(s)), "[]"),
]
WIDENINGS = [
    (INT, NUM, TYPE_WIDENED),
    ({**INT, "minimum": 0, "maximum": 9}, {**NUM, "minimum": 0}, TYPE_WIDENED),
    ({**INT, "exclusiveMinimum": 0}, {**NUM, "minimum": 1}, TYPE_WIDENED),
    ({**INT, "minimum": 0}, INT, RANGE_WIDENED),
    ({**NUM, "exclusiveMinimum": 0}, {**NUM, "minimum": 0}, RANGE_WIDENED),
    ({**NUM, "multipleOf": 0.3}, {**NUM, "multipleOf": 0.1}, RANGE_WIDENED),
    ({**NUM, "multipleOf": 0.5}, NUM, RANGE_WIDENED),
    ({**STR, "maxLength": 3}, {**STR, "maxLength": 4}, RANGE_WIDENED),
    ({**STR, "pattern": "a"}, STR, RANGE_WIDENED),
    (arr(INT, minItems=1), arr(INT), RANGE_WIDENED),
    (AB, {"enum": ["b", "a", "c"]}, ENUM_VALUE_ADDED),
    (AB, STR, TYPE_WIDENED),
    (BOOL, {"enum": [0, True, False]}, TYPE_WIDENED),
    ({"enum": ["a", 1]}, either(STR, INT), TYPE_WIDENED),
    (INT, either(INT, arr(INT)), TYPE_WIDENED),
    (INT, either(arr(INT), INT), TYPE_WIDENED),
    (INT, {}, TYPE_WIDENED),
    (either(INT, STR), either(STR, NUM), TYPE_WIDENED),
    (either({**INT, "maximum": 1}, {**INT, "minimum": 5}), INT, RANGE_WIDENED),
    (FREE, {}, TYPE_WIDENED),
]
NARROWINGS = [
    (NUM, INT, TYPE_CHANGED, 0.5),
    (NUM, {**INT, "minimum": 0}, TYPE_CHANGED, -1),
    ({}, INT, TYPE_CHANGED, "a"),
    (INT, STR, TYPE_CHANGED, 1),
    (STR, AB, TYPE_CHANGED, "c"),
    (BOOL, {"enum": [True]}, TYPE_CHANGED, False),
    (arr(INT), INT, TYPE_CHANGED, [1]),
    (INT, arr(INT), TYPE_CHANGED, 1),
    (either(INT, STR), INT, TYPE_CHANGED, "a"),
    (INT, {"type": "null"}, TYPE_CHANGED, 1),
    ({"$ref": "integer"}, INT, TYPE_CHANGED, "a"),
    ({"$ref": "enum"}, AB, TYPE_CHANGED, "c"),
    (AB, {"enum": ["a"]}, ENUM_VALUE_REMOVED, "b"),
    ({"enum": [1]}, {"enum": [True]}, ENUM_VALUE_REMOVED, 1),
    ({"enum": [[1]]}, {"enum": [[True]]}, ENUM_VALUE_REMOVED, [1]),
    (INT, {**INT, "minimum": 0}, RANGE_NARROWED, -1),
    (INT, {**INT, "exclusiveMinimum": 0.5}, RANGE_NARROWED, 0),
    ({**NUM, "minimum": 0}, {**NUM, "exclusiveMinimum": 0}, RANGE_NARROWED, 0),
    ({**INT, "minimum": 0, "maximum": 9}, {**INT, "minimum": 5, "maximum": 99}, RANGE_NARROWED, 1),
    ({**NUM, "multipleOf": 2}, {**NUM, "multipleOf": 4}, RANGE_NARROWED, 2),
    ({**INT, "multipleOf": 2}, {**INT, "multipleOf": 3}, RANGE_NARROWED, 2),
    (STR, {**STR, "pattern": "^a"}, RANGE_NARROWED, "b"),
    ({**STR, "pattern": "a"}, {**STR, "pattern": "b"}, RANGE_NARROWED, "a"),
    (STR, {**STR, "maxLength": 1}, RANGE_NARROWED, "ab"),
    (STR, {**STR, "minLength": 1}, RANGE_NARROWED, ""),
    (arr(INT), arr(INT, maxItems=0), RANGE_NARROWED, [1]),
    (arr(INT), arr(INT, minItems=1), RANGE_NARROWED, []),
]


def put(place: str, value: Any) -> Any:
    """Return a value that has another at the end of steps."""
    for step in reversed(place.split("/")) if place else ():
        inner = value
        value = [inner] if step == "[]" else ["filler", inner] if step == "1" else {step: inner}
    return value


@given(SCHEMAS)
def test_equal_schemas_do_not_differ(schema: Any) -> None:
    assert list(schema_changes(schema, copy.deepcopy(schema))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({**INT, "minimum": 1}, {**INT, "minimum": 1.0}),
        ({**INT, "minimum": 1}, {**INT, "exclusiveMinimum": 0}),
        ({**INT, "minimum": 1}, {**INT, "minimum": 0.5}),
        ({**STR, "minLength": 0}, STR),
        ({**INT, "multipleOf": 1}, INT),
        ({"enum": [1, 2]}, {"enum": [2.0, 1, 1]}),
        (either(INT, STR), either(STR, INT)),
        (either(AB, INT, {"enum": ["c"]}), either({"enum": ["c", "a"]}, {"enum": ["b"]}, INT)),
        (arr(INT, INT), arr(INT)),
        (arr(None, INT, minItems=1, maxItems=1), arr(STR, INT, BOOL, minItems=1, maxItems=1)),
        (obj(x=INT), obj(x=INT, y=INT)),
        (either(obj(x=INT), obj(y=INT)), either(obj(y=INT), obj(x={**INT, "multipleOf": 1}))),
    ],
)
def test_what_is_the_same_written_otherwise(old: Any, new: Any) -> None:
    assert found(old, new) == []


@settings(max_examples=250, deadline=None)
@given(st.data(), SCHEMAS, SCHEMAS)
def test_what_is_refused_now_is_laid_to_a_change(data: st.DataObject, old: Any, new: Any) -> None:
    new = data.draw(st.just(new) | mutations(old))
    value = data.draw(values(old))
    # The server ignored keys that it did not know; what it makes of them now is no matter of the workflow.
    assume(is_valid(standard(old, closed=True), value) and accepts(old, value))
    changes = list(schema_changes(old, new))
    refusing = [change for change in changes if change.refuses(value)]
    if not accepts(new, value):
        assert any(change.rule not in WIDENING for change in changes), changes
        assert refusing, changes
    else:
        assert {change.rule for change in refusing} <= {INPUT_REMOVED}


@st.composite
def mutations(draw: st.DrawFn, schema: Any) -> Any:
    """Return a schema that is like another but for one place or a few."""
    if draw(st.integers(0, 5)) == 0 or not schema or "$ref" in schema:
        return draw(SCALARS | SCHEMAS)
    made = copy.deepcopy(schema)
    if "anyOf" in made:
        members = [draw(mutations(m)) if draw(st.booleans()) else m for m in draw(st.permutations(made["anyOf"]))]
        return union(members[draw(st.integers(0, 1)) :])
    if "enum" in made:
        return {"enum": [*made["enum"][draw(st.integers(0, 1)) :], draw(JSON)]}
    for key in sorted(made.keys() - {"type", "properties", "required", "prefixItems"}):
        change = draw(st.sampled_from(["keep", "keep", "drop", "change"]))
        if change == "drop":
            del made[key]
        elif change == "change" and key in ("items", "additionalProperties"):
            made[key] = draw(mutations(made[key]))
        elif change == "change" and key != "pattern":
            made[key] = made[key] + 1
    if "prefixItems" in made:
        made["prefixItems"] = [draw(mutations(part)) for part in made["prefixItems"]] + draw(
            st.lists(SCHEMAS, max_size=1)
        )
    if "properties" in made:
        kept = {name: draw(mutations(part)) for name, part in made["properties"].items() if draw(st.integers(0, 3))}
        made["properties"] = kept | draw(st.dictionaries(NAMES, SCHEMAS, max_size=1))
        made["required"] = [name for name in sorted(made["properties"]) if draw(st.booleans())]
    return made


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, SCHEMAS, JSON | st.sampled_from([math.nan, math.inf, 10**5000, (), "\ud800", {1: 2}, [[], {"²": []}]]))
def test_whatever_the_value_nothing_raises(old: Any, new: Any, value: Any) -> None:
    for change in schema_changes(old, new):
        assert change.refuses(value) in (True, False)


@pytest.mark.parametrize("step", ["²", "9" * 5000, "-1", "[]", ""])
def test_properties_with_odd_names(step: str) -> None:
    old = either(obj(**{step: INT}), arr(BOOL), STR)
    new = either(obj(**{step: {**INT, "minimum": 1}}), arr(BOOL), STR)
    (change,) = schema_changes(old, new)
    assert (change.rule, change.steps) == (RANGE_NARROWED, (step,))
    assert change.refuses({step: 0})
    for value in ({step: 1}, [True, False], "", {}, None, {"other": 0}):
        assert not change.refuses(value)


@pytest.mark.parametrize("case", range(len(NESTED)))
@pytest.mark.parametrize(("old", "new", "rule"), WIDENINGS)
def test_what_widens(old: Any, new: Any, rule: type, case: int) -> None:
    nest, steps = NESTED[case]
    changes = list(schema_changes(nest(old), nest(new)))
    assert {change.rule for change in changes} <= WIDENING
    assert (rule, steps) in [(change.rule, "/".join(change.steps)) for change in changes]


@pytest.mark.parametrize("case", range(len(NESTED)))
@pytest.mark.parametrize(("old", "new", "rule", "value"), NARROWINGS)
def test_what_narrows(old: Any, new: Any, rule: type, value: Any, case: int) -> None:
    nest, steps = NESTED[case]
    assert [one for one in found(nest(old), nest(new)) if one[0] not in {r.__name__ for r in WIDENING}] == [
        at(rule, steps)
    ]
    changes = list(schema_changes(nest(old), nest(new)))
    whole = put(steps, value)
    if steps == "[]" and not accepts(nest(old), whole):
        whole = {"key": value} if nest(INT)["type"] == "object" else ["filler", value]
    assert accepts(nest(old), whole)
    assert any(change.refuses(whole) for change in changes) != accepts(nest(new), whole)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (obj(x=INT), obj("y", x=INT, y=INT), [at(BECAME_REQUIRED, "y")]),
        (obj(x=INT), obj("x", x=INT), [at(BECAME_REQUIRED, "x")]),
        (obj("x", x=INT), obj(x=INT), []),
        (obj(x=INT, y=INT), obj(x=INT), [at(INPUT_REMOVED, "y")]),
        (arr(obj(x=INT, y=INT)), arr(obj(x=INT)), [at(INPUT_REMOVED, "[]/y")]),
        # What had a name and has none now is what the others are.
        (obj(x=INT), of(STR), [at(TYPE_CHANGED, "x")]),
        (obj(x=INT), of(INT), []),
        (of(INT), obj(x=STR), [at(TYPE_CHANGED, "x"), at(INPUT_REMOVED, "[]")]),
        (of(INT), of(STR), [at(TYPE_CHANGED, "[]")]),
        (of(INT), FREE, [at(TYPE_WIDENED, "[]")]),
        (FREE, of(INT), [at(TYPE_CHANGED, "[]")]),
        (FREE, obj(x=INT), [at(TYPE_CHANGED, "x"), at(INPUT_REMOVED, "[]")]),
        (obj(x=INT), FREE, [at(TYPE_WIDENED, "x")]),
        # The places before the others of a list.
        (arr(None, INT), arr(None, STR), [at(TYPE_CHANGED, "0")]),
        (arr(STR, INT), arr(STR, INT, INT), [at(TYPE_CHANGED, "1")]),
        (arr(STR, INT, INT), arr(STR, INT), [at(TYPE_CHANGED, "1")]),
        (arr(INT), arr(INT, STR), [at(TYPE_CHANGED, "0")]),
        (
            arr(None, INT, minItems=1, maxItems=1),
            arr(None, INT, INT, minItems=2, maxItems=2),
            [at(RANGE_NARROWED)],
        ),
        # Members of one kind.
        (either(obj(x=INT), obj(y=INT)), either(obj(y=INT), obj(x=STR)), [at(TYPE_CHANGED, "x")]),
        (either(obj(x=INT), obj(y=INT)), obj(y=INT), [at(TYPE_CHANGED)]),
        (either(arr(INT), arr(STR)), either(arr(STR), arr({**INT, "maximum": 5})), [at(RANGE_NARROWED, "[]")]),
        (either(arr(INT), arr(STR)), arr(STR), [at(TYPE_CHANGED)]),
        (arr(either(INT, STR)), either(arr(INT), arr(STR)), [at(TYPE_CHANGED, "[]"), at(TYPE_WIDENED)]),
        (either(AB, INT, {"enum": ["c"]}), either({"enum": ["c", "d"]}, INT, AB), [at(ENUM_VALUE_ADDED)]),
        (either(AB, {"enum": ["c"]}), either({"enum": ["c"]}, {"enum": ["a"]}), [at(ENUM_VALUE_REMOVED)]),
        (either(AB, INT), {"enum": ["a", "b", 5]}, [at(TYPE_CHANGED)]),
        (either({"enum": [1]}, STR), either({"enum": [True]}, STR), [at(ENUM_VALUE_REMOVED), at(ENUM_VALUE_ADDED)]),
        (
            either({**INT, "maximum": 1}, {**INT, "minimum": 5, "maximum": 7}),
            either({**INT, "minimum": 5, "maximum": 6}, {**INT, "maximum": 2}),
            [at(RANGE_WIDENED), at(RANGE_NARROWED)],
        ),
        (
            either({**NUM, "maximum": 1}, {**NUM, "minimum": 5, "maximum": 7}),
            {**NUM, "maximum": 1},
            [at(RANGE_NARROWED)],
        ),
        ({"$ref": "A"}, {"$ref": "B"}, [at(TYPE_CHANGED)]),
        ({"$ref": "A"}, {"$ref": "A"}, []),
    ],
)
def test_what_differs(old: Any, new: Any, expected: list[tuple[str, str]]) -> None:
    assert sorted(found(old, new)) == sorted(expected)


def test_another_member_of_a_union_takes_the_value() -> None:
    old = either(obj(x=INT, y=INT), obj("z", z=INT, x=INT))
    new = either(obj(x=INT), obj("z", z=INT, x=INT, y=INT))
    (removed,) = (change for change in schema_changes(old, new) if change.rule is INPUT_REMOVED)
    assert removed.refuses({"x": 1, "y": 1})
    assert not removed.refuses({"x": 1, "y": 1, "z": 1})
    old, new = either(arr(INT), of(INT)), either(arr({**INT, "maximum": 5}), of(INT))
    (narrowed,) = schema_changes(old, new)
    assert narrowed.refuses([9])
    assert not narrowed.refuses({"a": 9})


def test_a_mapping_that_became_an_object_loses_its_keys() -> None:
    (removed,) = schema_changes(of(INT), obj(x=INT))
    assert removed.rule is INPUT_REMOVED
    assert removed.refuses({"y": 1})
    assert not removed.refuses({"x": 1})
    assert not removed.refuses([])


@pytest.mark.parametrize(
    ("old", "new", "disjoint"),
    [
        (INT, STR, True),
        (INT, arr(INT), True),
        (either(INT, BOOL), STR, True),
        ({"enum": ["a"]}, INT, True),
        ({"$ref": "A"}, {"$ref": "B"}, True),
        (INT, {**NUM, "minimum": 1}, False),
        (NUM, INT, False),
        ({**NUM, "maximum": 0}, {**INT, "minimum": 1}, True),
        (STR, AB, False),
        (AB, {**STR, "maxLength": 0}, True),
        ({"enum": ["a", 1]}, STR, False),
        (BOOL, {"enum": [True]}, False),
        (either(INT, STR), INT, False),
        ({}, INT, False),
    ],
)
def test_whether_anything_is_still_taken(old: Any, new: Any, disjoint: bool) -> None:
    (changed,) = (change for change in schema_changes(old, new) if change.rule is TYPE_CHANGED)
    assert changed.disjoint == disjoint


@pytest.mark.timeout(60)
def test_large_schemas_are_compared_in_time() -> None:
    many = [{"enum": [f"{side}{n}" for n in range(20_000)]} for side in "ab"]
    (removed, added) = schema_changes(*many)
    assert (len(removed.old), len(added.new)) == (20_000, 20_000)
    wide = [either(*(obj(**{f"{side}{n}": INT, "x": INT}) for n in range(150))) for side in "ab"]
    assert list(schema_changes(*wide))
    deep: list[Any] = [INT, STR]
    for _ in range(7):
        deep = [either(arr(one), arr(arr(one))) for one in deep]
    assert list(schema_changes(*deep))
