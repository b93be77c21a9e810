"""The items of a server's queue, page by page, by the way that its release has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, read, send

Row = Mapping[str, Any]

_SUMMARIES = 1000
"""As many as the server takes in one request."""
_SESSIONS = 25
"""Before 6.14 each item comes with its whole session."""
_PAGE = 100
_QUEUE_ID = "default"
_OF_QUEUE = "/api/v1/queue/{queue_id}"
_LARGE = ("session", "workflow")


class Pages:
    """What the server tells of each item but its session; items of other accounts are redacted.

    The newest items come first from 6.7 on; before, it is the server's own order: by descending priority, the oldest
    first. `whole` items tell what they were retried from, which summaries do not.
    """

    def __init__(self, supports: Supports, *, whole: bool = False, oldest_first: bool = False) -> None:
        self._supports = supports
        self._whole = whole
        self._oldest_first = oldest_first
        self._name = ""
        self._ids: Sequence[int] = ()
        self._after: dict[str, str] = {}
        self._told: set[int] = set()
        self._is_over = False

    def next(self) -> Operation[list[Row]]:
        """Return the next page; an empty one is the last.

        Raises `UnexpectedReply` for a server whose document has no way. Source: `GET item_ids` and
        `POST item_summaries_by_ids` since 6.14, `POST items_by_ids` since 6.7, `GET list` before.
        """
        if not self._name:
            yield from self._begin()
        while not self._is_over:
            # What was deleted since is left out: of a page, perhaps all.
            page = yield from (self._listed() if self._name == "list" else self._by_ids())
            if page:
                return page
        return []

    def rest(self) -> Operation[list[Row]]:
        """Return all that is left, in the order wanted: that of the item ids."""
        rows: list[Row] = []
        while page := (yield from self.next()):
            rows += page
        return sorted(rows, key=lambda row: int(row["item_id"]), reverse=not self._oldest_first)

    def in_order(self) -> Operation[list[Row]]:
        """Return the next page in the order of the item ids; before 6.7 that is all there is."""
        if not self._name:
            yield from self._begin()
        return (yield from (self.rest() if self._name == "list" else self.next()))

    def _begin(self) -> Operation[None]:
        names = ["item_summaries_by_ids", "items_by_ids"][self._whole :]
        for name in names:
            if (yield from self._supports("POST", f"{_OF_QUEUE}/{name}")):
                self._ids = sorted((yield from all_item_ids()), reverse=not self._oldest_first)
                self._name = name
                return
        if not (yield from self._supports("GET", f"{_OF_QUEUE}/list")):
            raise UnexpectedReply("The server's document has no path that lists the items of its queue.")
        self._name = "list"

    def _by_ids(self) -> Operation[list[Row]]:
        size = _SUMMARIES if self._name == "item_summaries_by_ids" else _SESSIONS
        asked, self._ids = self._ids[:size], self._ids[size:]
        self._is_over = not self._ids
        return _rows((yield from send("POST", f"{QUEUE}/{self._name}", {"item_ids": asked}))) if asked else []

    def _listed(self) -> Operation[list[Row]]:
        page = yield from get(f"{QUEUE}/list", {"limit": str(_PAGE), **self._after})
        rows = _rows(page.get("items") if isinstance(page, dict) else None)
        # A place in the order is a pair: an id alone says nothing of another priority.
        last = {"cursor": str(rows[-1]["item_id"]), "priority": str(rows[-1].get("priority", 0))} if rows else {}
        told = {row["item_id"] for row in rows}
        # One with nothing new is the last: the server may give the same again and again.
        self._is_over = not page.get("has_more") or told <= self._told
        self._told |= told
        self._after = last
        # After the first page the server forgets which queue was asked for.
        return [row for row in rows if row.get("queue_id", _QUEUE_ID) == _QUEUE_ID]


def all_item_ids() -> Operation[list[int]]:
    """Return the ids of all items of the queue, whoever's. Source: `GET item_ids`, since 6.7."""
    from flowbind.invokeai._rest import ItemIdsResult

    return read(ItemIdsResult, (yield from get(f"{QUEUE}/item_ids"))).item_ids


def newest_item(supports: Supports) -> Operation[int]:
    """Return the id of the item that was queued last, 0 where the queue is empty."""
    if (yield from supports("GET", f"{_OF_QUEUE}/item_ids")):
        return max((yield from all_item_ids()), default=0)
    return max((row["item_id"] for row in (yield from Pages(supports).rest())), default=0)


def rows_of_batch(batch_id: str, expected: int, supports: Supports) -> Operation[list[Row]]:
    """Return the runs of a batch in their order, at most until `expected` are found: a new batch is found at once.

    Items of other accounts and those that a run has called are left out.
    """
    found: dict[int, Row] = {}
    pages = Pages(supports)
    while len(found) < expected and (page := (yield from pages.next())):
        # What a run calls (`call_saved_workflow`) is queued under its batch, too.
        own = [row for row in page if row.get("batch_id") == batch_id and row.get("parent_item_id") is None]
        found |= {row["item_id"]: row for row in own}
    return [found[item_id] for item_id in sorted(found)]


def _rows(listed: Any) -> list[Row]:
    if not isinstance(listed, list) or not all(isinstance(i, dict) and type(i.get("item_id")) is int for i in listed):
        raise UnexpectedReply("The server's list of queue items is none.")
    # Of thousands of items nobody wants to hold the sessions.
    return [{key: value for key, value in item.items() if key not in _LARGE} for item in listed]
