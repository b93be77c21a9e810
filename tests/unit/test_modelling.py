"""Types of JSON schemas: whatever a document says, what comes out is a type that pydantic can build."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from flowbind_generator import modelling
from flowbind_generator.field_classes import field_types
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.python_types import python_type
from flowbind_generator.modelling import types_of
from flowbind_generator.simple_types import ANYTHING, REF, simple_type

CLASSES = ("Curve", "Point")
HOSTILE = [
    "__import__('os')", '"""', "'''", "\\", "\n", "\r\x00", "{{ x }}", "{% raw %}", "#", "", " ", "'", '"', "None",
    "]", "| str", "\u202e", "\U0001f3a8", "İ", "Any", "p0", "flowbind_holder",
]  # fmt: skip


class Curve(BaseModel):
    """A class that a schema may refer to."""


class Point(BaseModel):
    """Another one."""


NAMES = {"Annotated": Annotated, "Field": Field, "JsonValue": JsonValue, "Literal": Literal}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": REF + name}


def type_of(schema: Any) -> str:
    return types_of([schema], CLASSES)[0]


def adapter(source: str) -> TypeAdapter[Any]:
    """Return what pydantic makes of a type that names nothing but what generated code imports."""
    names = {n.id for n in ast.walk(ast.parse(source, mode="eval")) if isinstance(n, ast.Name)}
    assert names <= {*NAMES, *CLASSES, "bool", "dict", "float", "int", "list", "str", "tuple"}
    return TypeAdapter(eval(source, {**NAMES, "Curve": Curve, "Point": Point}))


def takes(source: str, value: Any) -> bool:
    try:
        adapter(source).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("schema", "source"),
    [
        ({}, "JsonValue"),
        ({"type": "integer"}, "int"),
        ({"type": "boolean"}, "bool"),
        ({"type": "null"}, "None"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"type": "integer", "nullable": True}, "int | None"),
        ({"type": "integer", "minimum": -5, "exclusiveMaximum": 9}, "Annotated[int, Field(ge=-5, lt=9)]"),
        ({"type": "string", "minLength": 1, "pattern": "^a"}, "Annotated[str, Field(min_length=1, pattern='^a')]"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "int | str"),
        ({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "Annotated[int, Field(ge=1)] | None"),
        ({"anyOf": [ref("Curve"), {"type": "array", "items": ref("Point")}]}, "Curve | list[Point]"),
        ({"allOf": [ref("Curve")]}, "Curve"),
        ({"allOf": [{"type": "integer"}]}, "int"),
        (
            {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 0}}},
            "list[list[Annotated[int, Field(ge=0)]]]",
        ),
        (
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            "Annotated[list[int], Field(max_length=3, min_length=1)]",
        ),
        (
            {
                "type": "array",
                "prefixItems": [{"type": "integer", "minimum": 1}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "tuple[Annotated[int, Field(ge=1)], str]",
        ),
        ({"type": "array"}, "list[JsonValue]"),
        ({"type": "object"}, "dict[str, JsonValue]"),
        ({"type": "object", "additionalProperties": ref("Curve")}, "dict[str, Curve]"),
        (
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            "dict[str, Annotated[float, Field(ge=0.0)]]",
        ),
        ({"const": "a"}, "Literal['a']"),
        ({"const": True}, "Literal[True]"),
        ({"const": None}, "None"),
        ({"enum": ["a", 1, True, None]}, "Literal['a', 1, True] | None"),
        ({"anyOf": [{"enum": ["a"]}, {"const": 2}, {"type": "null"}]}, "Literal['a'] | Literal[2] | None"),
    ],
)  # fmt: skip
def test_shapes(schema: Any, source: str) -> None:
    assert type_of(schema) == source
    adapter(source)


@pytest.mark.parametrize(
    "schema",
    [
        ref("Unknown"),
        ref("flowbind_holder"),
        {"$ref": "http://127.0.0.1:1/x.json"},
        {"$ref": "other.json#/x"},
        {"$ref": 5},
        {"allOf": [ref("Curve"), ref("Point")]},
        {"type": "nonsense"},
        {"type": 5},
        {"type": "array", "items": 5},
        {"anyOf": 5},
        {"anyOf": [5]},
        {"anyOf": []},
        {"enum": []},
        {"enum": 5},
        {"not": {"type": "integer"}},
        {"type": "integer", "minimum": "a"},
        {"type": "string", "minLength": -1},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "^(?!a)"},
        {"type": "string", "enum": ["\ud800"]},
        {"type": "number", "multipleOf": 0},
        {"type": "integer", "minimum": math.inf},
        {"type": "string", "format": "date-time"},
        {"type": "string", "x-python-type": "os.system"},
        {"type": "object", "properties": {"a": {"type": "integer"}}},
    ],
)
def test_what_is_broken_or_strange_takes_any_json(schema: Any) -> None:
    assert type_of(schema) == ANYTHING


def test_a_broken_schema_costs_the_others_nothing() -> None:
    schemas = [{"type": "integer"}, {"type": "string", "pattern": "("}, ref("Gone"), {"anyOf": 5}, ref("Curve")]
    assert types_of(schemas, CLASSES) == ["int", ANYTHING, ANYTHING, ANYTHING, "Curve"]
    assert types_of([], CLASSES) == []
    assert types_of([{"type": "integer"}] * 3, ()) == ["int"] * 3


def test_what_is_said_about_a_value_changes_no_type() -> None:
    about = {
        "default": 3,
        "description": '"""',
        "title": "print",
        "examples": [1],
        "discriminator": {"propertyName": "t"},
    }
    plain = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    said = {**about, "type": "array", "items": {**about, "type": "integer", "minimum": 1}}
    assert type_of(said) == type_of(plain)
    union = [{**about, "type": "integer"}, {**about, "type": "string"}]
    for word in ("anyOf", "oneOf"):
        assert type_of({**about, word: union}) == "int | str"
    assert (
        type_of({"oneOf": [ref("Curve"), ref("Point")], "discriminator": {"propertyName": "type"}}) == "Curve | Point"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_strangers_stay_texts(text: str) -> None:
    for schema in ({"enum": [text, "b"]}, {"type": "string", "enum": [text, "b"]}):
        source = type_of(schema)
        assert takes(source, text)
        assert takes(source, "b")
        assert not takes(source, text + "x")
    assert takes(type_of({"const": text}), text)
    for word in ("title", "description", "default", "format", "pattern", "$comment", "x-enum-varnames"):
        adapter(type_of({"type": "string", word: text}))
    assert type_of(ref(text)) == ANYTHING


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4) | st.sampled_from(HOSTILE)
JSON = st.recursive(LEAVES, lambda j: st.lists(j, max_size=2) | st.dictionaries(st.text(max_size=3), j, max_size=2))
KINDS = st.sampled_from(["integer", "number", "string", "boolean", "null", "array", "object", "nonsense"])
WORDS: Mapping[str, st.SearchStrategy[Any]] = {
    "type": KINDS | st.lists(KINDS, max_size=3),
    "const": JSON,
    "enum": st.lists(JSON, max_size=4),
    "minimum": st.integers(-5, 5) | st.floats(),
    "exclusiveMaximum": st.integers(-5, 5) | st.floats(),
    "multipleOf": st.integers(-1, 5),
    "minLength": st.integers(-1, 3),
    "maxItems": st.integers(-1, 3),
    "minItems": st.integers(0, 2),
    "pattern": st.sampled_from(["^a$", "(", "(?=a)", *HOSTILE]),
    "format": st.sampled_from(["uuid", "binary", "date", "x"]),
    "nullable": st.booleans(),
    "default": JSON,
    "title": st.sampled_from(["print", *HOSTILE]),
    "$ref": st.sampled_from([REF + "Curve", REF + "Gone", REF, "#", "", "x.json"]),
    "required": st.lists(st.text(max_size=2), max_size=2),
    "x-python-type": st.just("os.system"),
}


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.lists(inner, max_size=3)
    words = {
        "anyOf": members, "oneOf": members, "allOf": members, "prefixItems": members, "items": inner | st.booleans(),
        "additionalProperties": inner | st.booleans(), "not": inner,
        "properties": st.dictionaries(st.sampled_from(HOSTILE), inner, max_size=2),
    }  # fmt: skip
    return st.fixed_dictionaries({}, optional={**WORDS, **words})


PLAIN = st.fixed_dictionaries({}, optional={"type": KINDS, **{k: v for k, v in WORDS.items() if k != "type"}})
LIKELY = st.sampled_from([{"type": "integer", "minimum": 1}, {"type": "string"}, ref("Curve"), {"type": "null"}, {}])
SCHEMAS = st.recursive(LIKELY | PLAIN, _around, max_leaves=6)


@settings(max_examples=80)
@given(st.lists(SCHEMAS | st.dictionaries(st.sampled_from([*WORDS, "anyOf", "items"]), JSON), min_size=1, max_size=3))
def test_any_schema_gives_a_type(schemas: list[Any]) -> None:
    found = types_of(schemas, CLASSES)
    assert len(found) == len(schemas)
    for source in found:
        assert adapter(source).core_schema


NUMBERS = st.sampled_from([0, 1, -5, 1000, 0.5, -0.25, 1e-7, 2.0, 10**12, True])
SIMPLE = st.recursive(
    st.sampled_from([{}, {"type": "object"}, {"type": "null"}, ref("Curve"), ref("Point")])
    | st.fixed_dictionaries({"type": KINDS}, optional={"minimum": NUMBERS, "maximum": NUMBERS})
    | st.fixed_dictionaries(
        {"type": KINDS, "enum": st.lists(st.sampled_from(["a", "b c", "'", "é", 1, -1]), max_size=3)}
    ),
    lambda inner: (
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": st.integers(0, 4), "maxItems": st.integers(0, 4)},
        )
    ),
)


@settings(max_examples=100)
@given(SIMPLE)
def test_simple_types_are_what_the_library_makes_of_them(schema: Any) -> None:
    simple = simple_type(schema, CLASSES)
    with patch.object(modelling, "simple_type", return_value=None):
        assert simple in (None, type_of(schema))


def test_all_objects_of_the_shipped_document_are_simple() -> None:
    catalog = engine.shipped_catalog()
    with patch.object(modelling, "_generated", side_effect=AssertionError):
        for node_type in catalog:
            found = catalog.get(node_type)
            assert found
            for field in found.inputs.values():
                field_types(python_type(field).classes)
