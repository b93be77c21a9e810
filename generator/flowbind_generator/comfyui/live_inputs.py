"""The inputs that a node has as it is filled in: those of a chosen option, and of a group that grows, as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowbind_generator.comfyui.node_classes import AUTOGROW, DYNAMIC_COMBO, NodeClass, NodeInput, inputs_in

_MOST_GROWN = 100
"""The server lets no group grow beyond."""


def live_inputs(found: NodeClass, values: Mapping[str, Any]) -> Iterator[NodeInput]:
    """Yield the inputs of a node in the editor's order; `values` are what it is posted with, by name."""
    for item in found.inputs:
        yield from _live(item, values)


def _live(item: NodeInput, values: Mapping[str, Any]) -> Iterator[NodeInput]:
    if item.type == AUTOGROW:
        for grown in _grown(item):
            yield from _live(grown, values)
        return
    yield item
    if item.type == DYNAMIC_COMBO and item.name in values:
        for inner in _chosen(item, values[item.name]):
            yield from _live(inner, values)


def _chosen(item: NodeInput, key: Any) -> tuple[NodeInput, ...]:
    """Return the inputs of the option that is chosen."""
    options = item.options.get("options")
    for option in options if isinstance(options, list) else ():
        if isinstance(option, Mapping) and option.get("key") == key:
            return inputs_in(option.get("inputs"), prefix=f"{item.name}.")
    return ()


def _grown(item: NodeInput) -> Iterator[NodeInput]:
    """Yield all inputs that a group may grow to; the least number is needed if its template is."""
    told = item.options.get("template")
    template: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    like = next(iter(inputs_in(template.get("input"))), None)
    if like is None:
        return
    least = _number(template.get("min"))
    for place, name in enumerate(_names(template)):
        yield replace(like, name=f"{item.name}.{name}", required=like.required and place < least)


def _names(template: Mapping[str, Any]) -> list[str]:
    names, prefix = template.get("names"), template.get("prefix")
    if isinstance(names, list):
        return [name for name in names if isinstance(name, str)][:_MOST_GROWN]
    number = min(_number(template.get("max")), _MOST_GROWN)
    return [f"{prefix}{place}" for place in range(number)] if isinstance(prefix, str) else []


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
