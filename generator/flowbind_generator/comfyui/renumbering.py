"""The ids that the editor gives to nodes of subgraphs whose ids are taken: they are unique in the whole workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowbind.comfyui.schema.shapes import identity, items, mapping, whole


class Numbering:
    """Gives ids. `last` is the highest number that the workflow knows of."""

    def __init__(self, workflow: Mapping[str, Any]) -> None:
        state = mapping(workflow.get("state"))
        self.last = whole(workflow.get("last_node_id")) or whole(state.get("lastNodeId")) or 0
        self._taken: set[str] = set()

    def reserve(self, nodes: Iterable[Any]) -> None:
        """Keep the ids of the workflow's own nodes from being given."""
        for node in nodes:
            if isinstance(node, Mapping) and (number := whole(node.get("id"))) is not None:
                self._taken.add(str(number))

    def new_ids(self, nodes: Sequence[Any]) -> dict[str, str]:
        """Return, for the nodes of one subgraph, the new ids of those whose ids are taken."""
        found: dict[str, str] = {}
        for node in nodes:
            known = identity(node.get("id")) if isinstance(node, Mapping) else None
            if known is None:
                continue
            if known in self._taken:
                found.setdefault(known, self.next())
            else:
                self._taken.add(known)
                number = whole(known)
                if number is not None and str(number) == known:
                    self.last = max(self.last, number)
        return found

    def next(self) -> str:
        """Return an id that nothing has."""
        while True:
            self.last += 1
            if str(self.last) not in self._taken:
                self._taken.add(str(self.last))
                return str(self.last)


def definitions(workflow: Mapping[str, Any], most: int) -> list[tuple[Mapping[str, Any], tuple[str | int, ...]]]:
    """Return the subgraphs of a workflow with what leads to each; some releases put them into each other."""
    found: list[tuple[Mapping[str, Any], tuple[str | int, ...]]] = []
    open_: list[tuple[Mapping[str, Any], tuple[str | int, ...]]] = [(workflow, ())]
    seen: set[str] = set()
    while open_ and len(found) < most:
        around, keys = open_.pop(0)
        inner: list[tuple[Mapping[str, Any], tuple[str | int, ...]]] = []
        for place, told in enumerate(items(mapping(around.get("definitions")).get("subgraphs"))):
            known = identity(mapping(told).get("id"))
            if known is not None and known not in seen:
                seen.add(known)
                inner.append((told, (*keys, "definitions", "subgraphs", place)))
        found += inner
        open_ += inner
    return found
