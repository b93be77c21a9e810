"""The server's queue: submit once, read, cancel."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowbind.drawing import settled
from flowbind.drift_check import DriftCheck
from flowbind.errors import Refused, ServerError
from flowbind.instances import check_instance
from flowbind.invokeai.runs.batch import check_lengths, run_count
from flowbind.invokeai.runs.body import BATCH_ID, DATA, QUEUE, body_of, load_body
from flowbind.invokeai.runs.enqueue import BatchRequest, enqueue
from flowbind.invokeai.runs.lookup import Lookup
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.refusals import refused
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.listening.channel import Channel, Channels
from flowbind.payload import encode
from flowbind.rechecking import check_again
from flowbind.run_status import FINAL, status_of_all
from flowbind.transport.steps import Operation, Reply, Subscribe
from flowbind.transport.wire import get, quoted, read, send
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.invokeai._rest import BatchStatus, QueueItem, QueueStatus

MANY = 500
"""The runs of a batch above which their nodes' events are not kept: of 10,000 runs they would fill the memory."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was queued: item ids in the order of the runs, what was drawn, and where their events are heard."""

    workflow: type[Workflow[Any]]
    item_ids: tuple[int, ...]
    batch_id: str
    drawn: Mapping[str, Any]
    channel: Channel
    status: str = "pending"
    lookup: Lookup | None = None
    """What the client knows of the server; None where somebody else has queued the runs, who knows when."""


def submit(
    workflow: Workflow[Any], lookup: Lookup, drift: DriftCheck, channels: Channels, supports: Supports
) -> Operation[Submitted]:
    """Queue the runs of an instance; what happens to them is heard from the first moment.

    The request is sent once; see `enqueue` for what becomes of a lost answer.
    """
    check_instance(workflow, InvokeAIWorkflow.__server__)
    workflow, drawn = settled(workflow)
    checked(workflow)
    yield from drift.of(type(workflow))
    yield from load_body(type(workflow))
    values, data = yield from lookup.values(workflow)
    batch_id = str(uuid.uuid4())
    yield Subscribe()
    runs = run_count(data)
    channel = channels.of(batch_id, keeps_nodes=runs <= MANY)
    values |= {BATCH_ID: encode(batch_id), **({DATA: encode(data)} if data else {})}
    content = body_of(type(workflow)).pieces.join(values)
    name = type(workflow).__name__
    request = BatchRequest(name, batch_id, content, runs)

    def error_for(reply: Reply) -> Refused:
        return refused(type(workflow), reply, content)

    made = yield from enqueue(request, supports, error_for)
    taken = len(made.item_ids)
    if taken < made.requested:
        left = (yield from _withdrawn(batch_id)) if taken else ""
        raise Refused(
            f"{name} was not queued: the server took {taken} of {made.requested} items{left}. "
            "Its queue may be full (setting max_queue_size)."
        )
    return Submitted(type(workflow), made.item_ids, batch_id, drawn, channel, lookup=lookup)


def _withdrawn(batch_id: str) -> Operation[str]:
    """Cancel what the server took of a batch; return what became of it."""
    try:
        yield from cancel_batch(batch_id)
    except ServerError as error:
        return f", which could not be canceled ({error}): cancel batch {batch_id} yourself"
    return ", which were canceled"


def checked(workflow: Workflow[Any]) -> None:
    """Check all values again, and those of the lists of batches, which are sent even if they are the defaults."""
    check_again(workflow, [batch.attribute for batch in workflow.__flowbind__.batches])
    check_lengths(workflow)


def read_item(item_id: int) -> Operation[QueueItem]:
    """Return a queue item with its session."""
    from flowbind.invokeai._rest import QueueItem

    return read(QueueItem, (yield from get(f"{QUEUE}/i/{item_id}")))


def cancel(item_id: int) -> Operation[str]:
    """Cancel a queue item and return its status; one that has ended stays as it is."""
    from flowbind.invokeai._rest import QueueItem

    # Before 6.0 the server makes a canceled run of any, whatever it has become.
    seen = (yield from read_item(item_id)).status
    if seen in FINAL:
        return seen
    return read(QueueItem, (yield from send("PUT", f"{QUEUE}/i/{item_id}/cancel"))).status


def read_counts(batch_id: str) -> Operation[BatchStatus]:
    """Return how many items of a batch have which status: none, where the queue does not know it."""
    from flowbind.invokeai._rest import BatchStatus

    return read(BatchStatus, (yield from get(f"{QUEUE}/b/{quoted(batch_id)}/status")))


def read_batch(*batch_ids: str) -> Operation[str]:
    """Return the status of a batch, or of several together, in the words of a single run."""
    counts: Counter[str] = Counter()
    for batch_id in batch_ids:
        found = yield from read_counts(batch_id)
        counts.update({status: getattr(found, status) for status in (*FINAL, "in_progress", "waiting", "total")})
    ended = {status: counts[status] for status in FINAL}
    return status_of_all(counts["total"], ended, started=bool(counts["in_progress"] or counts["waiting"]))


def read_status() -> Operation[QueueStatus]:
    """Return how many items of the queue, whoever's, have which status, and whether the processor goes on."""
    from flowbind.invokeai._rest import QueueStatus

    return read(QueueStatus, (yield from get(f"{QUEUE}/status")))


def read_pending() -> Operation[int]:
    """Return how many items of the queue, whoever's, wait for their turn: those that count for `max_queue_size`."""
    return (yield from read_status()).queue.pending


def cancel_batch(*batch_ids: str) -> Operation[int]:
    """Cancel all items of a batch, or of several, that have not ended; return how many those were."""
    from flowbind.invokeai._rest import CancelByBatchIDsResult

    reply = yield from send("PUT", f"{QUEUE}/cancel_by_batch_ids", {"batch_ids": batch_ids})
    return read(CancelByBatchIDsResult, reply).canceled
