"""Loads a saved file as the editor does: subgraphs first, then nodes, links and values, then what follows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.comfyui.schema.node_classes import MATCH_TYPE
from flowbind.comfyui.schema.shapes import identity, items, mapping, text, whole
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.graph import Graph, slot_type
from flowbind_generator.comfyui.instances import Instance
from flowbind_generator.comfyui.live_nodes import LiveNode, Slot
from flowbind_generator.comfyui.primitives import hand_on, make_control, primitives
from flowbind_generator.comfyui.prompt import Keys
from flowbind_generator.comfyui.proxy_widgets import PRIMITIVE, show_proxies
from flowbind_generator.comfyui.renumbering import Numbering, definitions
from flowbind_generator.comfyui.reroutes import REROUTE, let_go
from flowbind_generator.comfyui.values import Disagreement, correct, disagreements, give_by_name, give_by_position

EDITORS_OWN = frozenset({REROUTE, PRIMITIVE, "Note", "MarkdownNote"})
"""Node types that the editor has and no server: they are not posted."""
MOST_SUBGRAPHS = 10_000
NAMED = "widgets_values_named"


class Loaded:
    """A workflow as the editor holds it: `root`, the subgraphs by id, and where names and positions disagreed."""

    def __init__(self, workflow: Mapping[str, Any], catalog: Catalog, root: Keys, *, by_name: bool) -> None:
        self.root = Graph()
        self.subgraphs: dict[str, Graph] = {}
        self.disagreements: list[tuple[LiveNode, Disagreement]] = []
        self._catalog, self._by_name = catalog, by_name
        self._numbering = Numbering(workflow)
        self._new_ids: dict[str, dict[str, str]] = {}
        self._load(workflow, root)
        graphs = [*self.subgraphs.values(), self.root]
        for graph in graphs:
            for node in graph.nodes.values():
                _drop_stale_inputs(node)
                if not by_name:
                    _let_slip(graph, node)
        for graph in graphs:
            for primitive in primitives(graph):
                make_control(graph, primitive)
        for graph in graphs:
            for node in graph.nodes.values():
                correct(node)
                _settle_types(graph, node)
        for graph in graphs:
            let_go(graph)
        for graph in graphs:
            for primitive in primitives(graph):
                hand_on(graph, primitive)

    @property
    def astray(self) -> Iterator[tuple[LiveNode, Slot]]:
        """Inputs whose link leads to another one, or to another node."""
        return (one for graph in (self.root, *self.subgraphs.values()) for one in graph.astray.values())

    def _load(self, workflow: Mapping[str, Any], root: Keys) -> None:
        nodes = items(workflow.get("nodes"))
        self._numbering.reserve(nodes)
        told = {str(identity(one.get("id"))): (one, keys) for one, keys in definitions(workflow, MOST_SUBGRAPHS)}
        for known, (one, _) in told.items():
            graph = self.subgraphs[known] = Graph(known, text(one.get("name")))
            graph.read_links(one.get("links"), one.get("nodes"))
            self._new_ids[known] = new = self._numbering.new_ids(items(one.get("nodes")))
            for link in graph.links.values():
                link.origin, link.target = new.get(link.origin, link.origin), new.get(link.target, link.target)
            graph.read_ports(one.get("inputs"), one.get("outputs"))
        self.root.read_links(workflow.get("links"), nodes)
        for known in _leaves_first({known: one for known, (one, _) in told.items()}):
            one, keys = told[known]
            self._read_nodes(self.subgraphs[known], items(one.get("nodes")), (*root, *keys), self._new_ids[known])
        self._read_nodes(self.root, nodes, root, {})

    def _read_nodes(self, graph: Graph, told: list[Any], keys: Keys, new_ids: Mapping[str, str]) -> None:
        for place, saved in enumerate(told):
            if isinstance(saved, Mapping):
                node = self._node(saved, (*keys, "nodes", place))
                node.file_id = identity(saved.get("id")) or ""
                node.id = new_ids.get(node.file_id, node.file_id)
                if not node.id or node.id in graph.nodes:
                    node.id = self._numbering.next()
                graph.nodes[node.id] = node
        for node in graph.nodes.values():
            self._configure(graph, node)
        for node in list(graph.nodes.values()):
            if isinstance(node, Instance):
                show_proxies(node, self._new_ids[node.inside.id])

    def _node(self, saved: Mapping[str, Any], keys: Keys) -> LiveNode:
        type_ = saved.get("type")
        type_ = type_ if isinstance(type_, str) else str(type_)
        if type_ in self.subgraphs:
            return Instance(self.subgraphs[type_], saved, keys)
        known = None if type_ in EDITORS_OWN or type_ not in self._catalog else self._catalog[type_]
        node = LiveNode(type_, known, saved, keys)
        node.is_virtual = type_ in EDITORS_OWN
        return node

    def _configure(self, graph: Graph, node: LiveNode) -> None:
        node.mode = whole(node.saved.get("mode")) or 0
        node.title = text(node.saved.get("title"))
        if isinstance(node, Instance):
            node.load(graph)
            if self._goes_by_name(node):
                node.forget_values()
                give_by_name(node, mapping(node.saved.get(NAMED)), NAMED)
            return
        _read_inputs(graph, node)
        _read_outputs(node)
        if node.node_class is None:
            return
        values, named = node.saved.get("widgets_values"), node.saved.get(NAMED)
        if isinstance(values, Mapping):
            give_by_name(node, values, "widgets_values")
        else:
            give_by_position(node)
            if self._goes_by_name(node):
                node.make()
                _read_inputs(graph, node)
                give_by_name(node, mapping(named), NAMED)

    def _goes_by_name(self, node: LiveNode) -> bool:
        """Tell whether the values that a node was given by position are to be given by name instead."""
        found = disagreements(node, by_name=self._by_name)
        if found is None:
            return False
        self.disagreements.append((node, found))
        return found.by_name


def _read_inputs(graph: Graph, node: LiveNode) -> None:
    told = items(node.saved.get("inputs"))
    if node.type == REROUTE and not told:
        node.slots = [Slot("", "*")]
    by_name = {text(one.get("name")): (n, one) for n, one in enumerate(told) if isinstance(one, Mapping)}
    defined = {slot.name for slot in node.slots} if node.node_class else set()
    extra: list[Slot] = []
    for name, (_, one) in by_name.items():
        if name not in defined:
            control = mapping(one.get("widget")).get("name")
            extra.append(Slot(name, slot_type(one.get("type")), control if isinstance(control, str) else None))
    if told and node.node_class is None:
        node.slots = extra
    else:
        node.slots += extra
    for slot in node.slots:
        if slot.name in by_name:
            place, one = by_name[slot.name]
            slot.link, slot.label = graph.link_id(one.get("link")), text(one.get("label"))
            slot.keys = (*node.keys, "inputs", place)
    graph.connect(node)
    place = 0
    while node.growths and place < len(node.slots):
        link = node.slots[place].link
        if link is not None and link in graph.links:
            node.grow(node.slots[place])
        place += 1
    node.first_slots = list(node.slots)


def _read_outputs(node: LiveNode) -> None:
    types = [slot_type(mapping(one).get("type")) for one in items(node.saved.get("outputs"))]
    if node.node_class is not None:
        known = ["*" if one.type == MATCH_TYPE else one.type for one in node.node_class.outputs]
        types[: len(known)] = known
    node.output_types = types


def _drop_stale_inputs(node: LiveNode) -> None:
    if node.node_class is not None:
        names = {control.plan.name for control in node.controls}
        node.slots = [slot for slot in node.slots if slot.control is None or slot.control in names]


def _let_slip(graph: Graph, node: LiveNode) -> None:
    for lost in node.adrift.values():
        link = graph.links.get(lost.link) if lost.link is not None else None
        if link is not None and 0 <= link.target_slot < len(node.first_slots):
            taker = node.first_slots[link.target_slot]
            if taker.link is None and taker in node.slots:
                taker.link = link.id


def _settle_types(graph: Graph, node: LiveNode) -> None:
    """Narrow sockets that take one of several types to what they are connected with."""
    for group, allowed in node.matches.items():
        members = [slot for slot in node.slots if slot.name in allowed]
        types = [_origin_type(graph, slot) for slot in members]
        for place, slot in enumerate(members):
            slot.type = _common([*types[:place], *types[place + 1 :], allowed[slot.name]]) or slot.type
        out = _common(types)
        for place, output in enumerate(node.node_class.outputs if node.node_class else ()):
            if output.match == group and out:
                node.output_types[place] = out


def _origin_type(graph: Graph, slot: Slot) -> str:
    link = graph.links.get(slot.link) if slot.link is not None else None
    if link is None:
        return "*"
    origin = graph.nodes.get(link.origin)
    types = origin.output_types if origin else [port.type for port in graph.inputs]
    return types[link.origin_slot] if 0 <= link.origin_slot < len(types) else "*"


def _common(types: list[str]) -> str:
    lists = [one.split(",") for one in types if one != "*"]
    if not lists:
        return "*"
    return ",".join(one for one in dict.fromkeys(lists[0]) if all(one in other for other in lists[1:]))


def _leaves_first(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    uses = {
        known: {one["type"] for one in items(graph.get("nodes")) if _is_use(one, told)} for known, graph in told.items()
    }
    used_by: dict[str, list[str]] = {known: [] for known in told}
    for known, used in uses.items():
        for one in used:
            used_by[one].append(known)
    ready = [known for known, used in uses.items() if not used]
    done = 0
    while done < len(ready):
        for one in used_by[ready[done]]:
            uses[one].discard(ready[done])
            if not uses[one]:
                ready.append(one)
        done += 1
    # Subgraphs that contain themselves are refused later.
    return iter(ready if len(ready) == len(told) else list(told))


def _is_use(one: Any, told: Mapping[str, Any]) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get("type"), str) and one["type"] in told
