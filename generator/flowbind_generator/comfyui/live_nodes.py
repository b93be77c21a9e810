"""A node as the editor holds it after loading: sockets, controls with their values, and how they change each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowbind.comfyui.schema.class_inputs import Growth, Shown, class_inputs, option_inputs_shown, shown
from flowbind.comfyui.schema.controls import UNSET, ControlPlan, group_rows, option_inputs
from flowbind.comfyui.schema.node_classes import NodeClass
from flowbind.comfyui.schema.shapes import as_read, mapping
from flowbind_generator.comfyui.prompt import Keys

MUTED, BYPASSED = 2, 4
_MOST_SLOTS = 5000
_ENDS_IN_NUMBER = re.compile(r"[0-9]{1,9}$")


class Control:
    """A control of one node: what it is, its value, and what leads to the value in the file."""

    __slots__ = ("feeder", "governor", "keys", "plan", "starts_from", "value")

    def __init__(self, plan: ControlPlan) -> None:
        self.plan = plan
        self.value = plan.default
        self.keys: Keys | None = None
        # The primitive that hands its value on to this control.
        self.feeder: LiveNode | None = None
        # The control inside of a subgraph that says what the editor does with the value after a run.
        self.governor: Control | None = None
        # The control inside of a subgraph whose value this one has as long as it has none of its own, and its node.
        self.starts_from: tuple[LiveNode, Control] | None = None

    @property
    def name(self) -> str:
        """The name, which is that of the input in the prompt."""
        return self.plan.name

    @property
    def has_value(self) -> bool:
        """Whether there is a value at all, be it null."""
        return self.value is not UNSET


class Slot:
    """An input of a node that takes a link; `control` names the control whose value a link replaces."""

    __slots__ = ("control", "keys", "label", "link", "name", "type")

    def __init__(self, name: str, type_: str, control: str | None = None) -> None:
        self.name, self.type, self.control = name, type_, control
        self.link: int | None = None
        self.label = ""
        self.keys: Keys | None = None


class LiveNode:
    """A node of a graph. `id` is the editor's after loading, `file_id` that of the file; `node_class` None: unknown."""

    def __init__(self, type_: str, node_class: NodeClass | None, saved: Mapping[str, Any], keys: Keys) -> None:
        self.type, self.node_class, self.saved, self.keys = type_, node_class, saved, keys
        self.id = self.file_id = ""
        self.mode = 0
        self.title = ""
        self.is_virtual = False
        self.slots: list[Slot] = []
        self.controls: list[Control] = []
        self.output_types: list[str] = []
        self.growths: dict[str, Growth] = {}
        # By group, the types that each of its inputs takes.
        self.matches: dict[str, dict[str, str]] = {}
        # The inputs that had a link when a choice took them away, and all inputs as they were before any value was set.
        self.first_slots: list[Slot] = []
        self.adrift: dict[str, Slot] = {}
        self.make()

    @property
    def is_active(self) -> bool:
        """Whether the node is neither muted nor bypassed."""
        return self.mode not in (MUTED, BYPASSED)

    def make(self) -> None:
        """Give the node the inputs that its class has, with the class's values; what it had is forgotten."""
        self.slots, self.controls, self.growths, self.matches, self.adrift = [], [], {}, {}, {}
        if self.node_class is None:
            return
        found = class_inputs(self.node_class)
        for one in found:
            self._add_socket(one)
        for one in found:
            self._add_controls(one)
        self.controls += map(Control, _EXTRAS.get(self.node_class.name, ()))

    def control(self, name: str | None) -> Control | None:
        """Return the first control of a name."""
        return next((control for control in self.controls if control.plan.name == name), None)

    def governor(self, control: Control) -> Control | None:
        """Return the control that says what the editor does with another's value after a run."""
        if control.governor is not None:
            return control.governor
        return next((other for other in self.controls if other.plan.governs == control.plan.name), None)

    def slot_of(self, control: str) -> Slot | None:
        """Return the input through which a link feeds a control."""
        return next((slot for slot in self.slots if slot.control == control), None)

    def set(self, control: Control, value: Any, keys: Keys | None = None) -> None:
        """Give a control a value, with all that follows: other controls may come and go."""
        control.value, control.keys = as_read(value), keys
        if control.plan.kind in ("dynamic", "group"):
            self._expand(control)
        elif control.plan.kind == "option":
            self._grow_options(control)

    def grow(self, slot: Slot) -> None:
        """Show one more socket after a member of a growing input got a link."""
        group = slot.name.rpartition(".")[0]
        growth = self.growths.get(group)
        if growth is not None:
            ordinal = _ordinal(growth, slot.name)
            if ordinal is not None:
                self._add_round(growth, ordinal + 1)

    def _add_socket(self, one: Shown) -> None:
        if one.growth is not None:
            self.growths[one.input.name] = one.growth
            for ordinal in range(max(1, min(one.growth.fewest + 1, one.growth.most))):
                self._add_round(one.growth, ordinal)
        elif one.match is not None:
            self._add_input(shown(replace(one.input, type=one.match.allowed)))
            self.matches.setdefault(one.match.group, {})[one.input.name] = one.match.allowed
        elif one.controls is None:
            self.slots.append(Slot(one.input.name, one.input.type))

    def _add_controls(self, one: Shown) -> None:
        if one.controls is None:
            return
        for plan in one.controls:
            control = Control(plan)
            self.controls.append(control)
            if plan.kind in ("dynamic", "group"):
                self._expand(control)
        if all(plan.has_slot for plan in one.controls):
            self.slots.append(Slot(one.input.name, one.input.type, one.input.name))

    def _add_input(self, one: Shown) -> None:
        self._add_socket(one)
        self._add_controls(one)

    def _expand(self, control: Control) -> None:
        inside = control.plan.name + "."
        removed = {slot.name: slot for slot in self.slots if slot.name.startswith(inside)}
        self.slots = [slot for slot in self.slots if slot.name not in removed]
        self.controls = [other for other in self.controls if not other.plan.name.startswith(inside)]
        self.adrift |= {name: slot for name, slot in removed.items() if slot.link is not None}
        found = _inside(control)
        if found is None:
            return
        first_slot, first_control = len(self.slots), len(self.controls)
        for one in found:
            self._add_input(one)
        added, self.controls[first_control:] = self.controls[first_control:], []
        place = self.controls.index(control) + 1
        self.controls[place:place] = added
        after = next((n for n, slot in enumerate(self.slots) if slot.name == control.plan.name), None)
        if after is not None:
            new, self.slots[first_slot:] = self.slots[first_slot:], []
            self.slots[after + 1 : after + 1] = new
        # In order: a member that gets its link back shows the next one.
        for old in removed.values():
            again = next((slot for slot in self.slots if slot.name == old.name), None)
            if again is not None:
                self.adrift.pop(old.name, None)
                again.link, again.keys, again.label = old.link, old.keys, old.label
                if again.link is not None:
                    self.grow(again)

    def _add_round(self, growth: Growth, ordinal: int) -> None:
        if ordinal >= growth.most or len(self.slots) > _MOST_SLOTS:
            return
        first = len(self.slots)
        for member in growth.members:
            self._add_input(shown(replace(member, name=growth.member_name(ordinal, member.name))))
        new, self.slots[first:] = self.slots[first:], []
        for slot in new:
            for old in [other for other in self.slots if other.name == slot.name]:
                self.slots.remove(old)
                if slot.link is None:
                    slot.link, slot.keys, slot.label = old.link, old.keys, old.label
        before = ""
        if ordinal > 0 and growth.members:
            before = growth.member_name(ordinal - 1, growth.members[-1].name)
        places = [n for n, slot in enumerate(self.slots) if before and slot.name.startswith(before)]
        place = places[-1] + 1 if places else len(self.slots)
        self.slots[place:place] = new

    def _grow_options(self, control: Control) -> None:
        last = self.controls[-1]
        if control is last:
            if control.value:
                name = f"option{len(self.controls) - 1}"
                self.controls.append(Control(ControlPlan(name, "option", "")))
        elif not control.value and self.controls[-2] is control and not last.value:
            self.controls.pop()


_EXTRAS: dict[str, tuple[ControlPlan, ...]] = {
    "CustomCombo": (ControlPlan("index", "index", 0), ControlPlan("option1", "option", "")),
    "WebcamCapture": (ControlPlan("waiting for camera...", "button", "capture", posted=False),),
}


def _inside(control: Control) -> tuple[Shown, ...] | None:
    item = control.plan.input
    if item is None:
        return None
    if control.plan.kind == "group":
        template, rows = mapping(item.options.get("template")), group_rows(item, control.value)
        return tuple(one for row in range(rows) for one in option_inputs_shown(template, f"{item.name}.{row}"))
    told = option_inputs(item).get(control.value) if isinstance(control.value, str) else None
    return None if told is None else option_inputs_shown(told, item.name)


def _ordinal(growth: Growth, name: str) -> int | None:
    inner = name[len(growth.name) + 1 :]
    if growth.names is not None:
        return growth.names.index(inner) if inner in growth.names else None
    found = _ENDS_IN_NUMBER.search(inner)
    return int(found[0]) if found else None
