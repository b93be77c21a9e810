"""The inputs that a node has as it is filled in: those of a chosen option, of rows, and of what grows, as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Any

from flowbind.comfyui.schema.class_inputs import shown
from flowbind.comfyui.schema.controls import group_rows
from flowbind.comfyui.schema.node_classes import AUTOGROW, DYNAMIC_GROUP, NodeClass, NodeInput, inputs_in
from flowbind.comfyui.schema.shapes import mapping, text

_MOST = 5000
_WITHOUT_VALUES = frozenset({AUTOGROW, DYNAMIC_GROUP})
"""The types of inputs that only stand for those inside of them: neither is posted itself."""


def live_inputs(node_class: NodeClass, given: Mapping[str, Any]) -> dict[str, NodeInput]:
    """Return the inputs of a node by name, in the editor's order; `given` is what it is posted with, by name.

    Of those that grow there are the members that are posted, or that a run needs.
    """
    found = (inner for item in node_class.inputs for inner in _live(item, given))
    return {item.name: item for item in found if item.type not in _WITHOUT_VALUES}


def input_named(node_class: NodeClass, name: str, given: Mapping[str, Any]) -> NodeInput | None:
    """Return an input of a node, None where it has none of that name; `given` is what the node is posted with.

    The name of one that is inside of another has dots: "model.resolution" is there only where `given` chooses a model
    that has it.
    """
    own = node_class.by_name.get(name)
    if own or "." not in name:
        return None if own and own.type in _WITHOUT_VALUES else own
    with_it = given if name in given else {**given, name: None}
    outer = (item for item in node_class.inputs if name.startswith(item.name + "."))
    return next((found for item in outer for found in _live(item, with_it) if found.name == name), None)


def _live(item: NodeInput, given: Mapping[str, Any]) -> Iterator[NodeInput]:
    """Yield an input and what is inside; rows and what grows have nothing inside that changes in its turn."""
    yield item
    if item.type == DYNAMIC_GROUP:
        yield from _rows(item, given)
    elif item.type == AUTOGROW:
        yield from _grown(item, given)
    elif isinstance(key := given.get(item.name), str):
        for inner in item.brings.get(key, ()):
            yield from _live(inner, given)


def _rows(item: NodeInput, given: Mapping[str, Any]) -> Iterator[NodeInput]:
    """Yield the inputs of all rows; how many there are, only the names of what is posted say."""
    start = f"{item.name}."
    numbers = (name.removeprefix(start).partition(".")[0] for name in given if name.startswith(start))
    last = max((int(n) for n in numbers if n.isdecimal() and len(n) < len("1000")), default=-1)
    called = text(item.options.get("group_name")) or item.name
    for row in range(group_rows(item, last + 1)):
        for inner in inputs_in(mapping(item.options.get("template"))):
            yield replace(inner, name=f"{start}{row}.{inner.name}").called(f"{called} #{row + 1} {inner.label}")


def _grown(item: NodeInput, given: Mapping[str, Any]) -> Iterator[NodeInput]:
    growth = shown(item).growth
    if growth is None:
        return
    for place, member in islice(product(range(growth.most), growth.members), _MOST):
        name = growth.member_name(place, member.name)
        is_needed = member.required and place < growth.fewest
        if is_needed or name in given:
            yield replace(member, name=name, required=is_needed).called(name.removeprefix(f"{item.name}."))
