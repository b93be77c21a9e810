"""A graph of a saved file: its nodes by id, and its links, in both spellings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowbind.comfyui.schema.shapes import at, identity, items, mapping, text, whole
from flowbind_generator.comfyui.live_nodes import LiveNode, Slot

if TYPE_CHECKING:
    from flowbind_generator.comfyui.instances import Instance

ENTRY, EXIT = "-10", "-20"
"""The ids of what stands for a subgraph's own inputs and outputs, inside of it."""


class Link:
    """A link from an output to an input, both given as node and place."""

    __slots__ = ("id", "origin", "origin_slot", "target", "target_slot", "type")

    def __init__(self, id_: int, origin: str, origin_slot: int, target: str, target_slot: int, type_: str) -> None:
        self.id, self.origin, self.origin_slot = id_, origin, origin_slot
        self.target, self.target_slot, self.type = target, target_slot, type_


class Port:
    """An input or output of a subgraph. `links` are those inside, of which the first one counts for the editor."""

    __slots__ = ("label", "links", "name", "type")

    def __init__(self, name: str, type_: str, label: str, links: list[int]) -> None:
        self.name, self.type, self.label, self.links = name, type_, label, links


class Graph:
    """The workflow, or the inside of a subgraph: then it has ports, and instances that live in other graphs."""

    def __init__(self, id_: str = "", name: str = "") -> None:
        self.id, self.name = id_, name
        self.nodes: dict[str, LiveNode] = {}
        self.links: dict[int, Link] = {}
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.instances: list[Instance] = []
        # Inputs whose link is not theirs; by the id of a link that was left out, the one that stays.
        self.astray: dict[tuple[int, str], tuple[LiveNode, Slot]] = {}
        self._instead: dict[int, int] = {}
        self._last = 0

    def read_links(self, told: Any, nodes: Any) -> None:
        """Take the links of a file, as lists (0.4) or as objects (1.0, and in all subgraphs).

        One link at most leads to an input: the first one, unless only a later one is known to one of the `nodes`.
        """
        known = {
            whole(mapping(slot).get("link")) for node in items(nodes) for slot in items(mapping(node).get("inputs"))
        }
        first: dict[tuple[str, int], Link] = {}
        for link in map(_link, items(told)):
            if link is None or link.id in self.links:
                continue
            rival = first.setdefault((link.target, link.target_slot), link)
            if rival is not link:
                if rival.id in known or link.id not in known:
                    self._instead[link.id] = rival.id
                    continue
                del self.links[rival.id]
                self._instead[rival.id] = link.id
                first[link.target, link.target_slot] = link
            self.links[link.id] = link

    def link_id(self, told: Any) -> int | None:
        """Return the id of the link that an input of a file names."""
        number = whole(told)
        return None if number is None else self._instead.get(number, number)

    def connect(self, node: LiveNode) -> None:
        """Have each link lead to one input of a node: the one that names it, else the one at the place it has."""
        named: dict[int, list[Slot]] = {}
        for slot in node.slots:
            link = self.links.get(slot.link) if slot.link is not None else None
            if link is not None:
                named.setdefault(link.id, []).append(slot)
        for number, slots in named.items():
            link = self.links[number]
            at_place = node.slots[link.target_slot] if 0 <= link.target_slot < len(node.slots) else None
            taker = at_place if at_place in slots else slots[0]
            for slot in slots:
                if slot is not taker or link.target != node.id:
                    slot.link = None
                    self.astray[id(node), slot.name] = node, slot
        for link in self._arriving.get(node.id, ()):
            if link.id not in named and 0 <= link.target_slot < len(node.slots):
                slot = node.slots[link.target_slot]
                slot.link = slot.link if slot.link in self.links else link.id

    def read_ports(self, inputs: Any, outputs: Any) -> None:
        """Take the ports of a subgraph."""
        entries: dict[int, int] = {}
        exits: dict[int, int] = {}
        for link in self.links.values():
            if link.origin == ENTRY:
                entries.setdefault(link.origin_slot, link.id)
            if link.target == EXIT:
                exits.setdefault(link.target_slot, link.id)
        self.inputs = [self._port(told, entries.get(place)) for place, told in enumerate(items(inputs))]
        self.outputs = [self._port(told, exits.get(place)) for place, told in enumerate(items(outputs))]

    def new_link(self, type_: str, origin_slot: int, target: str, target_slot: int) -> Link:
        """Add a link from a port of the subgraph to a node in it."""
        self._last = self._last or max(self.links, default=0)
        self._last += 1
        link = Link(self._last, ENTRY, origin_slot, target, target_slot, type_)
        self.links[link.id] = link
        return link

    def leaving(self, node_id: str, place: int) -> list[Link]:
        """Return the links from an output of a node, by their ids."""
        return self._leaving.get((node_id, place), [])

    @cached_property
    def _leaving(self) -> dict[tuple[str, int], list[Link]]:
        found: dict[tuple[str, int], list[Link]] = {}
        for link in sorted(self.links.values(), key=lambda link: link.id):
            found.setdefault((link.origin, link.origin_slot), []).append(link)
        return found

    @cached_property
    def _arriving(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links.values():
            found.setdefault(link.target, []).append(link)
        return found

    def targets(self, port: Port) -> Iterator[tuple[LiveNode, int]]:
        """Yield the inputs that a port of the subgraph feeds, as nodes and the ids of links."""
        for number in port.links:
            link = self.links.get(number)
            node = self.nodes.get(link.target) if link else None
            if node is not None and any(slot.link == number for slot in node.slots):
                yield node, number

    def _port(self, told: Any, instead: int | None) -> Port:
        # The editor mends ids of links that are gone.
        links = (
            n if n in self.links else instead for n in map(whole, items(mapping(told).get("linkIds"))) if n is not None
        )
        name, label = text(mapping(told).get("name")), text(mapping(told).get("label"))
        return Port(name, slot_type(mapping(told).get("type")), label, [n for n in links if n is not None])


def slot_type(told: Any) -> str:
    """Return the type of a socket in a file; what is no text takes and gives anything."""
    if isinstance(told, list):
        return ",".join(str(one) for one in told if isinstance(one, str)) or "*"
    return told if isinstance(told, str) else "*"


def fits(one: str, other: str) -> bool:
    """Tell whether the editor connects two types: "*" fits all, "A,B" is either, case does not count."""
    if one in ("", "*") or other in ("", "*") or one == other:
        return True
    others = other.lower().split(",")
    return any(part in others or part in ("", "*") for part in one.lower().split(",")) or "*" in others or "" in others


def _link(told: Any) -> Link | None:
    if isinstance(told, Mapping):
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        told = [told.get(key) for key in keys]
    if not isinstance(told, list):
        return None
    number, origin, target = whole(at(told, 0)), identity(at(told, 1)), identity(at(told, 3))
    if number is None or origin is None or target is None:
        return None
    return Link(number, origin, whole(at(told, 2)) or 0, target, whole(at(told, 4)) or 0, slot_type(at(told, 5)))
