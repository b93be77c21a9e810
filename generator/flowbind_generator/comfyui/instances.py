"""An instance of a subgraph: its inputs are the subgraph's, and some of them show controls of nodes inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowbind.comfyui.schema.controls import UNSET
from flowbind.comfyui.schema.shapes import as_read, items, mapping, text
from flowbind_generator.comfyui.graph import Graph, Port
from flowbind_generator.comfyui.live_nodes import Control, LiveNode, Slot
from flowbind_generator.comfyui.prompt import Keys

_SET_ASIDE = "proxyWidgetErrorQuarantine"


class HostSlot(Slot):
    """An input of an instance. `shows` is the control that it has of its own, after one inside."""

    __slots__ = ("port", "shows")

    def __init__(self, port: Port) -> None:
        super().__init__(port.name, port.type)
        self.port = port
        self.label = port.label
        self.shows: Control | None = None


class Instance(LiveNode):
    """A node that stands for a whole graph."""

    def __init__(self, inside: Graph, saved: Mapping[str, Any], keys: Keys) -> None:
        self.inside = inside
        self.hosts: list[HostSlot] = []
        super().__init__(inside.id, None, saved, keys)
        self.is_virtual = True
        inside.instances.append(self)

    @property
    def is_only_one(self) -> bool:
        """Whether no other node stands for the same graph."""
        return len(self.inside.instances) == 1

    def load(self, around: Graph) -> None:
        """Take the inputs of the subgraph, with the links, labels and values that the file has for them."""
        told = {
            text(one.get("name")): (place, one)
            for place, one in enumerate(items(self.saved.get("inputs")))
            if isinstance(one, Mapping)
        }
        for port in self.inside.inputs:
            slot = self._add(port)
            if port.name in told:
                place, one = told[port.name]
                slot.link, slot.label = around.link_id(one.get("link")), text(one.get("label"))
                slot.keys = (*self.keys, "inputs", place)
            self.show(slot)
        around.connect(self)
        self.output_types = [port.type for port in self.inside.outputs]
        self._take_values()

    def set(self, control: Control, value: Any, keys: Keys | None = None) -> None:
        """Give an input a value; what follows of it is the matter of the nodes inside."""
        control.value, control.keys = as_read(value), keys

    def forget_values(self) -> None:
        """Have all inputs start from the values of the nodes inside again."""
        for control in self.controls:
            control.value, control.keys = control.plan.default, None

    def add_port(self, port: Port) -> None:
        """Take an input that the subgraph got after this instance was loaded."""
        self._add(port)

    def show(self, slot: HostSlot) -> None:
        """Give an input a control, if what it feeds has one; it starts from that one's value."""
        for node, number in self.inside.targets(slot.port):
            shown = inner_control(node, number)
            if shown is not None:
                slot.shows = Control(replace(shown.plan, name=slot.port.name, saved=True, default=shown.value))
                slot.shows.governor = node.governor(shown)
                slot.shows.starts_from = node, shown
                slot.control = slot.port.name
                self.controls.append(slot.shows)
                return

    def host(self, name: str) -> HostSlot | None:
        """Return the first input of a name."""
        return next((slot for slot in self.hosts if slot.name == name), None)

    def _add(self, port: Port) -> HostSlot:
        slot = HostSlot(port)
        self.hosts.append(slot)
        self.slots.append(slot)
        return slot

    def _take_values(self) -> None:
        values = items(self.saved.get("widgets_values"))
        showing = [slot.shows for slot in self.hosts if slot.shows is not None]
        for place, (control, value) in enumerate(zip(showing, values, strict=False)):
            self.set(control, value, (*self.keys, "widgets_values", place))
        for name, (place, value) in _set_aside(self.saved).items():
            slot = self.host(name)
            if slot is not None and slot.shows is not None:
                self.set(slot.shows, value, (*self.keys, "properties", _SET_ASIDE, place, "hostValue"))


def holder(node: LiveNode, control: Control) -> Control:
    """Return the control whose value in the file is that of another: itself, or one inside that only it starts from."""
    while control.keys is None and control.starts_from and isinstance(node, Instance) and node.is_only_one:
        node, control = control.starts_from
    return control


def inner_control(node: LiveNode, number: int) -> Control | None:
    """Return the control that an input of a node inside has, found by the id of its link."""
    slot = next((slot for slot in node.slots if slot.link == number), None)
    if isinstance(slot, HostSlot):
        return slot.shows
    return None if slot is None or slot.control is None else node.control(slot.control)


def _set_aside(saved: Mapping[str, Any]) -> dict[str, tuple[int, Any]]:
    # Values for which the editor once found no control inside; it keeps them by the input's name.
    found: dict[str, tuple[int, Any]] = {}
    for place, entry in enumerate(items(mapping(saved.get("properties")).get(_SET_ASIDE))):
        source = items(mapping(entry).get("originalEntry"))
        value = mapping(entry).get("hostValue", UNSET)
        if len(source) > 1 and source[0] == "-1" and isinstance(source[1], str) and value is not UNSET:
            found.setdefault(source[1], (place, value))
    return found
