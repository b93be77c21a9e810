"""Inputs with schemas that other tools write: lists of types, broken limits, members that are no schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from flowbind.errors import InputError
from flowbind.invokeai.schema.field_types import field_type
from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai import engine
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.limits import limits
from flowbind_generator.live_module import class_of
from flowbind_generator.resolve import resolve

from .exports import FILE, as_bytes, codes, given, input_of, resolved
from .objects import NULL, catalog_with, drawing, drawn_class, field, posted, ref
from .test_modelling import JSON, SCHEMAS


def annotation(catalog: Catalog, value: Any = None) -> str:
    entry = given() if value is None else value
    return input_of(resolved(drawing(key=entry), catalog)[0], "key").annotation


@pytest.mark.parametrize(
    ("schema", "source"),
    [
        ({"type": ["integer", "null"], "minimum": 1}, "Annotated[int | None, Field(ge=1)] | Unset"),
        ({"type": ["integer", "string"]}, "int | str | Unset"),
        ({"oneOf": [{"type": "integer", "minimum": 1}]}, "Annotated[int, Field(ge=1)] | Unset"),
        ({"oneOf": [{"type": "string"}, NULL]}, "str | None | Unset"),
        ({"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 3}]}, "Annotated[int, Field(ge=1, le=3)] | Unset"),
        ({"anyOf": [True, {"type": "integer"}]}, "JsonValue | int | Unset"),
        ({"anyOf": []}, "JsonValue | Unset"),
        ({"anyOf": 5}, "JsonValue | Unset"),
        ({"type": "array", "items": True}, "list[JsonValue] | Unset"),
        ({"type": "array", "items": 5}, "list[JsonValue] | Unset"),
        ({"allOf": [True]}, "JsonValue | Unset"),
        (ref("Gone"), "JsonValue | Unset"),
        ({"type": "string", "pattern": "^(?!a)"}, "str | Unset"),
        ({"type": "string", "pattern": "("}, "str | Unset"),
        ({"type": "string", "minLength": -1, "maxLength": 5}, "Annotated[str, Field(max_length=5)] | Unset"),
        ({"type": "integer", "multipleOf": 0, "minimum": 1}, "Annotated[int, Field(ge=1)] | Unset"),
        ({"type": "number", "minimum": "a"}, "float | Unset"),
        ({"const": []}, "list[JsonValue] | Unset"),
        ({"enum": [1.5, 2]}, "Annotated[float, OneOf((1.5, 2.0))] | Unset"),
        ({"enum": [1, 2]}, "Literal[1, 2] | Unset"),
    ],
)
def test_a_class_can_be_made_of_it(schema: Any, source: str) -> None:
    catalog = catalog_with({"key": field(schema)})
    assert annotation(catalog) == source
    made = drawn_class(catalog, key=given())
    assert "key" not in posted(made())


@pytest.mark.parametrize(
    "schema", [{"type": ["a"]}, {"type": []}, {"oneOf": [{}]}, {"oneOf": 5}, {"type": 5}, {"type": {}}, {"items": 5}]
)
def test_a_shape_that_the_editor_does_not_know(schema: Any) -> None:
    assert not field_type(schema).in_editor
    assert limits(schema) == limits({})


def test_null_among_types_leaves_the_key_out() -> None:
    made = drawn_class(catalog_with({"key": field({"type": ["integer", "null"], "minimum": 1})}), key=5)
    assert posted(made())["key"] == 5
    assert "key" not in posted(made(key=None))
    with pytest.raises(InputError, match="greater than or equal to 1"):
        made(key=0)


@pytest.mark.parametrize(("value", "fits"), [("abc", True), ("bc", False)])
def test_a_saved_text_must_have_the_pattern(value: str, fits: bool) -> None:
    catalog = catalog_with({"key": field({"type": "string", "pattern": "^a"})})
    module, report = resolved(drawing(key=value), catalog)
    assert codes(report) == ([] if fits else ["FB204"])
    found = input_of(module, "key")
    assert found.default_code == (repr(value) if fits else "UNSET")
    assert posted(drawn_class(catalog, key=value)())["key"] == value


@pytest.mark.parametrize("bound", [2.0**63, -1e300, 10**30])
def test_a_bound_of_any_size_is_one(bound: float) -> None:
    catalog = catalog_with({"key": field({"type": "integer", "maximum": bound})}, {})
    below, above = -(10**301), 10**31
    made = drawn_class(catalog, key=below)
    assert posted(made(key=below - 1))["key"] == below - 1
    with pytest.raises(InputError):
        made(key=above)


@settings(max_examples=60)
@example({"anyOf": [ref("Curve"), {}]}, {}, [])
@given_any(SCHEMAS, JSON, st.lists(SCHEMAS, max_size=2))
def test_any_schema_and_any_saved_value(schema: Any, value: Any, members: list[Any]) -> None:
    schemas = {"Curve": {"properties": {f"p{n}": member for n, member in enumerate(members)} or {"x": {}}}}
    catalog = catalog_with({"key": field(schema)}, schemas)
    report = Report(FILE)
    draft = engine.draft(as_bytes(drawing(key=value)), catalog, report)
    if draft is None:
        return
    module = resolve(draft, source=FILE, name="a", class_name="A", pinned={})
    made = class_of(module).model_construct(_fields_set=set())
    assert json.dumps(posted(made), sort_keys=True) == json.dumps(module.graph["nodes"]["n"], sort_keys=True)
    if not any(i.required for i in module.inputs):
        assert type(made)() is not None


def test_what_several_schemas_say_together() -> None:
    schemas = {
        "Animal": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Dog": {
            "description": "Barks.",
            "allOf": [ref("Animal"), {"type": "object", "properties": {"tricks": {"type": "integer", "minimum": 0}}}],
        },
    }
    assert annotation(catalog_with({"key": field(ref("Dog"))}, schemas)) == "Dog | Unset"
    both = {"allOf": [{"type": "integer"}, {"minimum": 3}]}
    assert annotation(catalog_with({"key": field(both)})) == "Annotated[int, Field(ge=3)] | Unset"
    made = drawn_class(catalog_with({"key": field(ref("Dog"))}, schemas), key={"name": "Rex", "tricks": 2})
    assert posted(made())["key"] == {"name": "Rex", "tricks": 2}
    assert made().key.tricks == 2


def test_what_is_not_understood_inside_an_object_is_told() -> None:
    schemas = {"Odd": {"properties": {"told": {"type": "bogus"}, "open": {}, "plain": {"type": "integer"}}}}
    _, report = resolved(drawing(key={"plain": 1}), catalog_with({"key": field(ref("Odd"))}, schemas))
    assert codes(report) == ["FB402"]
    assert 'The type of Odd.told, in "key", is not understood' in str(next(iter(report)))
