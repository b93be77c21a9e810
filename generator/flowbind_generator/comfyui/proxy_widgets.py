"""The older way in which an instance shows controls of its subgraph: `proxyWidgets`, made into inputs of it."""

from __future__ import annotations

import re
from typing import Any

from flowbind.comfyui.schema.shapes import items, mapping, whole
from flowbind_generator.comfyui.graph import Graph, Port
from flowbind_generator.comfyui.instances import HostSlot, Instance
from flowbind_generator.comfyui.live_nodes import LiveNode, Slot
from flowbind_generator.comfyui.prompt import Keys
from flowbind_generator.strict_json import parse

_PREFIXED = re.compile(r"\s*([0-9]{1,15})\s*:\s*(.+)", re.DOTALL)
_DEEPEST = 100
PRIMITIVE = "PrimitiveNode"


class _Entry:
    """One entry: which control of which node inside is shown, and the value that the instance has for it."""

    def __init__(self, node_id: str, name: str, apart: str | None, value: Any, keys: Keys | None) -> None:
        self.node_id, self.name, self.apart = node_id, name, apart
        self.value, self.keys = value, keys

    def give(self, instance: Instance, slot: HostSlot | None) -> None:
        if slot is not None and slot.shows is not None and self.keys is not None:
            instance.set(slot.shows, self.value, self.keys)


def show_proxies(instance: Instance, renumbered: dict[str, str]) -> None:
    """Show what `proxyWidgets` of an instance names. Its ids are the file's; `renumbered` has what became of them."""
    entries = _entries(instance, renumbered)
    bundles: dict[str, list[_Entry]] = {}
    # First what there is, so that new inputs do not change what an entry means.
    plans = [(entry, *_plan(instance, entry, entries)) for entry in entries]
    for entry, kind, slot in plans:
        if kind == "linked":
            entry.give(instance, slot)
        elif kind == "new":
            _new_input(instance, entry)
        elif kind == "primitive":
            bundles.setdefault(entry.node_id, []).append(entry)
        elif kind == "none" and entry.node_id == "-1":
            entry.give(instance, instance.host(entry.name))
    for bundle in bundles.values():
        _replace_primitive(instance, bundle)


def _entries(instance: Instance, renumbered: dict[str, str]) -> list[_Entry]:
    told = mapping(instance.saved.get("properties")).get("proxyWidgets")
    if isinstance(told, str):
        try:
            told = parse(told)
        except ValueError:
            return []
    listed: list[list[str]] = [one for one in items(told) if _is_entry(one)]
    if len(listed) != len(items(told)):
        return []
    values = items(instance.saved.get("widgets_values"))
    found: list[_Entry] = []
    for place, one in enumerate(listed):
        value = values[place] if place < len(values) else None
        keys = None if value is None else (*instance.keys, "widgets_values", place)
        node_id, name, apart = one[0], one[1], next(iter(one[2:]), None)
        node_id = renumbered.get(node_id, node_id)
        if not _reaches(instance, node_id, name):
            while match := _PREFIXED.fullmatch(name):
                apart, name = match[1], match[2]
        found.append(_Entry(node_id, name, apart, value, keys))
    return found


def _is_entry(one: Any) -> bool:
    return isinstance(one, list) and len(one) in (2, 3) and all(isinstance(part, str) for part in one)


def _reaches(instance: Instance, node_id: str, name: str) -> bool:
    """Tell whether there is such a control, however deep."""
    for _ in range(_DEEPEST):
        node = instance.inside.nodes.get(node_id)
        if not isinstance(node, Instance):
            return node is not None and node.control(name) is not None
        port = next((port for port in node.inside.inputs if port.name == name), None)
        target = None if port is None else source(node.inside, port)
        if target is None:
            return False
        instance, (node_id, name) = node, target
    return False


def source(inside: Graph, port: Port) -> tuple[str, str] | None:
    """Return what a port shows: the id of the node inside, and the name of its control or input."""
    for node, number in inside.targets(port):
        slot = next(slot for slot in node.slots if slot.link == number)
        if isinstance(node, Instance):
            return node.id, slot.name
        if slot.control is not None and node.control(slot.control) is not None:
            return node.id, slot.control
    return None


def _plan(instance: Instance, entry: _Entry, entries: list[_Entry]) -> tuple[str, HostSlot | None]:
    for slot in instance.hosts:
        if source(instance.inside, slot.port) == (entry.node_id, entry.name):
            return "linked", _only(instance, slot.name)
    node = instance.inside.nodes.get(entry.node_id)
    if node is None:
        return "none", None
    if node.type == PRIMITIVE:
        marked = mapping(node.saved.get("properties")).get("proxyBypassedToSubgraphInput")
        known = instance.host(marked) if isinstance(marked, str) else None
        if known is not None:
            return "linked", known
        repeated = sum(other.node_id == entry.node_id for other in entries) > 1
        return ("primitive" if repeated or _fed_by(instance.inside, node) else "none"), None
    if entry.name.startswith("$$") or _source_slot(node, entry) is None:
        return "none", None
    return "new", None


def _only(instance: Instance, name: str) -> HostSlot | None:
    found = [slot for slot in instance.hosts if slot.name == name]
    return found[0] if len(found) == 1 else None


def _source_slot(node: LiveNode, entry: _Entry) -> Slot | None:
    if isinstance(node, Instance):
        for slot in node.hosts:
            target = source(node.inside, slot.port)
            if entry.apart:
                if target == (entry.apart, entry.name):
                    return slot if slot.shows else None
            elif entry.name == slot.name or (target is not None and target[1] == entry.name):
                return slot if slot.shows else None
        return None
    control = node.control(entry.name)
    return None if control is None else node.slot_of(control.plan.name)


def _new_input(instance: Instance, entry: _Entry) -> None:
    node = instance.inside.nodes.get(entry.node_id)
    slot = None if node is None else _source_slot(node, entry)
    if node is None or slot is None:
        return
    port = _add_port(instance.inside, entry.name, slot.type, slot.label)
    _connect(instance.inside, port, node, slot)
    host = next((found for found in instance.hosts if found.port is port), None)
    if host is not None:
        host.label = slot.label or host.label
        entry.give(instance, host)


def _replace_primitive(instance: Instance, bundle: list[_Entry]) -> None:
    inside, first = instance.inside, bundle[0]
    node = inside.nodes[first.node_id]
    targets = _fed_by(inside, node)
    kind = node.output_types[0] if node.output_types else ""
    fits = all("*" in (kind, slot.type) or slot.type == kind for _, slot in targets)
    if not targets or not fits or any(entry.name != first.name for entry in bundle):
        return
    # What the author called it; the editor's own name is the one that it shows.
    title = node.title or "Primitive"
    port = _add_port(inside, first.name if title == PRIMITIVE else title, kind, "")
    for target, slot in targets:
        _connect(inside, port, target, slot)
    host = next((found for found in instance.hosts if found.port is port), None)
    chosen = next((entry for entry in bundle if entry.keys is not None), None)
    if chosen is not None:
        chosen.give(instance, host)


def _fed_by(inside: Graph, node: LiveNode) -> list[tuple[LiveNode, Slot]]:
    output = mapping(next(iter(items(node.saved.get("outputs"))), None))
    found: list[tuple[LiveNode, Slot]] = []
    for number in map(whole, items(output.get("links"))):
        link = inside.links.get(number) if number is not None else None
        target = inside.nodes.get(link.target) if link else None
        slot = next((slot for slot in target.slots if slot.link == number), None) if target else None
        if target is not None and slot is not None:
            found.append((target, slot))
    return found


def _add_port(inside: Graph, name: str, type_: str, label: str) -> Port:
    taken = {port.name for port in inside.inputs}
    unique, count = name, 1
    while unique in taken:
        unique, count = f"{name}_{count}", count + 1
    port = Port(unique, type_, label, [])
    inside.inputs.append(port)
    for instance in inside.instances:
        instance.add_port(port)
    return port


def _connect(inside: Graph, port: Port, node: LiveNode, slot: Slot) -> None:
    link = inside.new_link(slot.type, inside.inputs.index(port), node.id, node.slots.index(slot))
    slot.link = link.id
    port.links.append(link.id)
    for instance in inside.instances:
        host = next((found for found in instance.hosts if found.port is port), None)
        if host is not None and host.shows is None:
            instance.show(host)
