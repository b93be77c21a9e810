"""The keys of a dynamic combo that a posted node could have as well: each key brings inputs of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowbind.comfyui.schema.node_classes import AUTOGROW, COMBO, NodeInput
from flowbind_generator.comfyui.knobs import Knob
from flowbind_generator.comfyui.prompt import is_link
from flowbind_generator.numbers import is_number


def compatible_keys(knob: Knob) -> tuple[str, ...]:
    """Return the saved key, and those whose inputs a run finds among what is posted, in the server's order.

    A saved key that the server no longer has says nothing of the inputs: then it is all keys.
    """
    options = knob.spec.brings
    saved = knob.widget.value
    if not isinstance(saved, str) or saved not in options:
        return tuple(options)
    own = {i.name: i for i in options[saved]}
    return tuple(key for key, needed in options.items() if key == saved or _has(knob.given, needed, own))


def _has(given: Mapping[str, Any], needed: Iterable[NodeInput], own: Mapping[str, NodeInput]) -> bool:
    """Tell whether posted inputs do for another key: they are there, of the same type, and not fewer are allowed."""
    for wanted in needed:
        had = own.get(wanted.name)
        if wanted.name in given:
            if had is None or had.type != wanted.type or not _takes(wanted, given[wanted.name]):
                return False
        elif wanted.required and wanted.type != AUTOGROW:
            return False
    return True


def _takes(wanted: NodeInput, value: Any) -> bool:
    if is_link(value):
        return True
    if wanted.type == COMBO:
        return value in (wanted.choices or ())
    low, high = wanted.options.get("min"), wanted.options.get("max")
    if not is_number(value):
        return True
    return not (is_number(low) and value < low) and not (is_number(high) and value > high)
