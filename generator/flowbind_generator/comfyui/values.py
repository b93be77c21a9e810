"""The saved values of a node's controls, by position or by name, as the editor reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.comfyui.schema.class_inputs import class_inputs
from flowbind.comfyui.schema.controls import UNSET, option_inputs
from flowbind.comfyui.schema.shapes import items, mapping
from flowbind.same import same
from flowbind_generator.comfyui.instances import Instance
from flowbind_generator.comfyui.live_nodes import Control, LiveNode
from flowbind_generator.comfyui.texts import spelled

Placed = tuple[int, Any]
"""A saved value, and where it stands in `widgets_values`."""


@dataclass(frozen=True)
class Disagreement:
    """Controls whose value by position is another than the one by name; `by_name` tells which were taken.

    `gone` are names in the file that the node no longer has. Where the names `are_current`, they hold the same values:
    only their order is another, since a node class has changed; or there are none by position, and the controls have
    their defaults. Else the names are left from an older state of the node.
    """

    found: Sequence[tuple[str, Any, Any]]
    gone: Sequence[str]
    are_current: bool
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


def disagreements(node: LiveNode, *, by_name: bool) -> Disagreement | None:
    """Compare what was given by position with the names that the file has, if any.

    The positions win, as in the editor; with `by_name` the names do where they are current.
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
    positions = items(node.saved.get("widgets_values"))
    names = {control.plan.name for control in node.controls}
    are_current = not positions or sorted(map(_spelled, positions)) == sorted(map(_spelled, named.values()))
    gone = [name for name in named if name not in names]
    return Disagreement(found, gone, are_current, by_name=are_current and by_name)


def without_dummies(node: LiveNode, values: list[Any]) -> list[Placed]:
    """Leave out the values that older editors kept for inputs that only take links, and for what only shows something.

    As in the editor, they are only told by how many values there are.
    """
    placed = list(enumerate(values))
    if node.node_class is None:
        return placed
    saved = {control.plan.name: control.plan.saved for control in node.controls}
    dummies: list[bool] = []
    for one in class_inputs(node.node_class):
        forced = bool(one.input.options.get("forceInput"))
        if forced or saved.get(one.input.name):
            dummies += [forced, False] if one.input.options.get("control_after_generate") else [forced]
    if True not in dummies and len(values) == sum(control.plan.saved for control in node.controls):
        return placed
    shown = [one for one in placed if one[0] >= len(node.controls) or node.controls[one[0]].plan.saved]
    aligned = next((part for part in (shown, placed) if len(part) == len(dummies)), None)
    if aligned is None:
        return placed
    return [one for one, dummy in zip(aligned, dummies, strict=True) if not dummy]


def correct(node: LiveNode) -> None:
    """Change what the editor changes after loading: empty combos, and what older releases wrote for samplers."""
    sampler = node.type in ("KSampler", "KSamplerAdvanced")
    for control in list(node.controls):
        plan, value = control.plan, control.value
        if sampler and plan.name == "sampler_name" and isinstance(value, str) and value.startswith("sample_"):
            control.value = value[len("sample_") :]
        if plan.governs and isinstance(value, bool):
            control.value = "randomize" if value else "fixed"
        if value is None or value is UNSET:
            choices = _choices(node, control)
            if choices:
                node.set(control, choices[0], control.keys)
        # What an instance shows is not the text field itself.
        if plan.kind == "area" and not isinstance(node, Instance) and not isinstance(value, str):
            control.value = spelled(value)


def _choices(node: LiveNode, control: Control) -> Sequence[Any]:
    item = control.plan.input
    if item is None or control.plan.kind not in ("combo", "dynamic"):
        return ()
    if control.plan.kind == "dynamic":
        return list(option_inputs(item))
    return item.choices or [other.value for other in node.controls if other.plan.kind == "option" and other.value]


def _spelled(value: Any) -> str:
    return json.dumps(mapping(value) or value, sort_keys=True, default=str)
