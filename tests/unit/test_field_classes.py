"""The classes of `field_types.py`: names, defaults and docs from schemas, and values that come and go as JSON."""

from __future__ import annotations

import builtins
import json
import keyword
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbind.errors import InputError
from flowbind.field_type import FieldType
from flowbind_generator.field_classes import field_types
from flowbind_generator.field_values import Unfit, value_code
from flowbind_generator.format import format_sources
from flowbind_generator.invokeai.object_types import ObjectTypes
from flowbind_generator.live_module import class_of
from flowbind_generator.render import render_field_types
from flowbind_generator.verify import NotAsPlanned, verify_field_types

from .exports import resolved
from .objects import CURVE, NULL, POINT, SCHEMAS, catalog_with, drawing, field, ref
from .test_modelling import HOSTILE

KEYS = [
    "class", "None", "print", "int", "list", "tuple", "Literal", "Annotated", "Field", "FieldType", "JsonValue",
    "model_config", "model_fields", "model_dump", "copy", "json", "dict", "schema", "validate", "construct", "mro",
    "register", "self", "cls", "_private", "__init__", "__dict__", "_", "größe", "Größe", "提示", "1st", "a-b", "a b",
    "", "🎨", "ﬁ", "Curve", "Kind", "copy_", "copy__", "class_", "type", "import", "order", "name", "value", "x.y",
    "$ref", "match",
]  # fmt: skip


def plan_of(schema: dict[str, Any], **schemas: Any) -> Any:
    """Return the plan for a class `Kind` with the given schema."""
    found = ObjectTypes({"Kind": schema, **schemas}).classes(ref("Kind"))
    return field_types(found)


def attributes(properties: dict[str, Any], *, required: list[str] | None = None, **schemas: Any) -> dict[str, Any]:
    """Return the attributes of a class with such properties, by name."""
    plan = plan_of({"properties": properties, "required": required or []}, **schemas)
    (kind,) = (c for c in plan.classes if c.name == "Kind")
    return {a.attribute: a for a in kind.attributes}


def class_with(properties: dict[str, Any], **schema: Any) -> Any:
    """Return the class `Kind`, rendered, formatted as on disk, verified and imported."""
    catalog = catalog_with({"kind": field(ref("Kind"))}, {"Kind": {"properties": properties, **schema}})
    module, _ = resolved(drawing(kind=None), catalog)
    planned = field_types(module.field_types)
    formatted = format_sources({"field_types.py": render_field_types(planned)})["field_types.py"]
    verify_field_types(formatted, planned)
    made = class_of(module)
    made.model_rebuild()
    return next(iter(k for k in vars(sys.modules[_types_module(made)]).values() if _is_kind(k)))


def _types_module(made: type) -> str:
    return made.__module__.rpartition(".")[0] + ".field_types"


def _is_kind(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, FieldType) and value is not FieldType


@pytest.mark.filterwarnings("error")
def test_any_key_gives_an_attribute_and_keeps_its_own_name_in_json() -> None:
    kind = class_with({key: {"type": "integer"} for key in KEYS})
    names = list(kind.model_fields)
    assert len(names) == len(KEYS)
    for name in names:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_")
        assert name not in dir(FieldType)
    keys = sorted(KEYS)
    made = kind(**{name: number for number, name in enumerate(names)})
    written = json.loads(made.model_dump_json(by_alias=True))
    assert list(written.items()) == [(key, number) for number, key in enumerate(keys)]
    assert kind.model_validate_json(json.dumps(written)) == made
    assert [getattr(made, name) for name in names] == list(range(len(KEYS)))


def test_one_attribute_is_written_under_its_own_key_alone() -> None:
    kind = class_with({key: {"type": "integer"} for key in KEYS})
    for name, key in zip(kind.model_fields, sorted(KEYS), strict=True):
        assert kind(**{name: 1}).model_dump(mode="json", by_alias=True) == {key: 1}
        assert kind.model_validate_json(json.dumps({key: 1})) == kind(**{name: 1})


def test_plain_names_stay() -> None:
    found = attributes({"blurRadius": {"type": "integer"}, "x": {"type": "integer"}, "type": {"const": "k"}})
    assert list(found) == ["blurRadius", "type", "x"]
    assert all("alias" not in a.annotation for a in found.values())


@pytest.mark.parametrize(
    ("schema", "annotation", "code"),
    [
        ({"type": "integer", "default": 5}, "int", "5"),
        ({"type": "integer", "default": 0}, "int", "0"),
        ({"type": "string", "default": ""}, "str", "''"),
        ({"type": "boolean", "default": False}, "bool", "False"),
        ({"type": "integer"}, "int | None", "None"),
        ({"type": "integer", "default": None}, "int | None", "None"),
        ({"type": "integer", "minimum": 1}, "Annotated[int, Field(ge=1)] | None", "None"),
        ({"anyOf": [{"type": "integer"}, NULL]}, "int | None", "None"),
        ({"anyOf": [{"type": "integer"}, NULL], "default": 3}, "int | None", "3"),
        ({"anyOf": [NULL, {"type": "integer"}]}, "int | None", "None"),
        ({"type": "array", "items": {"type": "integer"}, "default": [1]}, "list[int] | None", "None"),
        ({**ref("Mode"), "default": "a"}, "Literal['a', 'b']", "'a'"),
        (ref("IsNone"), "IsNone | None", "None"),
        ({"const": "k", "default": "k"}, "Literal['k']", "'k'"),
        ({}, "JsonValue | None", "None"),
        ({"type": "null"}, "None", "None"),
    ],
)
def test_what_may_be_left_out(schema: dict[str, Any], annotation: str, code: str) -> None:
    known: Any = {"Mode": {"enum": ["a", "b"]}, "IsNone": {"properties": {"a": {"type": "integer"}}}}
    found = attributes({"key": schema}, **known)["key"]
    assert (found.annotation, found.default_code) == (annotation, code)
    required = attributes({"key": schema}, required=["key"], **known)["key"]
    assert required.default_code is None
    assert required.annotation == annotation.removesuffix(" | None") or "anyOf" in schema


def test_docs_are_the_documents_words() -> None:
    found = attributes({
        "points": {"type": "array", "items": {}, "default": [1, 2], "description": "Where it goes"},
        "blur_radius": {"type": "integer"},
        "empty": {"type": "integer", "description": " \u200b "},
    })  # fmt: skip
    assert found["points"].doc == "Where it goes. Unset, the server takes [1, 2]."
    assert found["blur_radius"].doc == "Blur radius."
    assert plan_of(POINT).classes[0].doc == "Kind."
    described = ObjectTypes(SCHEMAS).classes(ref("Curve"))
    assert [c.doc for c in field_types(described).classes] == ["A curve.", "Point."]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Curve-Input", "Curve_Input"),
        ("Page[int]", "Page_int_"),
        ("1st", "Type1st"),
        ("_Hidden", "Type_Hidden"),
        ("None", "None_"),
        ("Literal", "Literal_"),
        ("FieldType", "FieldType_"),
        ("list", "list_"),
        ("Image", "Image_"),
        ("ﬁne", "fine"),
        ("௰", "Type_"),
        ("🎨", "Type_"),
    ],
)
def test_a_class_is_called_as_its_schema_where_python_allows(name: str, expected: str) -> None:
    found = ObjectTypes({name: POINT}, reserved=["Image"]).classes(ref(name))
    assert list(found) == [expected]
    assert expected not in dir(builtins)
    render_field_types(field_types(found))


def test_two_schemas_of_one_name_are_two_classes() -> None:
    types = ObjectTypes({"A-B": POINT, "A_B": CURVE, "Point": POINT})
    assert types.annotation({"anyOf": [ref("A-B"), ref("A_B")]}) == "A_B | A_B_"
    assert set(types.classes({"anyOf": [ref("A-B"), ref("A_B")]})) == {"A_B", "A_B_", "Point"}


def test_a_schema_that_leads_to_itself() -> None:
    tree = {"properties": {"inside": {"type": "array", "items": ref("Kind")}, "next": {"anyOf": [ref("Kind"), NULL]}}}
    kind = class_with(tree["properties"])
    made = kind.model_validate_json('{"inside": [{"inside": []}], "next": {"next": {}}}')
    assert isinstance(made.inside[0], kind)
    assert made.model_dump(mode="json", by_alias=True) == {"inside": [{"inside": []}], "next": {"next": {}}}
    union = ObjectTypes({"Tree": {"anyOf": [{"type": "integer"}, {"type": "array", "items": ref("Tree")}]}})
    assert union.annotation(ref("Tree")) == "int | list[JsonValue]"


@pytest.mark.parametrize(
    "schema", [True, 5, {"anyOf": [True]}, {"items": {"anyOf": 5}}, {"$ref": 5}, {"allOf": [True]}]
)
def test_a_broken_property_can_be_anything(schema: Any) -> None:
    assert "JsonValue" in attributes({"key": schema})["key"].annotation


TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=8)
PROPERTY = st.fixed_dictionaries(
    {"type": st.just("string")}, optional={"description": TEXTS, "default": TEXTS, "enum": st.lists(TEXTS, max_size=3)}
)


@settings(max_examples=40)
@given(
    st.dictionaries(TEXTS | st.sampled_from(KEYS), PROPERTY, min_size=1, max_size=4),
    TEXTS.filter(lambda name: "/" not in name),
    TEXTS,
)
def test_any_text_anywhere(properties: dict[str, Any], name: str, description: str) -> None:
    found = ObjectTypes({name: {"properties": properties, "description": description}}).classes(ref(name))
    planned = field_types(found)
    verify_field_types(format_sources({"f.py": render_field_types(planned)})["f.py"], planned)
    ((class_name, schema),) = found.items()
    for key, value in schema["properties"].items():
        text = f"{key}🎨 \"'"
        if "enum" not in value:
            assert repr(text) in (value_code(class_name, {key: text}, found) or "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Point(FieldType)", "class Point(print('pwned'))"),
        ("class Point(FieldType)", "class Pint(FieldType)"),
        ("y: float = 0.5", "y: float = print('pwned')"),
        ("y: float = 0.5", "y: int = 0.5"),
        ("y: float = 0.5", "z: float = 0.5"),
        ("y: float = 0.5", ""),
        ("A curve.", "A line."),
        ("import FieldType", "import FieldType as Field"),
        ("__all__ = [", "__all__ = [print('pwned'),"),
        ("class Point", "import os\nclass Point"),
        ("class Point", "@print\nclass Point"),
    ],
)
def test_only_what_was_planned_passes(old: str, new: str) -> None:
    planned = field_types(ObjectTypes(SCHEMAS).classes(ref("Curve")))
    source = render_field_types(planned)
    verify_field_types(source, planned)
    assert old in source
    with pytest.raises((NotAsPlanned, SyntaxError)):
        verify_field_types(source.replace(old, new, 1), planned)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"points": [{"x": 1}]}, "Curve(points=[Point(x=1.0)])"),
        ({"points": [{"y": 2, "x": 1}], "class": "a"}, "Curve(class_='a', points=[Point(x=1.0, y=2.0)])"),
        ({"points": [{"x": 1, "tag": None}]}, "Curve(points=[Point(tag=None, x=1.0)])"),
    ],
)
def test_a_saved_value_as_python(value: Any, code: str) -> None:
    classes = ObjectTypes(SCHEMAS).classes(ref("Curve"))
    assert value_code("Curve", value, classes) == code


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "points: Field required"),
        ({"points": []}, "points: List should have at least 1 item"),
        ({"points": [{"x": -1}]}, "points.0.x: Input should be greater than or equal to 0"),
        ({"points": [{"x": 1}], "style": "round"}, "style: Input should be 'smooth' or 'sharp'"),
        ({"points": [{"x": 1}], "other": 1}, "other: Extra inputs are not permitted"),
        ({"points": [{"x": 1}], "class": "too long"}, "class: String should have at most 5"),
        ({"points": [{"x": "1"}]}, "points.0.x: Input should be a valid number"),
        ([], "object"),
        ("text", "object"),
        (None, "object"),
    ],
)
def test_a_saved_value_that_its_class_refuses(value: Any, said: str) -> None:
    with pytest.raises(Unfit, match=r".") as caught:
        value_code("Curve", value, ObjectTypes(SCHEMAS).classes(ref("Curve")))
    assert said in str(caught.value)


def test_messages_name_class_and_place() -> None:
    kind = class_with({"number": {"type": "integer", "minimum": 1}, "list": {"type": "array", "items": {"const": 1}}})
    for values, said in (
        ({"number": 0}, "Kind.number is 0: Input should be greater than or equal to 1."),
        ({"list_": [1, 2]}, "Kind.list_.1 is 2: Input should be 1."),
        ({"nope": 1}, "Kind.nope is 1: Extra inputs are not permitted."),
    ):
        with pytest.raises(InputError) as caught:
            kind(**values)
        assert str(caught.value) == said
    made = kind(number=1)
    with pytest.raises(InputError, match=r"^Kind\.number is 'a': "):
        made.number = "a"
    with pytest.raises(InputError, match=r"^Kind\.nope is 1: "):
        made.nope = 1
    assert made.number == 1
