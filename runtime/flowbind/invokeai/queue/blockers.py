"""What blocks the server's queue, as far as the server tells: an item that it cannot read, and tries to for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowbind.errors import NotFound, ServerError, ServerFault
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.submitting import read_item, read_status
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, list_in, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItemSummary

_MOST_READ = 100
"""How many pending items are read, the oldest first, to find the one that cannot be."""
_PAGE = 1000
"""How many items the server summarises at a time."""


@dataclass(frozen=True)
class Blocker:
    """An item that blocks the queue; None where the server does not tell, or where it is another account's batch.

    `ended` is the number of items that had ended when it was found: while it blocks, no other does.
    """

    item_id: int | None
    batch_id: str | None
    ended: int | None = None


def blocker_ahead(item_id: int | None) -> Operation[Blocker | None]:
    """Return what blocks a queue in which a run, or any, is pending; None where nothing does at this moment.

    A server between two items looks the same, when an item further back cannot be read: look twice.
    Source: `GET /api/v1/queue/default/status`, `GET next`, `GET item_ids`, `POST item_summaries_by_ids`.
    """
    state = yield from read_status()
    queue = state.queue
    if queue.in_progress or not state.processor.is_started:
        return None
    ended = queue.completed + queue.failed + queue.canceled
    for pending in (yield from _pending(queue.pending))[:_MOST_READ]:
        if pending.item_id != item_id and (yield from _is_unreadable(pending.item_id)):
            return Blocker(pending.item_id, _batch_of(pending), ended)
    try:
        yield from get(f"{QUEUE}/next")
    except ServerFault:
        return Blocker(None, None, ended)
    return None


def unreadable_run(item_id: int) -> Operation[tuple[str, Blocker]]:
    """Return the status of a run that cannot be read, and the run as what blocks the queue.

    Raises a `ServerError` on a release that has no summaries (before 6.14).
    Source: `POST /api/v1/queue/default/item_summaries_by_ids`.
    """
    for summary in (yield from _summaries([item_id])):
        return summary.status, Blocker(item_id, _batch_of(summary))
    raise NotFound(f"The queue has no item {item_id}.")


def _batch_of(summary: QueueItemSummary) -> str | None:
    return None if summary.batch_id == "redacted" else summary.batch_id


def _is_unreadable(item_id: int) -> Operation[bool]:
    try:
        yield from read_item(item_id)
    except NotFound:
        return False
    except ServerFault:
        return True
    return False


def _pending(count: int) -> Operation[Sequence[QueueItemSummary]]:
    """Return the pending items as releases from 6.14 on tell them, or those before 6.0; the others do not."""
    from flowbind.invokeai._rest import ItemIdsResult, QueueItemSummary

    try:
        newest_first = read(ItemIdsResult, (yield from get(f"{QUEUE}/item_ids", {"order_dir": "DESC"}))).item_ids
        found: list[QueueItemSummary] = []
        for start in range(0, len(newest_first), _PAGE):
            page = yield from _summaries(newest_first[start : start + _PAGE])
            found += [summary for summary in page if summary.status == "pending"]
            if len(found) >= count:
                break
        return sorted(found, key=lambda summary: summary.item_id)
    except ServerError:
        pass
    try:
        listed = yield from get(f"{QUEUE}/list", {"status": "pending", "limit": str(_MOST_READ)})
        return [read(QueueItemSummary, row) for row in list_in(listed.get("items"))] if isinstance(listed, dict) else []
    except ServerError:
        return []


def _summaries(item_ids: Sequence[int]) -> Operation[list[QueueItemSummary]]:
    from flowbind.invokeai._rest import QueueItemSummary

    rows = yield from send("POST", f"{QUEUE}/item_summaries_by_ids", {"item_ids": list(item_ids)})
    return [read(QueueItemSummary, row) for row in list_in(rows)]
