"""Jobs of prompts that somebody else submitted, another program or an earlier session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.comfyui.body import body_of, load_body
from flowbind.comfyui.queue.reading import unknown
from flowbind.comfyui.runs.item import Item
from flowbind.comfyui.runs.submitting import Submitted
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.errors import InputError
from flowbind.instances import check_class
from flowbind.listening.channel import Channels
from flowbind.transport.steps import Operation
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known


def attached_run(workflow: type[Workflow[Any]], item_id: str, known: Known, channels: Channels) -> Operation[Submitted]:
    """Return a prompt as if it had been submitted here; `workflow` is the class that it was made from.

    Raises `flowbind.errors.InputError` for a prompt of another workflow, as far as the server tells, and `NotFound` for
    one that it does not have.
    """
    check_class(workflow, ComfyUIWorkflow.__server__)
    yield from load_body(workflow)
    item = yield from known.reader.item(item_id)
    if item is None:
        raise unknown(item_id, "queue or history")
    _check_workflow(workflow, item)
    # The server tells of it only whoever has posted it.
    channel = channels.of(item_id)
    channel.is_told = False
    drawn = _drawn(workflow, item)
    return Submitted(workflow, item_id, 0, drawn, drawn, frozenset(), channel, item.status)


def _check_workflow(workflow: type[Workflow[Any]], item: Item) -> None:
    classes = {node: about.get("class_type") for node, about in item.prompt.items() if isinstance(about, dict)}
    # Of one that waits, newer releases tell no nodes.
    if classes and classes != body_of(workflow).types:
        raise InputError(
            [f"{workflow.__name__}: item {item.item_id} has other nodes, so it was not made from this class."]
        )


def _drawn(workflow: type[Workflow[Any]], item: Item) -> dict[str, Any]:
    """Return the number of each input that takes `RANDOM`: whether it was drawn or set, the server does not know."""
    numbers = {}
    for slot in workflow.__flowbind__.slots:
        node = item.prompt.get(slot.node)
        inputs = node.get("inputs") if isinstance(node, dict) else None
        if slot.random and slot.attribute and isinstance(inputs, dict):
            numbers[slot.attribute] = inputs.get(slot.field)
    return {name: number for name, number in numbers.items() if isinstance(number, int | float)}
