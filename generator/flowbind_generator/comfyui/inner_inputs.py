"""Inputs of a node by their names, those that a chosen option or a growing group brings with it, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowbind_generator.comfyui.node_classes import AUTOGROW, DYNAMIC_COMBO, NodeClass, NodeInput, inputs_in


def input_named(node_class: NodeClass, name: str, given: Mapping[str, Any]) -> NodeInput | None:
    """Return an input of a class, None where it has none of that name; `given` are the node's inputs as posted.

    The name of one that is inside of another has dots: "model.resolution" is there only where `given` chooses a model
    that has it.
    """
    inputs: tuple[NodeInput, ...] = node_class.inputs
    while True:
        outer = None
        for found in inputs:
            if found.name == name:
                return found
            if name.startswith(found.name + "."):
                outer = found
        if outer is None:
            return None
        # Their names are longer than that of what they are inside of, so this ends.
        inputs = tuple(_inside(outer, name, given))


def options_of(combo: NodeInput) -> Iterator[tuple[str, tuple[NodeInput, ...]]]:
    """Yield the keys of a dynamic combo, and the inputs that each brings with it."""
    told = combo.options.get("options")
    for option in told if isinstance(told, list) else ():
        if isinstance(option, Mapping) and isinstance(key := option.get("key"), str):
            yield key, inputs_in(option.get("inputs"), prefix=f"{combo.name}.")


def _inside(outer: NodeInput, name: str, given: Mapping[str, Any]) -> Iterator[NodeInput]:
    if outer.type == DYNAMIC_COMBO:
        chosen = given.get(outer.name)
        yield from next((inputs for key, inputs in options_of(outer) if key == chosen), ())
    elif outer.type == AUTOGROW:
        template = outer.options.get("template")
        # All members of a group are of one kind, which the template says once.
        for one in inputs_in(template.get("input"))[:1] if isinstance(template, Mapping) else ():
            yield replace(one, name=name, required=False)
