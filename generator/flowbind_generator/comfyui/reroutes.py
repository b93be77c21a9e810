"""Reroutes: the editor lets go of links that lead from one to an input whose type does not fit."""

from __future__ import annotations

from flowbind_generator.comfyui.graph import Graph, Link, fits
from flowbind_generator.comfyui.live_nodes import LiveNode, Slot

REROUTE = "Reroute"


def let_go(graph: Graph) -> None:
    """Take links away from inputs that cannot take what the reroutes before them are fed with."""
    reroutes = [node for node in graph.nodes.values() if node.type == REROUTE]
    for node, type_ in [(node, _fed_with(graph, node)) for node in reroutes]:
        if type_ is None:
            continue
        for link in graph.leaving(node.id, 0):
            slot = _target(graph, link)
            if slot is not None and not fits(type_, slot.type):
                slot.link = None


def _fed_with(graph: Graph, node: LiveNode) -> str | None:
    """Return the type of what feeds a reroute, however many others lie between; None where nothing does."""
    seen: set[str] = set()
    while node.id not in seen:
        seen.add(node.id)
        number = node.slots[0].link if node.slots else None
        link = graph.links.get(number) if number is not None else None
        origin = graph.nodes.get(link.origin) if link else None
        if link is None or origin is None:
            return None
        if origin.type != REROUTE:
            types = origin.output_types
            return types[link.origin_slot] if 0 <= link.origin_slot < len(types) else None
        node = origin
    return None


def _target(graph: Graph, link: Link) -> Slot | None:
    """Return the input that a link leads to, None where that is another reroute or gone."""
    node = graph.nodes.get(link.target)
    if node is None or node.type == REROUTE:
        return None
    return next((slot for slot in node.slots if slot.link == link.id), None)
