"""Finding what a server has queued, where its answer does not tell: it was lost, or its release does not say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flowbind.errors import ConnectionBroken, ServerFault, ServerUnreachable, UnexpectedReply
from flowbind.invokeai._body import QUEUE
from flowbind.invokeai._wire import Operation, Sleep, get, read, send

T = TypeVar("T")
Supports = Callable[[str, str], Operation[bool]]
"""Tells whether a server's document has a method of a path; the path is written as in the document."""

_PAUSE = 0.25
_AWAY = 60.0
"""Seconds for which a server may be away or fail while it is asked: it may be starting again."""

_SUMMARIES = 1000
"""As many as the server takes in one request."""
_SESSIONS = 25
"""Before 6.14 each item comes with its whole session."""
_PAGE = 100
_OF_QUEUE = "/api/v1/queue/{queue_id}"


def runs_of_batch(batch_id: str, expected: int, supports: Supports) -> Operation[tuple[int, ...]]:
    """Return the item ids of a batch in the order of its runs, at most until `expected` are found.

    Items of other accounts and those that a run has called are left out. Source: `GET item_ids` and
    `POST item_summaries_by_ids` since 6.14, `POST items_by_ids` since 6.7, `GET list` before. Raises
    `UnexpectedReply` for a server whose document has none of them.
    """
    if (yield from supports("POST", f"{_OF_QUEUE}/item_summaries_by_ids")):
        found = yield from _by_ids(batch_id, expected, "item_summaries_by_ids", _SUMMARIES)
    elif (yield from supports("POST", f"{_OF_QUEUE}/items_by_ids")):
        found = yield from _by_ids(batch_id, expected, "items_by_ids", _SESSIONS)
    elif (yield from supports("GET", f"{_OF_QUEUE}/list")):
        found = yield from _listed(batch_id, expected)
    else:
        raise UnexpectedReply("The server's document has no path that lists the items of its queue.")
    return tuple(sorted(found))


def size_of_batch(batch_id: str, seconds: float) -> Operation[int]:
    """Return how many items a queue has of a batch, as soon as it has any; 0 when it has none all these `seconds`.

    One that is away or fails is asked again for a while, then the last error is raised.
    """
    from flowbind.invokeai._rest import BatchStatus

    until = time.monotonic() + seconds
    while True:
        document = yield from patiently(lambda: get(f"{QUEUE}/b/{batch_id}/status"))
        total = read(BatchStatus, document).total
        if total or time.monotonic() >= until:
            return total
        yield Sleep(_PAUSE)


def patiently(reading: Callable[[], Operation[T]]) -> Operation[T]:
    """Carry out what changes nothing, again and again while the server is away or fails."""
    until = time.monotonic() + _AWAY
    while True:
        try:
            return (yield from reading())
        except (ConnectionBroken, ServerFault, ServerUnreachable):
            if time.monotonic() >= until:
                raise
        yield Sleep(_PAUSE)


def _by_ids(batch_id: str, expected: int, name: str, chunk: int) -> Operation[set[int]]:
    """Return the items of a batch; it is new, so the newest are looked at first."""
    from flowbind.invokeai._rest import ItemIdsResult

    ids = sorted(read(ItemIdsResult, (yield from get(f"{QUEUE}/item_ids"))).item_ids, reverse=True)
    found: set[int] = set()
    for start in range(0, len(ids), chunk):
        if len(found) >= expected:
            break
        listed = yield from send("POST", f"{QUEUE}/{name}", {"item_ids": ids[start : start + chunk]})
        found |= _members(batch_id, _items(listed))
    return found


def _listed(batch_id: str, expected: int) -> Operation[set[int]]:
    """Return the items of a batch from the pages of the queue: by descending priority, the oldest first."""
    found: set[int] = set()
    after: dict[str, str] = {}
    while len(found) < expected:
        page = yield from get(f"{QUEUE}/list", {"limit": str(_PAGE), **after})
        items = _items(page.get("items") if isinstance(page, dict) else None)
        found |= _members(batch_id, items)
        if not items or not page.get("has_more"):
            break
        # A place in the order is a pair: an id alone says nothing of another priority.
        last = {"cursor": str(items[-1]["item_id"]), "priority": str(items[-1].get("priority", 0))}
        if last == after:
            break
        after = last
    return found


def _items(listed: Any) -> list[Mapping[str, Any]]:
    if not isinstance(listed, list) or not all(
        isinstance(i, dict) and isinstance(i.get("item_id"), int) for i in listed
    ):
        raise UnexpectedReply("The server's list of queue items is none.")
    return listed


def _members(batch_id: str, items: Iterable[Mapping[str, Any]]) -> set[int]:
    # What a run calls (`call_saved_workflow`) is queued under its batch, too.
    return {i["item_id"] for i in items if i.get("batch_id") == batch_id and i.get("parent_item_id") is None}
