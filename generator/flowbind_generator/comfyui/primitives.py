"""Primitives: nodes of the editor that hand one value on to the controls that they are connected with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowbind.comfyui.schema.controls import ControlPlan
from flowbind.comfyui.schema.shapes import as_read, items, mapping
from flowbind_generator.comfyui.graph import Graph
from flowbind_generator.comfyui.live_nodes import Control, LiveNode
from flowbind_generator.comfyui.numbers import limited, merged, rounded
from flowbind_generator.comfyui.proxy_widgets import PRIMITIVE

_VALUE, _GOVERNING = "value", "control_after_generate"


def primitives(graph: Graph) -> Iterator[LiveNode]:
    """Yield the primitives of a graph."""
    return (node for node in graph.nodes.values() if node.type == PRIMITIVE)


def make_control(graph: Graph, node: LiveNode) -> None:
    """Give a primitive a control like the one that it is connected with first, and its saved value."""
    _, first = next(_targets(graph, node), (None, None))
    if first is None or first.plan.input is None:
        return
    item = first.plan.input
    control = Control(replace(first.plan, name=_VALUE, saved=True, posted=False))
    control.value = first.value
    node.controls = [control]
    values = items(node.saved.get("widgets_values"))
    output = mapping(next(iter(items(node.saved.get("outputs"))), None))
    # One that was saved for controls of another type starts from theirs.
    if values and output.get("type") == item.type:
        control.value, control.keys = as_read(values[0]), (*node.keys, "widgets_values", 0)
    if first.plan.kind in ("number", "combo"):
        governing = Control(ControlPlan(_GOVERNING, "combo", "fixed", posted=False, governs=_VALUE))
        if len(values) > 1:
            governing.value = values[1]
        node.controls.append(governing)
    if item.type not in ("INT", "FLOAT"):
        return
    # The value has to suit all that it is handed to, one after the other.
    for _, other in _targets(graph, node):
        both = None if other.plan.input is None else merged(item, other.plan.input)
        if both is not None:
            item = both
            control.value = rounded(item, limited(item, control.value))


def hand_on(graph: Graph, node: LiveNode) -> None:
    """Set the controls that a primitive is connected with."""
    if not node.controls:
        return
    value = node.controls[0].value
    for owner, control in _targets(graph, node):
        owner.set(control, rounded(control.plan.input, value) if control.plan.input else value, control.keys)
        control.feeder = node


def _targets(graph: Graph, node: LiveNode) -> Iterator[tuple[LiveNode, Control]]:
    for link in graph.leaving(node.id, 0):
        target = graph.nodes.get(link.target)
        slot = next((slot for slot in target.slots if slot.link == link.id), None) if target else None
        control = target.control(slot.control) if target and slot and slot.control else None
        if target is not None and control is not None:
            yield target, control
