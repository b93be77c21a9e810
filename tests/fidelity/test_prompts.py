"""Prompts are equal to what the real ComfyUI editor posts, but for the few that are listed here with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fidelity.prompts import PAIRS, compared, is_servable, needs_pairs, pairs, server_catalog, widgets_by_class
from tests.fidelity.shared import Record

from flowbind.same import same
from flowbind_generator.comfyui.convert import convert
from flowbind_generator.comfyui.live_nodes import LiveNode
from flowbind_generator.diagnostics import Report
from flowbind_generator.pointers import json_pointer

pytestmark = needs_pairs

DIFFERENT = {
    ("frontend-1.49.6", "templates_graphic_design_recomposer"): (
        "The editor puts a primitive's value into the wrong input of an instance: it counts the inputs as the file has "
        "them, not as the class has them. 1.58 no longer does."
    ),
    ("frontend-1.58.1", "api_flux2"): (
        "The editor loses the link to the fourth member of a growing input of a choice, which 1.49 keeps."
    ),
}
"""The pairs that differ from what the editor posts, with the reason."""

SHOW_ONLY = ("preview_text", "preview_mode")
"""Controls that only show what came out of a run: nothing of them is saved or posted."""


def _equalities(pair: Record) -> list[bool]:
    report = Report(pair["name"])
    prompt = convert(pair["ui"], server_catalog(), report)
    assert prompt is not None, [str(d) for d in report]
    return [is_equal for _, _, is_equal in compared(prompt.posted, pair["api"])]


@pytest.mark.parametrize("file", PAIRS)
def test_as_the_editor(file: str) -> None:
    servable = [pair for pair in pairs(file) if is_servable(pair)]
    found = {pair["name"]: _equalities(pair) for pair in servable}
    different = {(file, name) for name, equal in found.items() if not all(equal)}
    assert different == {key for key in DIFFERENT if key[0] == file}
    assert 1 - len(different) / len(servable) >= 0.995
    inputs = [is_equal for equal in found.values() for is_equal in equal]
    assert sum(inputs) / len(inputs) >= 0.9995


@pytest.mark.parametrize("file", PAIRS)
def test_what_is_better_than_the_editor_is_told(file: str) -> None:
    """By name, a pair may differ only in nodes that a warning is about, or an instance around them."""
    for pair in pairs(file):
        if not is_servable(pair) or (file, pair["name"]) in DIFFERENT:
            continue
        report = Report(pair["name"])
        prompt = convert(pair["ui"], server_catalog(), report, by_name=True)
        assert prompt is not None
        pointers = [f"{d.pointer}/" for d in report if d.code in ("FB302", "FB310")]
        warned = {
            f"{node.path}:"
            for node in prompt.editor_nodes
            if any(pointer.startswith(json_pointer(node.keys) + "/") for pointer in pointers)
        }
        for node, name, is_equal in compared(prompt.posted, pair["api"]):
            path = prompt.nodes[node].path + ":"
            assert is_equal or any(path.startswith(one) for one in warned), (pair["name"], node, name)


@pytest.mark.parametrize("file", PAIRS)
def test_a_missing_class_is_refused(file: str) -> None:
    for pair in pairs(file):
        if not is_servable(pair):
            report = Report(pair["name"])
            assert convert(pair["ui"], server_catalog(), report) is None
            assert {d.code for d in report if d.severity == "error"} == {"FB301"}


@pytest.mark.parametrize("file", PAIRS)
def test_titles_that_the_author_gave(file: str) -> None:
    for pair in pairs(file):
        prompt = convert(pair["ui"], server_catalog(), Report(pair["name"]))
        for node in prompt.editor_nodes if prompt else ():
            if node.title and node.prompt_id in pair["api"]:
                assert pair["api"][node.prompt_id]["_meta"]["title"] == node.title


@pytest.mark.parametrize("file", PAIRS)
def test_each_value_comes_from_where_it_is_said(file: str) -> None:
    """A widget with targets holds what its targets are posted with, and a place in the file holds its value."""
    for pair in pairs(file):
        prompt = convert(pair["ui"], server_catalog(), Report(pair["name"]))
        for widget in prompt.widgets if prompt else ():
            assert prompt is not None
            for place in widget.targets:
                posted = prompt.nodes[place.node_id].inputs[place.name]
                bare = posted.get("__value__", posted) if isinstance(posted, dict) else posted
                assert same(bare, widget.value), (pair["name"], widget)
            if widget.keys is not None:
                value: Any = pair["ui"]
                for key in widget.keys:
                    value = value[key]


def test_the_controls_of_each_class() -> None:
    for name, truth in widgets_by_class().items():
        if name not in server_catalog():
            continue
        node = LiveNode(name, server_catalog()[name], {}, ())
        slots = [(slot.name, slot.type, slot.control) for slot in node.slots]
        assert slots == [(slot["name"], slot["type"], slot.get("widget")) for slot in truth["inputs"]]
        controls = [(c.plan.name, c.plan.saved, c.value or None if c.has_value else None) for c in node.controls]
        made = [(c["name"], c["in_workflow"], c["value"] or None) for c in truth["widgets"]]
        assert controls == [one for one in made if one[0] not in SHOW_ONLY], name
