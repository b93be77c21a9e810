"""The plain form of schemas as documents have them, odd and hostile ones too."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowbind.invokeai.schema.plain import plain
from flowbind.plain_schemas import accepts, said
from flowbind.schema_changes import schema_changes

from .plain_forms import JSON, SCHEMAS, is_valid, values

INT, STR, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def in_text(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True)


NAMED: dict[str, Any] = {
    "Number": {**INT, "minimum": 1},
    "Alias": ref("Number"),
    "AliasOfAlias": ref("Alias"),
    "Itself": ref("Itself"),
    "One": ref("Other"),
    "Other": ref("One"),
    "Node": obj(value=INT, next=ref("Node")),
    "Wrapped": obj(next={"allOf": [ref("Wrapped")], "default": None}),
    "Left": obj(right={"type": "array", "items": ref("Right")}),
    "Right": obj(left=ref("Left"), others={"allOf": [ref("Left"), {"required": ["right"]}]}),
    "Base": {**obj(a=INT), "required": ["a"]},
    "Child": {"allOf": [ref("Base"), obj(b=STR)], "required": ["b"]},
    "Loop": {"allOf": [ref("Loop"), obj(a=INT)]},
    "BaseModelType": {"enum": ["any", "sd-1"], "type": "string"},
    "True": True,
    "False": False,
    "Five": 5,
    "List": [],
    **{f"Deep{n}": obj(inner=ref(f"Deep{n + 1}")) for n in range(9)},
}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (ref("AliasOfAlias"), {**INT, "minimum": 1}),
        ({"allOf": [ref("Alias")]}, {**INT, "minimum": 1}),
        ({"allOf": [ref("Number")], "maximum": 3}, {**INT, "maximum": 3, "minimum": 1}),
        ({"allOf": [{"allOf": [{"allOf": [INT]}]}, {"allOf": [{"minimum": 1}]}]}, {**INT, "minimum": 1}),
        ({**ref("Number"), "default": 5, "description": "?"}, {**INT, "minimum": 1}),
        ({"allOf": [ref("Gone"), INT]}, INT),
        (ref("Child"), {**obj(a=INT, b=STR), "required": ["a", "b"]}),
        (ref("Loop"), obj(a=INT)),
        (ref("Gone"), {}),
        (ref("Five"), {}),
        (ref("List"), {}),
        (ref("True"), {}),
        (ref("False"), {}),
        ({"$ref": 5}, {}),
        ({"$ref": None}, {}),
        ({"allOf": [{"$ref": []}, INT]}, INT),
        (ref("Itself"), {}),
        (ref("One"), {}),
        (ref("Node"), obj(next={"$ref": "Node"}, value=INT)),
        (ref("Wrapped"), obj(next={"$ref": "Wrapped"})),
        (ref("Deep0"), obj(inner=obj(inner=obj(inner=obj(inner={"$ref": "Deep4"}))))),
        # Of which there are ever more.
        (ref("BaseModelType"), STR),
        ({"allOf": [ref("BaseModelType")], "default": "any"}, STR),
        ({"anyOf": [ref("BaseModelType"), NULL]}, STR),
        ({"anyOf": [INT, NULL]}, INT),
        ({"oneOf": [INT, STR, INT]}, {"anyOf": [INT, STR]}),
        ({"anyOf": [{"anyOf": [INT, NULL]}, {"oneOf": [STR, {"type": ["integer"]}]}]}, {"anyOf": [INT, STR]}),
        ({"anyOf": [INT, {}]}, {}),
        ({"anyOf": [INT, True]}, {}),
        ({"anyOf": [NULL]}, NULL),
        ({"anyOf": [{"const": 1}, {"const": True}]}, {"anyOf": [{"enum": [1]}, {"enum": [True]}]}),
        ({**INT, "nullable": True}, INT),
        ({"type": ["integer", "null"], "minimum": 0}, {**INT, "minimum": 0}),
        ({"type": ["integer", "string"], "minimum": 0}, {"anyOf": [{**INT, "minimum": 0}, STR]}),
        ({"type": ["null"]}, NULL),
        ({"type": [["integer"]]}, INT),
        ({"anyOf": [INT, STR], "ge": 0, "maxLength": 5}, {"anyOf": [{**INT, "minimum": 0}, {**STR, "maxLength": 5}]}),
        (
            {"anyOf": [{"type": "array", "items": INT}, {"anyOf": [INT, NULL]}], "minLength": 1, "lt": 9},
            {
                "anyOf": [
                    {"type": "array", "items": INT, "minItems": 1},
                    {**INT, "exclusiveMaximum": 9},
                ]
            },
        ),
        ({"anyOf": [{**INT, "minimum": 5}, NULL], "ge": 0}, {**INT, "minimum": 5}),
        ({"const": None}, NULL),
        ({"const": []}, {"enum": [[]]}),
        ({"const": 1, "type": "integer"}, {"enum": [1]}),
        ({"enum": ["a", None], "type": ["string", "null"]}, {"enum": ["a"]}),
        ({"enum": []}, NULL),
        ({"enum": "abc", "type": "string"}, STR),
        ({"enum": 5}, {}),
        ({"enum": None, "type": "integer"}, INT),
        ({"type": 5}, {}),
        ({"type": {}}, {}),
        ({"type": []}, {}),
        ({"type": None}, {}),
        ({**INT, "minimum": "a", "maximum": None, "exclusiveMinimum": True, "multipleOf": 0}, INT),
        ({"type": "number", "minimum": -math.inf, "maximum": math.nan, "multipleOf": -1}, {"type": "number"}),
        ({**INT, "minimum": 10**400}, {**INT, "minimum": 10**400}),
        ({**STR, "minLength": -1, "maxLength": 1.5, "pattern": 5}, STR),
        ({**STR, "minimum": 5, "minItems": 5}, STR),
        ({"type": "array", "items": 5}, {"type": "array"}),
        ({"type": "array", "items": [INT]}, {"type": "array"}),
        ({"type": "array", "items": True, "minItems": "2"}, {"type": "array"}),
        ({"type": "array", "prefixItems": [INT, 5]}, {"type": "array", "prefixItems": [INT, {}]}),
        ({"type": "array", "prefixItems": {}}, {"type": "array"}),
        ({"type": "object", "properties": []}, {"type": "object"}),
        ({"properties": ["a"]}, {}),
        ({**obj(a=5), "required": "a"}, obj(a={})),
        ({**obj(a=INT), "required": [[], {}, 5, None, "a", "b"]}, {**obj(a=INT), "required": ["a"]}),
        ({**obj(a=INT), "required": 5}, obj(a=INT)),
        ({**obj(a=INT), "required": {"a": 1}}, obj(a=INT)),
        ({"type": "object", "additionalProperties": False}, {"type": "object"}),
        ({"type": "object", "additionalProperties": 5}, {"type": "object"}),
        ({"type": "object", "additionalProperties": INT}, {"type": "object", "additionalProperties": INT}),
        ({"allOf": 5, **INT}, INT),
        ({"allOf": [5, True], **INT}, INT),
        ({"allOf": [{"properties": [], "required": 5}], "properties": 5, "required": "a"}, {}),
        ({"allOf": [obj(a=INT)], "properties": 5, "required": 5}, obj(a=INT)),
        ({"allOf": [{"required": ["a"]}], **obj(a=INT), "required": "abc"}, {**obj(a=INT), "required": ["a"]}),
        ({"anyOf": {}, **INT}, INT),
        ({"anyOf": [], **INT}, INT),
        (True, {}),
        (False, {}),
        (None, {}),
        ([], {}),
        ("integer", {}),
    ],
)
def test_the_plain_form(schema: Any, expected: Any) -> None:
    assert in_text(plain(schema, NAMED)) == in_text(expected)


def test_objects_that_lead_to_each_other() -> None:
    left = plain(ref("Left"), NAMED)
    right = left["properties"]["right"]["items"]
    assert right["properties"]["left"] == {"$ref": "Left"}
    assert accepts(left, {"right": [{"left": {}, "others": {"right": []}}]})
    assert not accepts(left, {"right": [5]})


KEYWORDS = (
    "$ref", "type", "anyOf", "oneOf", "allOf", "const", "enum", "items", "prefixItems", "properties", "required",
    "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "minLength", "maxItems", "pattern",
    "ge", "lt", "nullable", "default",
)  # fmt: skip
NAMES = st.sampled_from([*NAMED, "Gone"])
GARBAGE = st.recursive(
    JSON | NAMES.map(lambda name: ref(name)["$ref"]) | st.sampled_from(["object", "array", "integer", math.nan, -1]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=4)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["object", "array", "string"])},
            optional={
                "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2) | inner,
                "items": inner,
                "required": inner,
                "allOf": st.lists(inner, max_size=2),
                "anyOf": st.lists(inner, max_size=2),
            },
        )
    ),
    max_leaves=12,
)


def is_plain(schema: Any) -> bool:
    """Tell whether a schema is in the plain form."""
    assert isinstance(schema, dict)
    if "anyOf" in schema:
        members = schema["anyOf"]
        assert len(members) > 1
        assert all(member and "anyOf" not in member for member in members)
        assert len({in_text(member) for member in members}) == len(members)
        return schema.keys() == {"anyOf"} and all(map(is_plain, members))
    if not schema or "$ref" in schema or "enum" in schema:
        return len(schema) <= 1 and bool(schema.get("enum", True))
    assert isinstance(schema["type"], str)
    assert set(schema.get("required", ())) <= set(schema.get("properties", ()))
    inner = [*schema.get("prefixItems", ()), *schema.get("properties", {}).values()]
    return all(map(is_plain, [*inner, *(schema[key] for key in ("items", "additionalProperties") if key in schema)]))


@settings(max_examples=150, deadline=None)
@given(GARBAGE, st.dictionaries(NAMES, GARBAGE, max_size=3), GARBAGE)
def test_whatever_a_document_says_nothing_raises(schema: Any, named: Any, value: Any) -> None:
    found = plain(schema, {**NAMED, **named})
    assert is_plain(found)
    assert accepts(found, value) in (True, False)
    assert said(found)
    for change in [*schema_changes(found, plain(value, NAMED)), *schema_changes(plain(value, NAMED), found)]:
        assert change.refuses(value) in (True, False)


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), GARBAGE, st.dictionaries(NAMES, GARBAGE, max_size=3))
def test_the_order_of_keys_does_not_matter(random: Any, schema: Any, named: Any) -> None:
    def shuffled(part: Any) -> Any:
        if isinstance(part, dict):
            keys = random.sample(sorted(part), len(part))
            return {key: shuffled(part[key]) for key in keys}
        return [shuffled(one) for one in part] if isinstance(part, list) else part

    schemas = {**NAMED, **named}
    assert in_text(plain(shuffled(schema), shuffled(schemas))) == in_text(plain(schema, schemas))


@st.composite
def disguised(draw: st.DrawFn, schema: Any, named: dict[str, Any], refs: int = 3) -> Any:
    """Return a schema of a document that says what one in the plain form does."""

    def inner(part: Any, left: int = refs) -> Any:
        return draw(disguised(part, named, left))

    made = dict(schema)
    if "pattern" in made:
        made["pattern"] = "^a"
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = inner(made[key])
    for key in ("prefixItems", "anyOf"):
        if key in made:
            made[key] = [inner(part) for part in made[key]]
    if "properties" in made:
        made["properties"] = {name: inner(part) for name, part in made["properties"].items()}
    if len(made.get("enum", ())) == 1 and draw(st.booleans()):
        made = {"const": made["enum"][0]}
    way = draw(st.sampled_from(["as it is", "ref", "allOf", "oneOf", "or null", "types", "split", "about"]))
    if way == "ref" and refs:
        name = f"N{len(named)}"
        named[name] = made
        return draw(st.sampled_from([ref(name), {"allOf": [ref(name)]}, {**ref(name), "default": 5}]))
    if way in ("allOf", "oneOf"):
        return {way: [made]}
    if way == "or null":
        return {"anyOf": [made, NULL]}
    if way == "types" and "type" in made:
        return {**made, "type": [made["type"], "null"]}
    if way == "split" and "type" in made:
        return {"allOf": [{"type": made.pop("type")}, made]}
    return {**made, "title": "T", "description": "type", "nullable": False} if way == "about" else made


def _has_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(_has_null, inner))


@settings(max_examples=200, deadline=None)
@given(st.data(), SCHEMAS.filter(lambda schema: "$ref" not in in_text(schema)))
def test_it_says_what_the_document_says(data: st.DataObject, schema: Any) -> None:
    named: dict[str, Any] = {}
    raw = data.draw(disguised(schema, named))
    value = data.draw(values(schema))
    assume(not _has_null(value))
    document = {"components": {"schemas": named}, "allOf": [raw]}
    assert accepts(plain(raw, named), value) == is_valid(document, value)


def _nested(depth: int, wrap: Any, inner: Any) -> Any:
    for _ in range(depth):
        inner = wrap(inner)
    return inner


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: {"anyOf": [s]},
        lambda s: {"oneOf": [s, INT]},
        lambda s: {"allOf": [s]},
        lambda s: {"type": "array", "items": s},
        lambda s: {"type": "array", "prefixItems": [s]},
        lambda s: obj(a=s),
        lambda s: {"type": "object", "additionalProperties": s},
        lambda s: {"type": [s]},
        lambda s: {"const": [s]},
        lambda s: {"enum": [{"a": s}]},
    ],
)
def test_a_deep_document(wrap: Any) -> None:
    found = plain(_nested(3000, wrap, INT), {})
    assert is_plain(found)
    assert list(schema_changes(found, plain(_nested(2990, wrap, STR), {}))) == []
    assert accepts(found, []) in (True, False)


@pytest.mark.timeout(30)
def test_a_wide_document() -> None:
    nodes = [f"N{n}" for n in range(300)]
    union = {"anyOf": [ref(name) for name in nodes]}
    web = {name: obj(**{f"p{n}": ref(other) for n, other in enumerate(nodes)}, kind={"const": name}) for name in nodes}
    graph = {"Graph": obj(nodes={"type": "object", "additionalProperties": union})}
    for schema in (ref("Graph"), ref("N0"), union, {"type": "array", "items": union}):
        found = plain(schema, web | graph)
        assert is_plain(found)
        assert len(in_text(found)) < 200_000
        assert found != {}
        list(schema_changes(found, plain(schema, {**web, **graph, "N1": INT})))
    # Parts that all hold, each of which holds the next twice.
    twice = {f"T{n}": {"allOf": [ref(f"T{n + 1}"), ref(f"T{n + 1}")]} for n in range(900)} | {"T900": INT}
    assert plain(ref("T890"), twice) == INT
    assert is_plain(plain(ref("T0"), twice))
    chain = {f"C{n}": ref(f"C{n + 1}") for n in range(5000)} | {"C5000": INT}
    assert plain(ref("C0"), chain) == INT
    many = {"anyOf": [{"const": n} for n in range(100_000)]}
    assert is_plain(plain(many, {}))
    choices = plain({"enum": list(range(100_000))}, {})
    assert len(choices["enum"]) == 100_000
