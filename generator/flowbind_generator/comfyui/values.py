"""The saved values of a node's controls, by position or by name, as the editor reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind_generator.comfyui.controls import UNSET
from flowbind_generator.comfyui.live_nodes import LiveNode
from flowbind_generator.comfyui.shapes import items, mapping, same

Placed = tuple[int, Any]
"""A saved value, and where it stands in `widgets_values`."""


@dataclass(frozen=True)
class Disagreement:
    """Controls whose value by position is another than the one by name; `by_name` tells which were taken."""

    found: Sequence[tuple[str, Any, Any]]
    by_name: bool


def give_by_position(node: LiveNode) -> None:
    """Give the controls of a node the saved values in turn."""
    values = without_dummies(node, items(node.saved.get("widgets_values")))
    # A value may bring further controls along, which come next.
    turn = place = 0
    while turn < len(values) and place < len(node.controls):
        control = node.controls[place]
        if control.plan.saved:
            index, value = values[turn]
            node.set(control, value, (*node.keys, "widgets_values", index))
            turn += 1
        place += 1


def give_by_name(node: LiveNode, named: Mapping[str, Any], key: str) -> None:
    """Give the controls of a node the saved values that have their names."""
    place = 0
    while place < len(node.controls):
        control = node.controls[place]
        if control.plan.saved and control.plan.name in named:
            node.set(control, named[control.plan.name], (*node.keys, key, control.plan.name))
        place += 1


def disagreements(node: LiveNode, *, by_position: bool) -> Disagreement | None:
    """Compare what was given by position with the names that the file has, if any.

    The names win where both hold the same values, so that only the order is another; with `by_position` they never do.
    """
    named = node.saved.get("widgets_values_named")
    if not isinstance(named, Mapping):
        return None
    found = [
        (control.plan.name, control.value, named[control.plan.name])
        for control in node.controls
        if control.plan.saved and control.plan.name in named and not same(control.value, named[control.plan.name])
    ]
    if not found:
        return None
    positions, names = (sorted(map(_spelled, part)) for part in (items(node.saved.get("widgets_values")), named.values()))
    return Disagreement(found, by_name=positions == names and not by_position)


def without_dummies(node: LiveNode, values: list[Any]) -> list[Placed]:
    """Leave out the values that editors before 1.16 kept for inputs that only take links."""
    placed = list(enumerate(values))
    if node.node_class is None:
        return placed
    names = {control.plan.name for control in node.controls}
    dummies: list[bool] = []
    for item in node.node_class.inputs:
        forced = bool(item.options.get("forceInput"))
        if forced or item.name in names:
            dummies += [forced, False] if item.options.get("control_after_generate") else [forced]
    # The editor's own upload button is an input of the class, too.
    extra = {"upload", "audioUI", "viewport_state", "image"} & names - node.node_class.by_name.keys()
    dummies += [False] * len(extra)
    if True not in dummies or len(dummies) != len(values):
        return placed
    return [one for one, dummy in zip(placed, dummies, strict=True) if not dummy]


def correct(node: LiveNode) -> None:
    """Change what the editor changes after loading: empty combos, and what older releases wrote for samplers."""
    sampler = node.type in ("KSampler", "KSamplerAdvanced")
    for control in list(node.controls):
        plan, value = control.plan, control.value
        if sampler and plan.name == "sampler_name" and isinstance(value, str) and value.startswith("sample_"):
            control.value = value[len("sample_") :]
        if plan.governs and isinstance(value, bool):
            control.value = "randomize" if value else "fixed"
        if plan.kind == "combo" and (value is None or value is UNSET) and plan.input and plan.input.choices:
            node.set(control, plan.input.choices[0], control.keys)
        if plan.kind == "area" and value is None:
            control.value = ""


def _spelled(value: Any) -> str:
    return json.dumps(mapping(value) or value, sort_keys=True, default=str)
