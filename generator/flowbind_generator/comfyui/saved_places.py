"""Where the stored workflow holds the value of a widget: a run writes there what it was given."""

from __future__ import annotations

from typing import Any

from flowbind.comfyui.schema.shapes import mapping
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
    return (keys, (*way, _NAMES, widget.name)) if widget.name in mapping(node.get(_NAMES)) else (keys,)
