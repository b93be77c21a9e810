"""Jobs of runs that somebody else submitted, another program or an earlier session: found by item or batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowbind.errors import InputError, NotFound
from flowbind.instances import check_class
from flowbind.invokeai.queue.items import items_by_ids, known_batch
from flowbind.invokeai.queue.pages import Row, rows_of_batch
from flowbind.invokeai.runs.body import body_of, load_body
from flowbind.invokeai.runs.grouping import Plan
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.sending import Queued, Sending
from flowbind.invokeai.runs.submitting import MANY, Submitted, read_item
from flowbind.invokeai.runs.waiting import check_shown
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.listening.channel import RECONNECTED, Channel, Channels, Heard
from flowbind.outside import one_line
from flowbind.run_status import FINAL, status_of_all
from flowbind.transport.steps import Operation, Subscribe
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem


def attached_run(workflow: type[Workflow[Any]], item_id: int, channels: Channels) -> Operation[Submitted]:
    """Return what a job of one item needs.

    Raises `NotFound`, `RunRedacted` for an item of another account, and `InputError` where it is no run of the class.
    """
    check_class(workflow, InvokeAIWorkflow.__server__)
    item = yield from _first_of(workflow, item_id)
    channel = yield from _heard_from_now(item.batch_id, channels, ended=item.status in FINAL)
    return Submitted(workflow, (item_id,), item.batch_id, _drawn(workflow, item), channel, item.status)


def attached_batch(
    workflow: type[Workflow[Any]], batch_id: str, channels: Channels, supports: Supports
) -> Operation[Submitted]:
    """Return what a job of the runs of a batch needs; raises what `attached_run` does."""
    check_class(workflow, InvokeAIWorkflow.__server__)
    runs = yield from _runs(batch_id, supports)
    statuses = [str(row.get("status")) for row in runs]
    status = status_of_all(
        len(runs),
        {final: statuses.count(final) for final in FINAL},
        started=not {*statuses} <= {"pending", *FINAL},
    )
    item_ids = tuple(row["item_id"] for row in runs)
    item = yield from _first_of(workflow, item_ids[0])
    channel = yield from _heard_from_now(batch_id, channels, ended=status in FINAL, runs=len(runs))
    return Submitted(workflow, item_ids, batch_id, _drawn(workflow, item), channel, status)


def attached_batches(
    workflow: type[Workflow[Any]], batch_ids: Sequence[str], channels: Channels, supports: Supports
) -> Operation[Sending]:
    """Return what a job of many runs needs: those of the first batch, then those of the next, in their order.

    Raises what `attached_run` does.
    """
    sending = Sending(Plan(workflow, 0, ()), channels, supports)
    for batch_id in dict.fromkeys(batch_ids):
        made = yield from attached_batch(workflow, batch_id, channels, supports)
        sending.take_over(Queued(batch_id, made.channel, made.drawn), made.item_ids)
    return sending


def _first_of(workflow: type[Workflow[Any]], item_id: int) -> Operation[QueueItem]:
    """Return an item; raises what `attached_run` does."""
    yield from load_body(workflow)
    item = yield from read_item(item_id)
    check_shown(item, item_id, workflow.__name__)
    if _node_types(item) != body_of(workflow).node_types:
        name = (item.workflow or {}).get("name")
        made = f'the workflow "{one_line(name, 80)}"' if name and isinstance(name, str) else "another workflow"
        raise InputError(
            [
                f"Item {item_id} was made from {made}, whose nodes are not those of {workflow.__name__} "
                f"({workflow.__flowbind__.source}). Give the class of its workflow, as it was then."
            ]
        )
    return item


def _node_types(item: QueueItem) -> Mapping[str, Any]:
    nodes = _nodes(item)
    return {node_id: node.get("type") for node_id, node in nodes.items() if isinstance(node, dict)}


def _nodes(item: QueueItem) -> Mapping[str, Any]:
    graph = item.session.get("graph")
    nodes = graph.get("nodes") if isinstance(graph, dict) else None
    return nodes if isinstance(nodes, dict) else {}


def _drawn(workflow: type[Workflow[Any]], item: QueueItem) -> dict[str, Any]:
    """Return the number of each input that takes `RANDOM`: whether it was drawn or set, the server does not know."""
    nodes = _nodes(item)
    numbers = {
        slot.attribute: nodes.get(slot.node, {}).get(slot.field)
        for slot in workflow.__flowbind__.slots
        if slot.random and slot.attribute
    }
    return {attribute: number for attribute, number in numbers.items() if number is not None}


def _heard_from_now(batch_id: str, channels: Channels, *, ended: bool, runs: int = 1) -> Operation[Channel]:
    """Return the channel of a batch; who reads it knows that something may have happened before."""
    if not ended:
        yield Subscribe()
    channel = channels.of(batch_id, keeps_nodes=runs <= MANY)
    channel.hear(Heard(RECONNECTED))
    return channel


def _runs(batch_id: str, supports: Supports) -> Operation[list[Row]]:
    """Return the runs of a batch in their order; in the place of one that was retried, its latest retry."""
    total = (yield from known_batch(batch_id)).total
    rows = yield from rows_of_batch(batch_id, total, supports)
    if not rows:
        raise NotFound(f'The queue has lost the items of batch "{batch_id}": somebody deletes them.')
    retryable = [row["item_id"] for row in rows if row.get("status") in ("failed", "canceled")]
    later = [row for row in rows if retryable and row["item_id"] > retryable[0]]
    firsts: dict[int, int | None] = {row["item_id"]: row.get("retried_from_item_id") for row in later}
    if unknown := [row["item_id"] for row in later if "retried_from_item_id" not in row]:
        # Summaries do not tell.
        firsts |= {i.item_id: i.retried_from_item_id for i in (yield from items_by_ids(unknown, supports))}
    runs = {row["item_id"]: row for row in rows}
    for item_id, first in firsts.items():
        if first in runs:
            runs[first] = runs.pop(item_id)
    return list(runs.values())
