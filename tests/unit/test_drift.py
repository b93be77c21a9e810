"""What a server's document changes for a workflow, in small: each case is a document changed by hand."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from flowbind.drift import workflow_drift
from flowbind.findings import Finding
from flowbind.invokeai.schema.served import ServedNodes
from flowbind.schema_changes import schema_changes
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.shipped import shipped_document
from flowbind_generator.manifest import entry_of

from .exports import edge, form, node, resolved, workflow

Change = Callable[[dict[str, Any]], object]
MODEL = {"key": "k", "hash": "h", "name": "n", "base": "sdxl", "type": "lora"}
TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


@cache
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(shipped_document()))["components"]["schemas"]
    return found


def drift(document: Any, catalog: Catalog, change: Change, *names: str) -> list[Finding]:
    """Return what drift says of a workflow where some schemas of the document are changed."""
    module, _ = resolved(document, catalog)
    changed = {**schemas(), **{name: copy.deepcopy(schemas()[name]) for name in names}}
    change(changed)
    entry = json.loads(json.dumps(entry_of(module, {}, "")))
    return workflow_drift("a.json", entry, ServedNodes({"components": {"schemas": changed}}))


def said(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    return [(f.severity, f.rule, f.place) for f in findings]


def colored(*, shown: bool) -> dict[str, Any]:
    """Return a workflow that holds an object, in its form or not."""
    blank = node("p", "blank_image", {"color": {"r": 1, "g": 2, "b": 3, "a": 4}}, visible=True)
    return workflow(blank, form=form("p.color") if shown else form())


def want_more(changed: dict[str, Any]) -> None:
    changed["ColorField"]["properties"]["more"] = {"type": "integer"}
    changed["ColorField"]["required"].append("more")


def test_a_part_that_an_object_must_have_now(catalog: Catalog) -> None:
    (only,) = drift(colored(shown=True), catalog, want_more, "ColorField")
    assert said([only]) == [("error", "BECAME_REQUIRED", "blank_image.color.more")]


def test_a_part_that_an_object_has_already_is_a_warning(catalog: Catalog) -> None:
    """The workflow's own color has it; one that the code gives may not."""
    module, _ = resolved(colored(shown=True), catalog)
    entry = json.loads(json.dumps(entry_of(module, {}, "")))
    before = entry["node_types"]["blank_image"]["inputs"]["color"]["schema"]
    before["required"].remove("a")
    served = ServedNodes({"components": {"schemas": schemas()}})
    assert said(workflow_drift("a.json", entry, served)) == [("warning", "BECAME_REQUIRED", "blank_image.color.a")]


def test_a_part_that_an_object_no_longer_has_is_ignored(catalog: Catalog) -> None:
    def drop(changed: dict[str, Any]) -> None:
        del changed["ColorField"]["properties"]["a"]
        changed["ColorField"]["required"].remove("a")

    (only,) = drift(colored(shown=True), catalog, drop, "ColorField")
    assert said([only]) == [("error", "INPUT_REMOVED", "blank_image.color.a")]
    assert only.cause.endswith("The workflow's own value {'r': 1, 'g': 2, 'b': 3, 'a': 4} holds it.")


@pytest.mark.parametrize("shown", [True, False])
def test_a_choice_that_is_gone_is_told_where_the_own_value_fits(shown: bool, catalog: Catalog) -> None:
    def fewer(changed: dict[str, Any]) -> None:
        changed["BlankImageInvocation"]["properties"]["mode"]["enum"] = ["RGB"]

    document = workflow(node("p", "blank_image", {"mode": "RGB"}), form=form("p.mode") if shown else form())
    found = said(drift(document, catalog, fewer, "BlankImageInvocation"))
    assert found == [("warning", "ENUM_VALUE_REMOVED", "blank_image.mode")]


@pytest.mark.parametrize(("text", "severity"), [("", "warning"), ("a", "error"), ("long " * 100, "error")])
def test_a_value_for_an_input_that_is_gone(text: str, severity: str, catalog: Catalog) -> None:
    def drop(changed: dict[str, Any]) -> None:
        del changed["StringInvocation"]["properties"]["value"]

    document = workflow(node("s", "string", {"value": text}), form=form())
    assert said(drift(document, catalog, drop, "StringInvocation")) == [(severity, "INPUT_REMOVED", "string.value")]


@pytest.mark.parametrize(("base", "is_taken"), [("sd-1", True), ("sd-2", False)])
def test_models_in_lists_and_objects(base: str, is_taken: bool, catalog: Catalog) -> None:
    def narrow(changed: dict[str, Any]) -> None:
        changed["LoRACollectionLoader"]["properties"]["loras"]["ui_model_base"] = ["sd-1"]

    loras = [{"lora": {**MODEL, "base": of}, "weight": 1} for of in ("sd-1", base)]
    document = workflow(node("l", "lora_collection_loader", {"loras": loras}), form=form())
    found = said(drift(document, catalog, narrow, "LoRACollectionLoader"))
    assert found == ([] if is_taken else [("error", "MODEL_FILTER_CHANGED", "lora_collection_loader.loras")])


def make_nullable(changed: dict[str, Any]) -> None:
    field = changed["FloatMathInvocation"]["properties"]["a"]
    field["anyOf"] = [{"type": field.pop("type")}, {"type": "null"}]


@pytest.mark.parametrize(("source", "expected"), [("integer", True), ("float", False)])
def test_a_number_that_may_be_null_takes_no_whole_number(source: str, expected: bool, catalog: Catalog) -> None:
    """The server's rule converts between plain types only."""
    document = workflow(
        node("s", source, {"value": 1}),
        node("m", "float_math", {"b": 1}),
        edges=[edge("s.value", "m.a")],
        form=form(),
    )
    found = drift(document, catalog, make_nullable, "FloatMathInvocation")
    assert said(found) == ([("error", "TYPE_CHANGED", "float_math.a")] if expected else [])


@pytest.mark.parametrize(
    ("old", "new", "disjoint"),
    [
        (TEXT, WHOLE, True),
        (NUMBER, WHOLE, False),
        (TEXT, {"enum": ["a"]}, False),
        (WHOLE, {"enum": ["a"]}, True),
        ({"enum": ["a", 1]}, WHOLE, False),
        ({"anyOf": [TEXT, WHOLE]}, TEXT, False),
    ],
)
def test_whether_anything_is_taken_still(old: Mapping[str, Any], new: Mapping[str, Any], disjoint: bool) -> None:
    (only,) = schema_changes(old, new)
    assert only.disjoint == disjoint


@pytest.mark.parametrize(("value", "expected"), [(0, "info"), (5, None), (None, "warning")])
def test_a_default_that_changed(value: int | None, expected: str | None, catalog: Catalog) -> None:
    def lucky(changed: dict[str, Any]) -> None:
        changed["NoiseInvocation"]["properties"]["seed"]["default"] = 7

    document = workflow(node("n", "noise", {"seed": value}), form=form("n.seed"))
    if value is None:
        del document["nodes"][0]["data"]["inputs"]["seed"]["value"]
    found = drift(document, catalog, lucky, "NoiseInvocation")
    assert [(f.severity, f.rule, f.attribute) for f in found] == (
        [(expected, "DEFAULT_CHANGED", "seed")] if expected else []
    )
