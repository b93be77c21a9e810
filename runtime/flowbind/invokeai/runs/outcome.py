"""From a finished queue item to a typed result, or to the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.media import Image, Video
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs.body import body_of
from flowbind.invokeai.runs.failures import canceled, failed
from flowbind.invokeai.runs.given_back import GivenBack, Media, python_field, python_value
from flowbind.invokeai.runs.iterations import node_results, repeated_nodes
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.binding import Binding, OutputSlot
    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.runs.lookup import Lookup

_OTHER_SHAPE = (LookupError, TypeError, AttributeError, ValueError)
"""What reading a session raises that is unlike any release's so far."""


def result_of(
    workflow: type[Workflow[OutputsT]],
    item: QueueItem,
    media: Media,
    drawn: Mapping[str, Any],
    lookup: Lookup | None = None,
) -> Result[OutputsT]:
    """Return the result of an ended item; raises `RunFailed` or `RunCanceled` where it has none.

    `drawn` are the numbers that the run got for `RANDOM`, `lookup` is who is to know what it has left. Raises
    `UnexpectedReply` for an item that cannot be read.
    """
    if item.status in ("canceled", "failed"):
        try:
            made = _result(workflow, item, media, drawn, is_partial=True)
            partial = made if any(made.nodes.values()) else None
        except _OTHER_SHAPE:
            # How the run ended is told all the same.
            partial = None
        raise (canceled if item.status == "canceled" else failed)(workflow, item, partial)
    try:
        result = _result(workflow, item, media, drawn, is_partial=False)
    except _OTHER_SHAPE:
        raise UnexpectedReply(
            f"{workflow.__name__}: item {item.item_id} has completed, and what the server tells of its nodes has "
            "another shape than that of any release known here: install another flowbind."
        ) from None
    if lookup:
        lookup.note(result.outputs)
    return result


def _result(
    workflow: type[Workflow[OutputsT]],
    item: QueueItem,
    media: Media,
    drawn: Mapping[str, Any],
    *,
    is_partial: bool,
) -> Result[OutputsT]:
    """Return what an item holds; of a partial one, outputs whose nodes have not finished are missing."""
    nodes = node_results(item.session)
    binding = workflow.__flowbind__
    values: dict[str, Any] = {}
    for slot in binding.outputs:
        if is_partial and not nodes.get(slot.node):
            continue
        read = _media if slot.kind in ("image", "video") else _data
        made = [value for result in nodes.get(slot.node, ()) for value in read(slot, result, media)]
        if slot.repeated or (slot.many and read is _media):
            values[slot.attribute] = made
        elif made or slot.optional:
            values[slot.attribute] = made[0] if made else None
    varied = {**drawn, **_varied(binding, item, media)}
    body = body_of(workflow)
    given = GivenBack(workflow.__name__, nodes, body.node_labels, body.node_types, repeated_nodes(item.session), media)
    return Result(binding.outputs_class(**values), item.item_id, varied, nodes, given.find, item.batch_id)


def _varied(binding: Binding, item: QueueItem, media: Media) -> dict[str, Any]:
    """Return what a run was given of its own, by a batch or among many instances: the server keeps it with the item."""
    given: dict[tuple[str, str], Any] = {(v.node_path, v.field_name): v.value for v in item.field_values or ()}
    varied: dict[str, Any] = {}
    taking = [(batch.attribute, target) for batch in binding.batches for target in batch.targets]
    # An input that a batch feeds is not what was set.
    taking += [(s.attribute, (s.node, s.field)) for s in binding.slots if s.attribute and s.kind != "fed"]
    for attribute, target in taking if given else ():
        if target in given:
            varied.setdefault(attribute, python_value(given[target], media))
    return varied


def _media(slot: OutputSlot, result: Mapping[str, Any], media: Media) -> list[Any]:
    """Return the pictures or videos that a node gave: one, or those of a collection."""
    made = python_field(result, slot.field, media)
    found = made if isinstance(made, list) else [made]
    return [item for item in found if isinstance(item, Image | Video)]


def _data(slot: OutputSlot, result: Mapping[str, Any], media: Media) -> list[Any]:
    """Return the one value that a node gave; what is nothing, the server leaves out."""
    held = result if slot.key is None else result.get(slot.field)
    name = slot.field if slot.key is None else slot.key
    return [python_value(held.get(name), media)] if isinstance(held, dict) else []
