"""The order of what iterate nodes repeat: the server keeps it as a set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[int, ...]
# For one prepared node: the iterate nodes that repeat it, and where each of them stands.
Steps = dict[str, int]


def node_results(session: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what each node of the workflow gave, in iteration order.

    The server runs a node once per iteration, as a prepared node; which prepared nodes belong to a node is a set.
    """
    results: Mapping[str, dict[str, Any]] = session.get("results") or {}
    mapping: Mapping[str, list[str]] = session.get("source_prepared_mapping") or {}
    paths = _paths(session)
    return {
        node: [results[p] for p in sorted(prepared, key=lambda p: paths.get(p, ())) if isinstance(results.get(p), dict)]
        for node, prepared in mapping.items()
    }


def repeated_nodes(session: Mapping[str, Any]) -> set[str]:
    """Return the nodes of the workflow that an iterate node repeats, however often."""
    owners: Mapping[str, str] = session.get("prepared_source_mapping") or {}
    return {owners[prepared] for prepared, path in _paths(session).items() if path and prepared in owners}


def _paths(session: Mapping[str, Any]) -> dict[str, Path]:
    """Return for each prepared node the indices of the iterations it belongs to, outer first."""
    if known := session.get("prepared_iteration_paths"):  # since 6.14
        return {prepared: tuple(path) for prepared, path in known.items()}
    graph = session.get("execution_graph") or {}
    nodes: Mapping[str, Any] = graph.get("nodes") or {}
    sources: dict[str, list[str]] = {}
    for edge in graph.get("edges") or ():
        if edge["source"]["node_id"] in nodes:
            sources.setdefault(edge["destination"]["node_id"], []).append(edge["source"]["node_id"])
    owners = session.get("prepared_source_mapping") or {}
    # Loops side by side have no order of their own: that of the graph serves.
    order = {node: place for place, node in enumerate((session.get("graph") or {}).get("nodes") or ())}
    steps: dict[str, Steps] = {}
    ranks: dict[str, tuple[int, int]] = {}
    for prepared in _sources_first(nodes, sources):
        parents = [steps[s] for s in sources.get(prepared, ()) if s in steps]
        kind = nodes[prepared].get("type")
        own = _common(parents) if kind == "collect" else {axis: i for parent in parents for axis, i in parent.items()}
        if kind == "iterate":
            axis = owners.get(prepared, prepared)
            ranks[axis] = (len(own), order.get(axis, 0))
            own[axis] = int(nodes[prepared].get("index") or 0)
        steps[prepared] = own
    return {p: tuple(own[axis] for axis in sorted(own, key=lambda a: ranks[a])) for p, own in steps.items()}


def _common(parents: list[Steps]) -> Steps:
    """Return the steps that all parents share: what a collector gathers over is what they differ in."""
    if not parents:
        return {}
    first, *others = parents
    return {axis: i for axis, i in first.items() if all(other.get(axis) == i for other in others)}


def _sources_first(nodes: Mapping[str, Any], sources: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield every node after those that feed it; a circle, which no server makes, does not hold it up."""
    begun: set[str] = set()
    done: set[str] = set()
    todo = list(nodes)
    while todo:
        node = todo[-1]
        begun.add(node)
        waiting = [s for s in sources.get(node, ()) if s not in begun]
        if waiting:
            todo.extend(waiting)
            continue
        todo.pop()
        if node not in done:
            done.add(node)
            yield node
