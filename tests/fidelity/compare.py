"""What equal means: graph id, node order and edge order aside, numbers by value, booleans strictly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

Place = tuple[str, str]
"""A node id and a field name."""

# What the page makes of an object that it does not understand (contract, C1; design, decision 6): here it is unset.
JUNK = {"type": "float_generator_arithmetic_sequence", "start": 0, "step": 0.1, "count": 10}

_UNSET = "unset"


def canonical(value: Any) -> Any:
    """Return a JSON value that compares numbers by value and booleans strictly."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number", float(value)
    if isinstance(value, dict):
        return {k: canonical(v) for k, v in value.items()}
    return [canonical(v) for v in value] if isinstance(value, list) else value


def node_differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[Place, str]:
    """Return the inputs that differ, each with a sentence; junk counts as unset."""
    found: dict[Place, str] = {}
    for node_id in [*theirs, *(n for n in mine if n not in theirs)]:
        left, right = mine.get(node_id, {}), theirs.get(node_id, {})
        right = {name: value for name, value in right.items() if value != JUNK}
        for name in [*right, *(n for n in left if n not in right)]:
            ours, wanted = left.get(name, _UNSET), right.get(name, _UNSET)
            if (name in left, canonical(ours)) != (name in right, canonical(wanted)):
                found[node_id, name] = f"{node_id}.{name} is {_short(ours)}, the page's is {_short(wanted)}"
    return found


def junk(graph: Mapping[str, Any]) -> list[Place]:
    """Return the inputs in which a graph of the page has junk."""
    return [(key, name) for key, node in graph["nodes"].items() for name, value in node.items() if value == JUNK]


def edge_differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each edge that one graph has more often than the other."""
    ours, wanted = _edges(mine), _edges(theirs)
    return [f"the edge {e} is missing" for e in wanted - ours] + [f"the edge {e} is too much" for e in ours - wanted]


def data_difference(mine: Any, theirs: Any) -> str | None:
    """Return a sentence when the data of two batches differ: groups, and data in a group, have an order."""
    ours, wanted = mine or [], theirs or []
    if canonical(ours) == canonical(wanted):
        return None
    return f"batch.data is {_short(ours, 300)}, the page's is {_short(wanted, 300)}"


def _edges(graph: Mapping[str, Any]) -> Counter[str]:
    ends = (((e["source"]["node_id"], e["source"]["field"]), e["destination"]) for e in graph["edges"])
    return Counter(f"{node}.{field} -> {to['node_id']}.{to['field']}" for (node, field), to in ends)


def _short(value: Any, most: int = 120) -> str:
    text = value if value is _UNSET else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 3] + "..."
