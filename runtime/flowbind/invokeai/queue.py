"""The server's queue: submit once, read, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flowbind.errors import (
    ConnectionBroken,
    Refused,
    ServerError,
    SubmitUncertain,
    UnexpectedReply,
)
from flowbind.invokeai._body import BATCH_ID, body_of
from flowbind.invokeai._wire import Call, Operation, Reply, Subscribe, Work, details, failure, get, parsed, read, send
from flowbind.invokeai.batch import check_lengths
from flowbind.invokeai.channel import Channel, Channels
from flowbind.invokeai.drift_check import DriftCheck
from flowbind.invokeai.lookup import Lookup
from flowbind.payload import encode
from flowbind.workflow import Workflow, is_given, named

if TYPE_CHECKING:
    from flowbind.invokeai._rest import SessionQueueItem

QUEUE = "/api/v1/queue/default"
FINAL = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was queued: the item ids in the order of the runs, and where their events are heard."""

    workflow: type[Workflow[Any]]
    item_ids: tuple[int, ...]
    batch_id: str
    channel: Channel


def submit(workflow: Workflow[Any], lookup: Lookup, drift: DriftCheck, channels: Channels) -> Operation[Submitted]:
    """Queue the runs of an instance; what happens to them is heard from the first moment.

    The request is sent once. When it is unknown whether the server has it, `SubmitUncertain` says so.
    """
    checked(workflow)
    yield from drift.of(type(workflow))
    # Its files are read beside the event loop; from here on they are at hand.
    yield Work(partial(body_of, type(workflow)))
    values = yield from lookup.values(workflow)
    batch_id = str(uuid.uuid4())
    yield Subscribe()
    channel = channels.of(batch_id)
    content = body_of(type(workflow)).pieces.join({**values, BATCH_ID: encode(batch_id)})
    try:
        reply: Reply = yield Call("POST", f"{QUEUE}/enqueue_batch", content=content)
    except ConnectionBroken as error:
        raise _uncertain(str(error), batch_id) from None
    if reply.status >= 500:
        raise _uncertain(str(failure(reply)), batch_id)
    if reply.status == 422:
        raise _refused(workflow, reply)
    answer = parsed(reply)
    item_ids = answer.get("item_ids") if isinstance(answer, dict) else None
    if not isinstance(item_ids, list) or not all(isinstance(i, int) for i in item_ids):
        raise UnexpectedReply(
            "The answer to enqueue_batch does not say which items it made, as InvokeAI's does since 6.0. The run may "
            f"be queued, as batch {batch_id}.",
            status=reply.status,
        )
    taken, wanted = len(item_ids), answer.get("requested", 1)
    if taken < wanted:
        left = (yield from _withdrawn(batch_id)) if taken else ""
        raise Refused(
            f"{type(workflow).__name__} was not queued: the server took {taken} of {wanted} items{left}. "
            "Its queue may be full (setting max_queue_size).",
            status=reply.status,
        )
    # The server lists the newest first, whatever the order of the runs.
    return Submitted(type(workflow), tuple(sorted(item_ids)), batch_id, channel)


def _withdrawn(batch_id: str) -> Operation[str]:
    """Cancel what the server took of a batch; return what became of it."""
    try:
        yield from cancel_batch(batch_id)
    except ServerError as error:
        return f", which could not be canceled ({error}): cancel batch {batch_id} yourself"
    return ", which were canceled"


def checked(workflow: Workflow[Any]) -> None:
    """Check all values again: a list may have changed since, and `model_copy(update=...)` checks nothing.

    The lists of batches are sent even if they are the defaults, so those are checked as well, and their lengths.
    """
    batches = {batch.attribute for batch in workflow.__flowbind__.batches}
    type(workflow)(**{n: value for n, value in vars(workflow).items() if n in batches or is_given(workflow, n)})
    check_lengths(workflow)


def read_item(item_id: int) -> Operation[SessionQueueItem]:
    """Return a queue item with its session."""
    from flowbind.invokeai._rest import SessionQueueItem

    return read(SessionQueueItem, (yield from get(f"{QUEUE}/i/{item_id}")))


def cancel(item_id: int) -> Operation[str]:
    """Cancel a queue item and return its status; one that has ended stays as it is."""
    from flowbind.invokeai._rest import SessionQueueItem

    return read(SessionQueueItem, (yield from send("PUT", f"{QUEUE}/i/{item_id}/cancel"))).status


def read_batch(batch_id: str) -> Operation[str]:
    """Return the status of a batch, in the words of a single run."""
    from flowbind.invokeai._rest import BatchStatus

    found = read(BatchStatus, (yield from get(f"{QUEUE}/b/{batch_id}/status")))
    counts = {status: getattr(found, status) for status in FINAL}
    started = bool(found.in_progress or found.waiting)
    return status_of_all(found.total, counts, started=started)


def status_of_all(total: int, ended: Mapping[str, int], *, started: bool) -> str:
    """Return the status of several runs together, in the words of a single one.

    `ended` counts those that have ended by their status; `started` tells whether another has left the queue.
    """
    if sum(ended.values()) < total:
        return "in_progress" if started or any(ended.values()) else "pending"
    return next((status for status in ("failed", "canceled") if ended.get(status)), "completed")


def cancel_batch(batch_id: str) -> Operation[None]:
    """Cancel all items of a batch that have not ended."""
    yield from send("PUT", f"{QUEUE}/cancel_by_batch_ids", {"batch_ids": [batch_id]})


def _uncertain(why: str, batch_id: str) -> SubmitUncertain:
    return SubmitUncertain(
        f"It is unknown whether the run was queued ({why}). It was not sent again. Look for batch {batch_id} on the "
        f"server (GET {QUEUE}/b/{batch_id}/status) before you submit once more.",
        batch_id=batch_id,
    )


def _missing_node(found: Mapping[str, Any]) -> str | None:
    """Return what is said of a node type that the server does not have: its own words list all that it has."""
    about = found.get("ctx")
    if found.get("type") != "union_tag_invalid" or not isinstance(about, dict) or "tag" not in about:
        return None
    return f'the server has no node type "{about["tag"]}"'


def _refused(workflow: Workflow[Any], reply: Reply) -> Refused:
    """Return the error for a graph that the server refuses, naming the inputs it objects to."""
    detail = details(reply)
    attribute, lines = None, []
    for found in detail if isinstance(detail, list) else []:
        if not isinstance(found, dict):
            continue
        where = found.get("loc") or []
        # loc is body, batch, graph, nodes, <node id>, <node type>, <field>
        node, field = (where[4], where[6]) if len(where) > 6 and where[2:4] == ["graph", "nodes"] else (None, None)
        slot = next(
            (s for s in workflow.__flowbind__.slots if (s.node, s.field) == (node, field) and s.attribute), None
        )
        place = ".".join(str(step) for step in where[3:])
        if slot and slot.attribute:
            attribute = attribute or slot.attribute
            place = named(type(workflow), slot.attribute)
        said = _missing_node(found) or str(found.get("msg"))[:400]
        lines.append(f"{place}: {said}" if place else said)
    text = "; ".join(lines) or str(failure(reply))
    return Refused(
        f"The server refuses {type(workflow).__name__}: {text}. If the server's release is not the one the class was "
        "generated for, pin its document with `flowbind spec pull URL` and generate again.",
        status=422,
        attribute=attribute,
    )
