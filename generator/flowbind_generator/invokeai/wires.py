"""Edges by their ends, so that a large workflow costs as much per edge as a small one."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Self

from flowbind_generator.invokeai.document import Edge


class EdgeIndex:
    """A growing list of edges, found by what they feed and by what they leave."""

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self.edges: list[Edge] = []
        self._ends: set[tuple[str, str, str, str]] = set()
        self._left_out: frozenset[Edge] = frozenset()
        self._into: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
        self._leaving: defaultdict[str, list[Edge]] = defaultdict(list)
        self._entering: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self.add(edge)

    def add(self, edge: Edge) -> None:
        """Append an edge."""
        self.edges.append(edge)
        self._ends.add(_ends(edge))
        self._into[edge.target, edge.target_field].append(edge)
        self._leaving[edge.source].append(edge)
        self._entering[edge.target].append(edge)

    def into(self, node_id: str, field: str) -> Sequence[Edge]:
        """Return the edges into one input, in their order."""
        return self._kept(self._into.get((node_id, field), ()))

    def first_into(self, node_id: str, field: str) -> Edge | None:
        """Return the first edge into one input."""
        return next(iter(self.into(node_id, field)), None)

    def leaving(self, node_id: str) -> Sequence[Edge]:
        """Return the edges that leave a node, in their order."""
        return self._kept(self._leaving.get(node_id, ()))

    def has(self, edge: Edge) -> bool:
        """Tell whether there is an edge with the same ends."""
        ends = _ends(edge)
        return ends in self._ends and any(_ends(e) == ends for e in self.into(edge.target, edge.target_field))

    def without(self, edges: Iterable[Edge]) -> Self:
        """Return the same edges but some, for a look; nothing is copied."""
        view = copy.copy(self)
        view._left_out = self._left_out | frozenset(edges)
        return view

    def _kept(self, edges: Sequence[Edge]) -> Sequence[Edge]:
        return [e for e in edges if e not in self._left_out] if self._left_out else edges

    def reaches(self, start: str, goal: str) -> bool:
        """Tell whether the edges lead from one node to another."""
        if start == goal:
            return True
        # From both ends in turn: where one has little around it, the search is short.
        ahead, behind = [start], [goal]
        reached, reaching = {start}, {goal}
        while ahead and behind:
            following = {e.target for e in self.leaving(ahead.pop())} - reached
            preceding = {e.source for e in self._kept(self._entering.get(behind.pop(), ()))} - reaching
            ahead.extend(following)
            behind.extend(preceding)
            reached |= following
            reaching |= preceding
            if following & reaching or preceding & reached:
                return True
        return False


def _ends(edge: Edge) -> tuple[str, str, str, str]:
    return (edge.source, edge.source_field, edge.target, edge.target_field)


def has_cycle(edges: Iterable[Edge]) -> bool:
    """Tell whether following the edges can lead back to where one was."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for edge in edges:
        sorter.add(edge.target, edge.source)
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False
