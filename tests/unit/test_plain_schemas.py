"""Which values a schema in the plain form takes, beside the jsonschema library and pydantic."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from flowbind.plain_schemas import accepts, bound, said

from .plain_forms import JSON, SCHEMAS, is_valid, standard, values

INF, NAN = math.inf, math.nan
# What no JSON has, and what other libraries put into it all the same.
ODD = st.sampled_from([INF, -INF, NAN, 10**5000, -0.0, 5e-324, 1.7e308, "\ud800", (), {1: 2}, {None: None}, [[[]]]])


@settings(max_examples=200, deadline=None)
@given(st.data(), SCHEMAS)
def test_as_the_jsonschema_library_says(data: st.DataObject, schema: Any) -> None:
    value = data.draw(values(schema))
    assert accepts(schema, value) == is_valid(standard(schema), value)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, JSON | ODD | st.lists(ODD, max_size=2) | st.dictionaries(st.just("a"), ODD))
def test_whatever_the_value_nothing_raises(schema: Any, value: Any) -> None:
    assert accepts(schema, value) in (True, False)
    assert said(schema)


@pytest.mark.parametrize(
    ("schema", "taken", "refused"),
    [
        ({}, [0, "", [], {}, NAN, None], []),
        ({"type": "null"}, [None], [0, "", False, [], {}]),
        ({"type": "file"}, [0, "", None], []),
        ({"type": "boolean"}, [True, False, None], [0, 1, "true"]),
        ({"type": "integer"}, [0, 5.0, -(10**400), 1e300, None], [True, 0.5, "0", INF, -INF, NAN]),
        ({"type": "number"}, [0, 0.5, 10**400], [True, "0", INF, -INF, NAN]),
        ({"type": "integer", "minimum": 0.5, "maximum": 2.5}, [1, 2, 2.0], [0, 3]),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2}, [1], [0, 2]),
        ({"type": "integer", "exclusiveMinimum": 1e308}, [int(1.1e308)], [1e308]),
        ({"type": "number", "exclusiveMinimum": 0, "minimum": 0}, [5e-324], [0, -0.0]),
        ({"type": "number", "multipleOf": 0.1}, [0.3, 0.7, 1234567.1, 0, -0.3, 1e-12], [0.35, 10**400, INF, NAN]),
        ({"type": "integer", "multipleOf": 3}, [3 * 10**400, -3, 0, 6.0], [10**400, 10**9 + 3, 1]),
        ({"type": "number", "multipleOf": 2}, [4.0], [10**18 + 1, 3]),
        ({"type": "number", "multipleOf": 5e-324}, [1e308, 1], []),
        ({"enum": [1]}, [1, 1.0], [True, "1"]),
        ({"enum": [True]}, [True], [1, 1.0]),
        ({"enum": [0, ""]}, [0, "", -0.0, None], [False, [], {}]),
        ({"enum": [[1], {"a": 1}]}, [[1], [1.0], {"a": 1.0}], [[True], {"a": True}, 1, {}, [1, 1]]),
        ({"enum": [[], {}]}, [[], {}], [0, "", False]),
        ({"type": "string", "maxLength": 1}, ["", "a", "😀", "\ud800"], ["ab", 1, ["a"]]),
        ({"type": "string", "pattern": "^a$"}, ["a"], ["a\n", "b"]),
        ({"type": "string", "pattern": "("}, ["", "a"], [1]),
        ({"type": "string", "pattern": "(?=a)"}, ["a", "b"], []),
        ({"type": "string", "pattern": "\ud800"}, [None], [1]),
        ({"type": "array", "minItems": 1, "items": {"type": "integer"}}, [[1], [None], [1.0]], [[], [True], "a", {}]),
        ({"type": "array", "prefixItems": [{"enum": ["a"]}], "items": {"enum": ["b"]}}, [[], ["a", "b"]], [["b"]]),
        (
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            [{"a": None}],
            [{}, {"a": ""}],
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1}], [{"a": "1"}, [], "a"]),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": {"enum": [1]}}, [{"a": 2}], [{"b": 2}]),
        ({"anyOf": [{"enum": [1]}, {"type": "string"}]}, [1, "a", None], [2, True]),
        ({"$ref": "Graph"}, [1, "a", {}], []),
    ],
)
def test_what_is_taken(schema: Any, taken: list[Any], refused: list[Any]) -> None:
    assert [value for value in taken if not accepts(schema, value)] == []
    assert [value for value in refused if accepts(schema, value)] == []


@given(st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6).map(lambda n: n / 10), st.sampled_from([0.1, 0.3, 0.05, 8]))
def test_steps_are_as_exact_as_the_servers(value: float, step: float) -> None:
    try:
        TypeAdapter(Annotated[float, Field(multiple_of=step)]).validate_python(value)
    except ValidationError:
        assert not accepts({"type": "number", "multipleOf": step}, value)
    else:
        assert accepts({"type": "number", "multipleOf": step}, value)


@pytest.mark.timeout(20)
def test_a_pattern_cannot_stop_the_check() -> None:
    assert not accepts({"type": "string", "pattern": "^(a+)+$"}, "a" * 5000 + "b")
    assert accepts({"type": "string", "pattern": "(a{1000}){1000}" * 9}, "a")


@pytest.mark.timeout(20)
def test_a_deep_value_is_compared_without_a_crash() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert not accepts({"enum": [1, [1]]}, deep)
    assert not accepts({"type": "array", "items": {"type": "integer"}}, deep)


@pytest.mark.parametrize(
    ("low", "schema", "expected"),
    [
        (True, {}, (-INF, 0)),
        (False, {}, (INF, 0)),
        (True, {"type": "number", "minimum": 1, "exclusiveMinimum": 1}, (1, 1)),
        (False, {"type": "number", "maximum": 1, "exclusiveMaximum": 1}, (1, -1)),
        (True, {"type": "number", "minimum": 2, "exclusiveMinimum": 1}, (2, 0)),
        (True, {"type": "integer", "exclusiveMinimum": 0.5}, (1, 0)),
        (True, {"type": "integer", "minimum": -0.5}, (0, 0)),
        (False, {"type": "integer", "exclusiveMaximum": 3.0}, (2, 0)),
        (False, {"type": "integer", "maximum": 3.5}, (3, 0)),
    ],
)
def test_bounds_that_can_be_compared(low: bool, schema: Any, expected: Any) -> None:
    assert bound("minimum" if low else "maximum", low, schema) == expected


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "array"}, "list of anything"),
        ({"enum": [1, 2, 3, 4]}, "one of 1, 2, 3, ..."),
        ({"anyOf": [{"type": "string"}, {"$ref": "Graph"}]}, "string or Graph"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "object with a, b"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "list of (string or null)"),
    ],
)
def test_a_schema_in_words(schema: Any, words: str) -> None:
    assert said(schema) == words
