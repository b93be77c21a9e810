"""The named values that a workflow returns to what calls it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind_generator.invokeai.held import Held, HeldValues


def returned_values(graph: Mapping[str, Any], node_id: str, held: HeldValues) -> dict[str, tuple[str, Held]] | None:
    """Return the nodes that name what a `workflow_return` node returns, and the values, by name.

    None where only a run can tell the names.
    """
    nodes: Mapping[str, Any] = graph["nodes"]
    found: dict[str, tuple[str, Held]] = {}
    for value_id in _makers(nodes, node_id, held):
        key = nodes.get(value_id, {}).get("key")
        named = nodes.get(value_id, {}).get("type") == "workflow_return_value" and not held.sources(value_id, "key")
        if not named or not isinstance(key, str) or not key.strip():
            return None
        found[key.strip()] = (value_id, held.of_input(value_id, "value"))
    return found or None


def _makers(nodes: Mapping[str, Any], node_id: str, held: HeldValues) -> Iterator[str]:
    """Yield the nodes that name the values, through collectors; each once."""
    seen: set[str] = set()
    todo = [source for source, _ in held.sources(node_id, "values")]
    while todo:
        source = todo.pop(0)
        if source in seen:
            continue
        seen.add(source)
        if nodes[source]["type"] == "collect":
            todo += [s for field in ("item", "collection") for s, _ in held.sources(source, field)]
        else:
            yield source
