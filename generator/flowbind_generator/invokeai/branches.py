"""Which nodes may not run: those that only serve one branch of an `if` node, which the server then skips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

_BRANCHES = ("true_input", "false_input")


def skippable(graph: Mapping[str, Any]) -> frozenset[str]:
    """Return the nodes of which a run may have no result, because all that they feed is a branch not taken."""
    sources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    parents: defaultdict[str, set[str]] = defaultdict(set)
    targets: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for edge in graph["edges"]:
        source, target = edge["source"]["node_id"], edge["destination"]
        sources[target["node_id"], target["field"]].add(source)
        parents[target["node_id"]].add(source)
        targets[source].add((target["node_id"], target["field"]))
    found: set[str] = set()
    for node_id, node in graph["nodes"].items():
        if node["type"] == "if":
            for field in _BRANCHES:
                found |= _exclusive((node_id, field), sources[node_id, field], parents, targets)
    return frozenset(found)


def _exclusive(
    branch: tuple[str, str],
    sources: set[str],
    parents: Mapping[str, set[str]],
    targets: Mapping[str, set[tuple[str, str]]],
) -> set[str]:
    """Return the nodes that lead to a branch and nowhere else, by the server's own rule."""
    within: set[str] = set()
    todo = list(sources)
    while todo:
        node = todo.pop()
        if node not in within:
            within.add(node)
            todo += parents[node]
    while leaving := {n for n in within if any(t[0] not in within and t != branch for t in targets[n])}:
        within -= leaving
    return within
