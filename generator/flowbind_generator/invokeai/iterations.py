"""How often nodes of a graph run: iterate nodes repeat what follows them, collectors gather it."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any


def iteration_depths(graph: Mapping[str, Any]) -> dict[str, int]:
    """Return for each node how many iterate nodes repeat it.

    A collector takes the innermost one away from what comes in by its `item`; loops side by side multiply.
    """
    feeding: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in graph["nodes"]}
    for edge in graph["edges"]:
        feeding[edge["destination"]["node_id"]].append((edge["source"]["node_id"], edge["destination"]["field"]))
    loops: dict[str, tuple[str, ...]] = {}
    sources = {node_id: [source for source, _ in found] for node_id, found in feeding.items()}
    for node_id in TopologicalSorter(sources).static_order():
        kind = graph["nodes"][node_id]["type"]
        if kind == "collect":
            gathered = [loops[s][:-1] if field == "item" else loops[s] for s, field in feeding[node_id]]
            loops[node_id] = max(gathered, key=len, default=())
        else:
            around = tuple(dict.fromkeys(loop for source, _ in feeding[node_id] for loop in loops[source]))
            loops[node_id] = (*around, node_id) if kind == "iterate" else around
    return {node_id: len(around) for node_id, around in loops.items()}


def downstream(graph: Mapping[str, Any], node_id: str) -> set[str]:
    """Return the nodes that a node leads to."""
    found: set[str] = set()
    todo = [node_id]
    while todo:
        node = todo.pop()
        for edge in graph["edges"]:
            target = edge["destination"]["node_id"]
            if edge["source"]["node_id"] == node and target not in found:
                found.add(target)
                todo.append(target)
    return found
