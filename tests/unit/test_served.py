"""The node types of a server, from documents of all kinds, and which edges it takes."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from flowbind.invokeai.schema.field_types import described
from flowbind.invokeai.schema.served import ServedNodes, is_required

from .plain_forms import JSON

INT = {"type": "integer"}
NODE: dict[str, Any] = {
    "class": "invocation",
    "version": "2.1.0",
    "node_pack": "my-nodes",
    "classification": "beta",
    "output": {"$ref": "#/components/schemas/Out"},
    "properties": {
        "type": {"const": "mine", "type": "string"},
        "id": {"type": "string"},
        "a": {**INT, "minimum": 1, "default": 5, "input": "direct", "orig_required": False},
        "b": {"anyOf": [INT, {"type": "null"}], "orig_required": True, "input": "connection"},
        "model": {"$ref": "#/components/schemas/Model", "ui_model_base": ["flux"], "ui_model_type": ["main"]},
    },
}
DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Mine": NODE,
            "Out": {"class": "output", "properties": {"value": INT, "type": {"const": "out"}}},
            "Model": {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]},
        }
    },
    "paths": {
        "/api/v1/queue/{queue_id}/enqueue_batch": {"post": {}},
        "/api/v1/queue/{queue_id}/i/{item_id}": {"get": {}},
        "/api/v1/app/version": {"get": {}},
        "/api/v2/models/": {"get": {}},
    },
}


def with_node(**changed: Any) -> ServedNodes:
    return ServedNodes({"components": {"schemas": {**DOCUMENT["components"]["schemas"], "Mine": {**NODE, **changed}}}})


def ask_everything(served: ServedNodes) -> None:
    assert len(served.missing_paths) <= 4
    assert all(isinstance(pack, str) for pack in served.packs)
    for node_type in [*served.node_types, "mine"]:
        if node_type not in served:
            continue
        assert all(isinstance(said, str) for said in served.about(node_type).values())
        assert set(served.required(node_type)) <= set(served.inputs(node_type))
        for name in [*served.inputs(node_type), "type", "gone"]:
            for takes_values in (True, False):
                found = served.input(node_type, name, takes_values=takes_values)
                assert found is None or isinstance(found["type"], str)
        for name in ("value", "gone", "type", ""):
            output = served.output(node_type, name)
            assert output is None or served.fits(output, output)


def places(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys that lead to every value in a document."""
    yield keys
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*keys, key))


def replaced(document: Any, keys: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    inner = made
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return made


PLACES = [keys for keys in places(DOCUMENT) if keys]
DEEP: Any = 1
for _ in range(3000):
    DEEP = [DEEP]


def test_what_a_server_says() -> None:
    served = ServedNodes(DOCUMENT, "6.14.2")
    assert (served.name, served.app_version) == ("InvokeAI 6.14.2", "6.14.2")
    assert "mine" in served
    assert "other" not in served
    assert served.packs == {"my-nodes"}
    assert served.missing_paths == []
    assert served.about("mine") == {"version": "2.1.0", "node_pack": "my-nodes", "classification": "beta"}
    assert served.inputs("mine") == ["a", "b", "model"]
    assert served.required("mine") == ["b"]
    assert served.input("mine", "a", takes_values=True) == {
        "type": "IntegerField",
        "input": "direct",
        "default": 5,
        "schema": {**INT, "minimum": 1},
    }
    assert served.input("mine", "b", takes_values=False) == {
        "type": "IntegerField | null",
        "input": "connection",
        "required": True,
    }
    assert (served.input("mine", "model", takes_values=True) or {})["models"] == {"bases": ["flux"], "types": ["main"]}
    assert served.input("mine", "gone", takes_values=True) is None
    assert served.output("mine", "value") == "IntegerField"
    assert served.output("mine", "type") is None
    assert served.output("mine", "gone") is None


def test_a_document_that_says_nothing() -> None:
    served = ServedNodes({})
    assert served.name == "The server"
    assert served.packs == frozenset()
    assert served.missing_paths == [
        "POST /api/v1/queue/{queue_id}/enqueue_batch",
        "GET /api/v1/queue/{queue_id}/i/{item_id}",
        "GET /api/v1/app/version",
        "GET /api/v2/models/",
    ]
    assert with_node(version=None, node_pack="", classification=5).about("mine") == {
        "version": "1.0.0",
        "node_pack": "invokeai",
        "classification": "stable",
    }


@pytest.mark.parametrize(
    "garbage", [None, 5, True, "text", "$ref", [], [[]], {}, {"$ref": 5}, {"const": {}}, DEEP, 0.5]
)
def test_a_document_that_is_wrong_in_one_place(garbage: Any) -> None:
    for keys in PLACES:
        ask_everything(ServedNodes(replaced(DOCUMENT, keys, garbage)))
    for key in (
        "orig_required",
        "orig_default",
        "ui_type",
        "anyOf",
        "allOf",
        "oneOf",
        "enum",
        "items",
        "ui_model_format",
    ):
        for name in ("a", "b", "model"):
            ask_everything(with_node(properties={**NODE["properties"], name: {"type": "array", key: garbage}}))
            ask_everything(with_node(properties={**NODE["properties"], name: {key: garbage}}))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=4))
def test_a_document_that_is_wrong_in_many_places(changes: Any) -> None:
    document = DOCUMENT
    for keys, garbage in changes:
        try:
            document = replaced(document, keys, garbage)
        except (KeyError, TypeError, IndexError):
            continue  # an earlier change took the place away
    ask_everything(ServedNodes(document))


@given(JSON, JSON, JSON)
def test_a_document_of_something_else(components: Any, schemas: Any, paths: Any) -> None:
    ask_everything(ServedNodes({"components": components, "paths": paths}))
    ask_everything(ServedNodes({"components": {"schemas": schemas}, "paths": {"/api/v2/models/": paths}}))


def test_a_property_that_is_no_schema_is_there() -> None:
    served = with_node(properties={**NODE["properties"], "a": True, "b": None})
    assert served.inputs("mine") == ["a", "b", "model"]
    assert served.input("mine", "a", takes_values=True) == {"type": "AnyField", "schema": {}}
    assert served.input("mine", "b", takes_values=False) == {"type": "AnyField"}


def test_filters_that_are_no_lists_say_nothing() -> None:
    served = with_node(properties={**NODE["properties"], "a": {"ui_model_base": "flux", "ui_model_type": 5}})
    assert "models" not in (served.input("mine", "a", takes_values=True) or {})


@pytest.mark.parametrize(
    ("schema", "required"),
    [
        ({"orig_required": True}, True),
        ({"orig_required": True, "orig_default": None}, False),
        ({"orig_required": False}, False),
        ({"required": True}, False),
        ({}, False),
    ],
)
def test_what_is_required(schema: Any, required: bool) -> None:
    assert is_required(schema) == required


def test_the_shipped_document() -> None:
    file = Path(__file__).parents[2] / "generator/flowbind_generator/invokeai/snapshots/openapi-6.14.2.json.gz"
    served = ServedNodes(json.loads(gzip.decompress(file.read_bytes())), "6.14.2")
    assert len(served.node_types) > 200
    assert served.missing_paths == []
    ask_everything(served)


class Image(BaseModel):
    name: str


class Latents(BaseModel):
    name: str


TYPES: Any = st.recursive(
    st.sampled_from([int, float, str, bool, Image, Latents, Any]),
    lambda inner: (
        inner.map(lambda t: list[t]) | st.lists(inner, min_size=2, max_size=3).map(lambda ts: Union[tuple(ts)])  # noqa: UP007
    ),
    max_leaves=4,
)


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is Union else ()


def is_taken(gives: Any, takes: Any) -> bool:
    """InvokeAI's `are_connection_types_compatible`, but for lists.

    It takes the type of a list's items for a member of a union, and so an edge from a list to one item and back. The
    node at its end then fails.
    """
    if gives == takes or any(hint is Any or Any in get_args(hint) for hint in (gives, takes)):
        return True
    if gives in _members(takes) or takes in _members(gives):
        return True
    if (gives, takes) in ((int, float), (int, str), (float, str)):
        return True
    if isinstance(gives, type) and isinstance(takes, type) and not (get_args(gives) or get_args(takes)):
        return issubclass(gives, takes)
    return bool(_members(gives)) and all(one in _members(takes) for one in _members(gives))


def said(hint: Any) -> str:
    return described(create_model("Node", field=(hint, ...)).model_json_schema()["properties"]["field"])


@settings(max_examples=200, deadline=None)
@given(TYPES, TYPES)
def test_the_edges_that_the_server_takes(gives: Any, takes: Any) -> None:
    assert ServedNodes({}).fits(said(gives), said(takes)) == is_taken(gives, takes)


@pytest.mark.parametrize(
    ("gives", "takes", "fits"),
    [
        ("ImageField", "ImageField", True),
        ("ImageField", "LatentsField", False),
        ("ImageField", "AnyField", True),
        ("AnyField", "ImageField", True),
        ("list of AnyField", "ImageField", True),
        ("ImageField", "list of AnyField | ImageField", True),
        ("LatentsField", "list of AnyField | ImageField", False),
        ("list of list of AnyField", "ImageField", False),
        ("LatentsField", "AnyField | ImageField", True),
        ("ImageField", "ImageField | list of ImageField", True),
        ("ImageField | list of ImageField", "ImageField", True),
        ("ImageField | LatentsField", "LatentsField | ImageField", True),
        ("ImageField | LatentsField", "ImageField | StringField", False),
        ("list of (ImageField | LatentsField)", "list of (LatentsField | ImageField)", True),
        ("list of (ImageField | list of (A | B))", "A | list of (list of (B | A) | ImageField)", True),
        ("list of (ImageField | LatentsField)", "ImageField | LatentsField", False),
        ("list of ImageField", "ImageField", False),
        ("ImageField", "list of ImageField", False),
        ("IntegerField", "FloatField", True),
        ("FloatField", "IntegerField", False),
        ("IntegerField", "StringField", True),
        ("FloatField", "StringField", True),
        ("StringField", "FloatField", False),
        ("BooleanField", "IntegerField", True),
        ("BooleanField", "FloatField", False),
        ("IntegerField", "BooleanField", False),
        ("IntegerField", "FloatField | ImageField", False),
        ("IntegerField", "list of FloatField", False),
        ("", "", True),
        ("", "ImageField", False),
        ("list of (" * 3000, "list of " * 3000, False),
        (" | " * 3000, ")))", False),
    ],
)
def test_whether_an_edge_fits(gives: str, takes: str, fits: bool) -> None:
    assert ServedNodes({}).fits(gives, takes) == fits
