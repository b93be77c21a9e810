"""Workflows of this project beside the shipped node classes: each change of a used class has its rule, others none."""

from __future__ import annotations

import copy
import gzip
import json
from collections import ChainMap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flowbind.comfyui.schema.node_classes import NodeClasses
from flowbind.comfyui.schema.served import ServedClasses
from flowbind.drift import workflow_drift
from flowbind.findings import Finding
from flowbind_generator.comfyui.shipped import shipped_document
from flowbind_generator.manifest import engine_of_entry, read_manifest

ROOT = Path(__file__).resolve().parents[3]
ENTRIES: dict[str, Any] = {
    f"{folder.name}/{source}": entry
    for folder in (ROOT / "generated", ROOT / "tests" / "golden" / "comfyui" / "expected")
    for source, entry in read_manifest(folder).workflows.items()
    if engine_of_entry(entry) == "comfyui"
}
USED = [(source, kind) for source, entry in ENTRIES.items() for kind in entry["node_types"]]
INPUTS = [
    (source, kind, name)
    for source, kind in USED
    for name, was in ENTRIES[source]["node_types"][kind]["inputs"].items()
    if "." not in name and not was.get("unset")
]


@cache
def shipped() -> NodeClasses:
    return NodeClasses(json.loads(gzip.decompress(shipped_document())))


def drift(source: str, kind: str, told: Any) -> list[Finding]:
    """Return what a server does to a workflow that tells of one class otherwise."""
    return workflow_drift(source, ENTRIES[source], ServedClasses(ChainMap(NodeClasses({kind: told}), shipped()), None))


def section_of(told: Any, name: str) -> dict[str, Any]:
    """Return the inputs among which a class has one."""
    sections = (told["input"].get(section, {}) for section in ("required", "optional"))
    found: dict[str, Any] = next(section for section in sections if name in section)
    return found


def test_there_are_workflows_to_compare() -> None:
    assert len(ENTRIES) >= 6
    assert len(USED) >= 30


@pytest.mark.parametrize("source", ENTRIES)
def test_nothing_is_found_in_the_own_document(source: str) -> None:
    assert workflow_drift(source, ENTRIES[source], ServedClasses(shipped(), None)) == []


@pytest.mark.parametrize("source", ENTRIES)
def test_classes_that_a_workflow_does_not_use_do_not_matter(source: str) -> None:
    used = {kind: shipped().told[kind] for kind in ENTRIES[source]["node_types"]}
    only = ServedClasses(NodeClasses(used), None)
    assert workflow_drift(source, ENTRIES[source], only) == []
    other = {kind: {"input": {"required": {"x": ["INT"]}}, "output": ["A"]} for kind in shipped() if kind not in used}
    assert workflow_drift(source, ENTRIES[source], ServedClasses(NodeClasses({**other, **used}), None)) == []


@pytest.mark.parametrize("source", ENTRIES)
def test_each_class_that_is_gone_is_found(source: str) -> None:
    for kind in ENTRIES[source]["node_types"]:
        left = NodeClasses({name: told for name, told in shipped().told.items() if name != kind})
        found = workflow_drift(source, ENTRIES[source], ServedClasses(left, None))
        assert [(f.severity, f.rule, f.place) for f in found] == [("error", "NODE_REMOVED", kind)]


@pytest.mark.parametrize(("source", "kind"), USED)
def test_each_input_that_is_put_before_others_is_found(source: str, kind: str) -> None:
    told = copy.deepcopy(shipped().told[kind])
    told["input"]["required"] = {"zz": ["INT", {}], **told["input"].get("required", {})}
    told["input_order"]["required"] = list(told["input"]["required"])
    expected = [("error", "BECAME_REQUIRED", f"{kind}.zz")]
    if ENTRIES[source]["node_types"][kind].get("order"):
        expected.append(("warning", "WIDGETS_SHIFTED", kind))
    assert [(f.severity, f.rule, f.place) for f in drift(source, kind, told)] == expected


@pytest.mark.parametrize(("source", "kind", "name"), INPUTS)
def test_each_input_that_is_gone_or_renamed_is_found(source: str, kind: str, name: str) -> None:
    told = copy.deepcopy(shipped().told[kind])
    section = section_of(told, name)
    was = section.pop(name)
    gone = {(f.rule, f.place) for f in drift(source, kind, told)}
    assert ("INPUT_REMOVED", f"{kind}.{name}") in gone
    section["renamed"] = was
    renamed = {(f.rule, f.place) for f in drift(source, kind, told)}
    assert ("INPUT_REMOVED", f"{kind}.{name}") in renamed
    is_required = ENTRIES[source]["node_types"][kind]["inputs"][name].get("required", False)
    assert (("BECAME_REQUIRED", f"{kind}.renamed") in renamed) == is_required


@pytest.mark.parametrize(("source", "kind", "name"), INPUTS)
def test_values_that_are_refused_are_found(source: str, kind: str, name: str) -> None:
    values = list(values_of(ENTRIES[source], kind, name))
    schema = ENTRIES[source]["node_types"][kind]["inputs"][name].get("schema", {})
    told = copy.deepcopy(shipped().told[kind])
    section = section_of(told, name)
    if "enum" in schema and values:
        left = [choice for choice in schema["enum"] if choice != values[0]]
        section[name] = [left, {}]
        rule = "ENUM_VALUE_REMOVED" if left else "TYPE_CHANGED"
    elif "minimum" in schema and values:
        section[name] = [section[name][0], {**section[name][1], "min": max(values) + 1, "max": max(values) + 2}]
        rule = "RANGE_NARROWED"
    else:
        section[name] = ["SOMETHING_ELSE", {}]
        rule = "TYPE_CHANGED"
    assert (rule, "error", f"{kind}.{name}") in {(f.rule, f.severity, f.place) for f in drift(source, kind, told)}


def values_of(entry: Any, kind: str, name: str) -> Iterator[Any]:
    """Yield the values that a workflow has for an input."""
    yield from entry["node_types"][kind]["inputs"][name].get("values", ())
    for item in entry["inputs"]:
        if (item["node_type"], item["field_name"]) == (kind, name) and not item["connected"] and "default" in item:
            yield item["default"]
