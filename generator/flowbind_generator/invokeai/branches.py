"""Which nodes may not run: those that only serve one branch of an `if` node, which the server then skips."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.iterations import iteration_depths
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.pointers import json_pointer

_BRANCHES = ("true_input", "false_input")


def skippable(graph: Mapping[str, Any]) -> frozenset[str]:
    """Return the nodes of which a run may have no result, because all that they feed is a branch not taken."""
    return frozenset(node for served in _served(graph).values() for node in served)


def tell_endless(loaded: Loaded, report: Report) -> None:
    """Report nodes for which the server waits for ever: those of a branch that are not repeated as their `if` is.

    InvokeAI 6.14 holds such a node back until an `if` of the same iteration has chosen, and there is none.
    """
    depths = iteration_depths(loaded.graph)
    for if_id, served in _served(loaded.graph).items():
        for node_id in sorted(n for n in served if depths[n] != depths[if_id]):
            node, chooser = loaded.workflow.node(node_id), loaded.workflow.node(if_id)
            assert node is not None
            assert chooser is not None
            report.warning(
                "FB309",
                f'The node only serves a branch of "{chooser.label or chooser.type}", but not in the same loop: '
                "InvokeAI 6.14 never ends such a run.",
                "Have the node feed something else, too, or set the value in the If node itself.",
                pointer=json_pointer(node.path),
                node_label=node.label or node.type,
            )


def _served(graph: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return for each `if` node the nodes that serve one of its branches and nothing else."""
    sources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    parents: defaultdict[str, set[str]] = defaultdict(set)
    targets: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for edge in graph["edges"]:
        source, target = edge["source"]["node_id"], edge["destination"]
        sources[target["node_id"], target["field"]].add(source)
        parents[target["node_id"]].add(source)
        targets[source].add((target["node_id"], target["field"]))
    choosers = [node_id for node_id, node in graph["nodes"].items() if node["type"] == "if"]
    return {
        chooser: {
            node
            for field in _BRANCHES
            for node in _exclusive((chooser, field), sources[chooser, field], parents, targets)
        }
        for chooser in choosers
    }


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
    leaving = [n for n in within if any(t[0] not in within and t != branch for t in targets[n])]
    while leaving:
        node = leaving.pop()
        if node in within:
            within.remove(node)
            leaving += parents[node] & within
    return within
