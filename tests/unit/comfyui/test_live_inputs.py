"""The inputs of a node as it is filled in: options, rows, and what grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowbind.comfyui.schema.live_inputs import input_named, live_inputs
from flowbind.comfyui.schema.node_classes import NodeClass, NodeInput
from flowbind_generator.comfyui.catalog import Catalog

IMAGE = {"required": {"image": ["IMAGE", {}]}}
MODEL = {
    "options": [
        {"key": "small", "inputs": {}},
        {
            "key": "large",
            "inputs": {
                "required": {
                    "size": ["INT", {"display_name": "Size in all"}],
                    "again": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "a", "inputs": IMAGE}]}],
                }
            },
        },
    ]
}
LORAS = {
    "template": {
        "required": {"name": ["STRING", {}]},
        "optional": {"strength": ["FLOAT", {"display_name": "How much"}]},
    },
    "min": 1,
    "max": 3,
    "group_name": "LoRA",
}


def class_with(kind: str, options: Mapping[str, Any]) -> NodeClass:
    told = {"input": {"required": {"g": [kind, options], "last": ["INT", {}]}}, "output": []}
    return Catalog({"A": told})["A"]


def inside(kind: str, options: Mapping[str, Any], given: Mapping[str, Any]) -> list[NodeInput]:
    """Return what is inside of the input "g"."""
    live = live_inputs(class_with(kind, options), given)
    return [item for name, item in live.items() if name.startswith("g.")]


def grown(*given: str, **template: Any) -> list[tuple[str, bool]]:
    found = inside("COMFY_AUTOGROW_V3", {"template": template}, dict.fromkeys(given))
    return [(item.name, item.required) for item in found]


def test_what_a_choice_brings() -> None:
    found = live_inputs(class_with("COMFY_DYNAMICCOMBO_V3", MODEL), {"g": "large", "g.again": "a"})
    assert list(found) == ["g", "g.size", "g.again", "g.again.image", "last"]
    assert inside("COMFY_DYNAMICCOMBO_V3", MODEL, {"g": "small"}) == []
    assert inside("COMFY_DYNAMICCOMBO_V3", MODEL, {"g": ["7", 0]}) == []


def test_the_editor_calls_what_a_choice_brings_by_its_own_name() -> None:
    assert inside("COMFY_DYNAMICCOMBO_V3", MODEL, {"g": "large"})[0].label == "size"


def test_what_grows_has_what_is_posted_or_needed() -> None:
    assert grown("g.i2", "g.i9", input=IMAGE, prefix="i", min=1, max=3) == [("g.i0", True), ("g.i2", False)]
    assert grown("g.b", "g.3", input=IMAGE, names=["a", 3, "b"], min=0) == [("g.b", False)]
    assert grown("g.i0", input={"optional": IMAGE["required"]}, prefix="i", min=1, max=1) == [("g.i0", False)]


def test_what_grows_by_several_inputs_at_once() -> None:
    pair = {"required": {"image": ["IMAGE", {}], "mask": ["MASK", {}]}}
    assert grown("g.mask1", input=pair, min=1, max=2) == [("g.image0", True), ("g.mask0", True), ("g.mask1", False)]


def test_what_grows_has_an_end() -> None:
    assert len(grown(input=IMAGE, prefix="i", min=10**12, max=10**12)) == 1000
    many = {"required": {str(n): ["IMAGE", {}] for n in range(500)}}
    assert len(grown(input=many, min=10**12, max=10**12)) == 5000


@pytest.mark.parametrize("template", [{}, {"input": 3}, {"input": {"required": {"a": ["IMAGE"]}}, "max": 0}])
def test_what_grows_in_a_way_that_is_not_understood(template: dict[str, Any]) -> None:
    assert grown(**template) == []


def test_rows_as_many_as_are_posted() -> None:
    found = inside("COMFY_DYNAMICGROUP_V3", LORAS, {"g.1.strength": 0.5})
    assert [i.name for i in found] == ["g.0.name", "g.0.strength", "g.1.name", "g.1.strength"]
    assert [i.label for i in found][2:] == ["LoRA #2 name", "LoRA #2 How much"]
    assert [i.required for i in found][:2] == [True, False]


@pytest.mark.parametrize(
    ("given", "rows"), [({}, 1), ({"g.2.name": ""}, 3), ({"g.99.name": ""}, 3), ({"g.x.name": ""}, 1)]
)
def test_rows_keep_to_their_bounds(given: dict[str, Any], rows: int) -> None:
    assert len(inside("COMFY_DYNAMICGROUP_V3", LORAS, given)) == 2 * rows


def test_an_input_by_its_name() -> None:
    combo, group = class_with("COMFY_DYNAMICCOMBO_V3", MODEL), class_with("COMFY_DYNAMICGROUP_V3", LORAS)
    for node_class, name, given in (
        (combo, "g", {}),
        (combo, "g.again.image", {"g": "large", "g.again": "a"}),
        (group, "g.0.name", {}),
        (group, "g.2.name", {}),
        (class_with("COMFY_AUTOGROW_V3", {"template": {"input": IMAGE, "prefix": "i", "min": 0}}), "g.i5", {}),
    ):
        found = input_named(node_class, name, given)
        assert found is not None
        assert found.name == name
    for name in ("h", "g.size", "g.again.image", "g.", "last.size"):
        assert input_named(combo, name, {"g": "small", "g.again": "a"}) is None
    assert input_named(group, "g.3.name", {}) is None
