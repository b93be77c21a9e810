"""What a server's queue has: items, batches, and how many of them are in which state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound, ServerFault
from flowbind.invokeai.queue.pages import Pages
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.submitting import read_counts, read_item
from flowbind.transport.steps import Emit, Operation, Stream
from flowbind.transport.wire import get, list_in, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import BatchStatus, DestinationCounts, QueueItem, QueueItemSummary

_BY_IDS = "/api/v1/queue/{queue_id}/items_by_ids"
_SESSIONS = 50
"""The server takes a thousand ids; each item comes with its whole session, and thousands would fill its memory."""
_STATUSES = ("pending", "in_progress", "waiting", "completed", "failed", "canceled")


def item_at(place: str) -> Operation[QueueItem | None]:
    """Return the item that is "current", or "next"; None where there is none."""
    from flowbind.invokeai._rest import QueueItem

    found = yield from get(f"{QUEUE}/{place}")
    return None if found is None else read(QueueItem, found)


def listed(supports: Supports, wanted: Mapping[str, str | None], *, oldest_first: bool) -> Stream[QueueItemSummary]:
    """Emit the items that have all the values that are wanted, by name of the field; None is any."""
    from flowbind.invokeai._rest import QueueItemSummary

    pages = Pages(supports, oldest_first=oldest_first)
    while page := (yield from pages.in_order()):
        for row in page:
            if all(value in (None, row.get(name)) for name, value in wanted.items()):
                yield Emit(read(QueueItemSummary, row))


def items_by_ids(item_ids: Sequence[int], supports: Supports) -> Operation[list[QueueItem]]:
    """Return items with their sessions in the order of their ids as given; those that cannot be read are left out."""
    from flowbind.invokeai._rest import QueueItem

    found: list[QueueItem] = []
    if not (yield from supports("POST", _BY_IDS)):
        for item_id in item_ids:
            # Before 6.0 the server fails at what it does not have.
            with suppress(NotFound, ServerFault):
                found.append((yield from read_item(item_id)))
        return found
    for start in range(0, len(item_ids), _SESSIONS):
        rows = yield from send("POST", f"{QUEUE}/items_by_ids", {"item_ids": item_ids[start : start + _SESSIONS]})
        found += [read(QueueItem, row) for row in list_in(rows)]
    return found


def known_batch(batch_id: str) -> Operation[BatchStatus]:
    """Return how many items of a batch have which status; raises `NotFound` where the queue has none of it."""
    counts = yield from read_counts(batch_id)
    if not counts.total:
        raise NotFound(
            f'The queue has no item of batch "{batch_id}": the id is wrong, its items were deleted or pruned, or they '
            "are another account's. server.queue.batches() lists those that it has."
        )
    return counts


def batches(supports: Supports) -> Operation[list[BatchStatus]]:
    """Return the batches that the queue has, the one with the newest item first; not those of other accounts."""
    from flowbind.invokeai._rest import BatchStatus

    first: dict[str, Mapping[str, Any]] = {}
    counts: dict[str, Counter[str]] = {}
    pages = Pages(supports)
    while page := (yield from pages.in_order()):
        for row in page:
            batch_id = str(row.get("batch_id"))
            if batch_id != "redacted":
                first.setdefault(batch_id, row)
                counts.setdefault(batch_id, Counter(dict.fromkeys(_STATUSES, 0)))[str(row.get("status"))] += 1
    return [
        read(
            BatchStatus,
            {
                **count,
                "queue_id": "default",
                "batch_id": batch_id,
                "origin": first[batch_id].get("origin"),
                "destination": first[batch_id].get("destination"),
                "total": count.total(),
            },
        )
        for batch_id, count in counts.items()
    ]


def destination_counts(destination: str) -> Operation[DestinationCounts]:
    """Return how many items of a destination have which status."""
    from flowbind.invokeai._rest import DestinationCounts

    return read(DestinationCounts, (yield from get(f"{QUEUE}/counts_by_destination", {"destination": destination})))
