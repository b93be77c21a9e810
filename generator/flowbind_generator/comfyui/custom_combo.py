"""The node whose choices its author writes into it: the catalog has none, the editor makes all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.comfyui.custom_combo import CHOICE, INDEX, NAME, OPTION
from flowbind.comfyui.schema.node_classes import NodeClass, NodeInput


def own_input(node_class: NodeClass, name: str) -> NodeInput | None:
    """Return an input that the editor gives the node, None for another."""
    if node_class.name != NAME:
        return None
    if name == INDEX:
        return NodeInput(name, "INT", False, {"min": 0})
    return NodeInput(name, "STRING", False) if name.startswith(OPTION) else None


def own_choices(node_class: NodeClass, spec: NodeInput, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the choices among what is posted for the node; none for any other."""
    if node_class.name != NAME or spec.name != CHOICE:
        return ()
    told = [value for name, value in given.items() if name.startswith(OPTION) and isinstance(value, str)]
    return tuple(dict.fromkeys(filter(None, told)))
