"""Where an input of a posted node gets its value: followed through reroutes, bypassed nodes and subgraphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowbind_generator.comfyui.graph import ENTRY, Graph, fits
from flowbind_generator.comfyui.instances import HostSlot, Instance
from flowbind_generator.comfyui.live_nodes import BYPASSED, MUTED, Control, LiveNode
from flowbind_generator.comfyui.reroutes import REROUTE

_Mark: TypeAlias = tuple[int, str, bool, int, str | None]


class Scope:
    """A graph in the place where it is shown: the workflow, or an instance within another scope."""

    __slots__ = ("depth", "graph", "host", "outer", "path", "prompt_path")

    def __init__(self, graph: Graph, outer: Scope | None = None, host: Instance | None = None) -> None:
        self.graph, self.outer, self.host = graph, outer, host
        self.path = self.prompt_path = ""
        self.depth: int = 0 if outer is None else outer.depth + 1
        if outer is not None and host is not None:
            self.path = f"{outer.path}{host.file_id}:"
            self.prompt_path = f"{outer.prompt_path}{host.id}:"

    def is_inside(self, host: Instance) -> bool:
        """Tell whether the scope lies within an instance."""
        scope: Scope | None = self
        while scope is not None:
            if scope.host is host:
                return True
            scope = scope.outer
        return False


@dataclass(frozen=True)
class Output:
    """An output of a posted node."""

    node_id: str
    slot: int


@dataclass(frozen=True)
class Promoted:
    """A control that an instance shows in a scope."""

    scope: Scope
    host: Instance
    control: Control


Source: TypeAlias = Output | Promoted | None


class Circular(Exception):
    """Links that lead back to where they came from."""


class Resolver:
    """Finds what feeds inputs. `scopes` has the scope inside of each instance, by the scope around and its id."""

    def __init__(self, scopes: Mapping[tuple[int, str], Scope]) -> None:
        self._scopes = scopes
        # Many inputs may hang on one long chain.
        self._found: dict[_Mark, Source] = {}

    def source(self, scope: Scope, node: LiveNode, place: int) -> Source:
        """Return what feeds an input: an output, a control of an instance, or None for the node's own value.

        Raises `Circular`.
        """
        seen: dict[_Mark, None] = {}
        step: _Step | Source = _Step(scope, node, place, None, is_output=False)
        while isinstance(step, _Step):
            mark = step.mark
            if mark in self._found:
                step = self._found[mark]
                break
            if mark in seen:
                self._found |= dict.fromkeys(seen)
                raise Circular
            seen[mark] = None
            step = _from_output(self._scopes, step) if step.is_output else _from_input(step)
        self._found |= dict.fromkeys(seen, step)
        return step


class _Step:
    __slots__ = ("is_output", "node", "place", "scope", "type")

    def __init__(self, scope: Scope, node: LiveNode, place: int, type_: str | None, *, is_output: bool) -> None:
        self.scope, self.node, self.place, self.type, self.is_output = scope, node, place, type_, is_output

    @property
    def mark(self) -> _Mark:
        """What tells the step from all others."""
        return (id(self.scope), self.node.id, self.is_output, self.place, self.type)


def _from_input(step: _Step) -> _Step | Source:
    scope, node = step.scope, step.node
    if not 0 <= step.place < len(node.slots):
        return None
    slot = node.slots[step.place]
    link = scope.graph.links.get(slot.link) if slot.link is not None else None
    if link is None:
        return None
    if link.origin == ENTRY and scope.host is not None and scope.outer is not None:
        if not 0 <= link.origin_slot < len(scope.host.hosts):
            return None
        outer: HostSlot = scope.host.hosts[link.origin_slot]
        if outer.link is None:
            return None if outer.shows is None else Promoted(scope.outer, scope.host, outer.shows)
        return _Step(scope.outer, scope.host, link.origin_slot, None, is_output=False)
    origin = scope.graph.nodes.get(link.origin)
    if origin is None:
        return None
    return _Step(scope, origin, link.origin_slot, step.type or slot.type, is_output=True)


def _from_output(scopes: Mapping[tuple[int, str], Scope], step: _Step) -> _Step | Source:
    scope, node, wanted = step.scope, step.node, step.type or "*"
    if node.mode == MUTED:
        return None
    if node.mode == BYPASSED:
        place = _passed_on(node, step.place, wanted)
        return None if place is None else _Step(scope, node, place, None, is_output=False)
    if isinstance(node, Instance):
        inside = scopes.get((id(scope), node.id))
        ports = node.inside.outputs
        if inside is None or not 0 <= step.place < len(ports) or not ports[step.place].links:
            return None
        link = node.inside.links.get(ports[step.place].links[0])
        inner = node.inside.nodes.get(link.origin) if link else None
        if link is None or inner is None:
            return None
        return _Step(inside, inner, link.origin_slot, wanted, is_output=True)
    if node.type == REROUTE:
        return _Step(scope, node, step.place, wanted, is_output=False)
    if node.is_virtual:
        return None
    return Output(scope.prompt_path + node.id, step.place)


def _passed_on(node: LiveNode, place: int, wanted: str) -> int | None:
    """Return the input that a bypassed node's output passes on, as the editor chooses it by types."""
    types = [slot.type for slot in node.slots]
    if wanted in ("*", ""):
        return (place if len(types) > place else 0) if types else None
    given = node.output_types[place] if 0 <= place < len(node.output_types) else None
    if given is None:
        return None
    if place < len(types) and fits(types[place], given) and fits(types[place], wanted):
        return place
    if wanted in types:
        return types.index(wanted)
    return next((n for n, kind in enumerate(types) if fits(kind, given) and fits(kind, wanted)), None)
