"""Where the stored workflow holds the values of widgets: a run writes there what it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.comfyui.schema.shapes import items, mapping
from flowbind_generator.comfyui.prompt import Keys, Prompt, Widget

_POSITIONS, _NAMES = "widgets_values", "widgets_values_named"


def saved_places(widget: Widget, prompt: Prompt) -> tuple[Keys, ...]:
    """Return what leads to a widget's value in the stored workflow, which may have it by position and by name."""
    if prompt.stored is None or widget.keys is None:
        return ()
    keys = widget.keys[len(prompt.root) :]
    *way, kind, _ = keys
    if kind != _POSITIONS:
        return (keys,)
    node: Any = prompt.stored
    for key in way:
        node = node[key]
    name = widget.inner_name or widget.name
    return (keys, (*way, _NAMES, name)) if name in mapping(node.get(_NAMES)) else (keys,)


def classes_by_position(stored: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the classes of which a stored workflow has values by position, be it inside of a subgraph."""
    graphs = [mapping(stored), *map(mapping, items(mapping(mapping(stored).get("definitions")).get("subgraphs")))]
    nodes = (mapping(node) for graph in graphs for node in items(graph.get("nodes")))
    kinds = (node.get("type") for node in nodes if items(node.get(_POSITIONS)))
    return frozenset(kind for kind in kinds if isinstance(kind, str))
