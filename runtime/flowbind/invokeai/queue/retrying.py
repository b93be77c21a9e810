"""Queueing ended items once more, and finding the new ones: the server tells only which it took."""

from __future__ import annotations

from collections.abc import Sequence

from flowbind.errors import NotFound
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.queue.items import items_by_ids
from flowbind.invokeai.queue.pages import Pages, newest_item
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Operation
from flowbind.transport.wire import read, send

_RETRY = f"{QUEUE}/retry_items_by_id"


def retry(item_ids: Sequence[int], supports: Supports) -> Operation[dict[int, int]]:
    """Queue failed and canceled items once more; return the id of the new item of each that the server took.

    Raises `NotFound` where the queue has lost a new one again. Source: `PUT /api/v1/queue/default/retry_items_by_id`.
    """
    from flowbind.invokeai._rest import RetryItemsResult

    before = yield from newest_item(supports)
    asking = send("PUT", _RETRY, list(dict.fromkeys(item_ids)))
    reply = yield from Ability("retry items", "5.7", "PUT", _RETRY).tried(asking, supports)
    taken = read(RetryItemsResult, reply).retried_item_ids
    if not taken:
        return {}
    made = yield from _retried_since(before, supports)
    found = _matched([(item_id, item_id) for item_id in taken], made)
    left = [item_id for item_id in taken if item_id not in found]
    if left and made:
        # What was a retry itself, the server retries from the item that was the first.
        firsts = {item.item_id: item.retried_from_item_id for item in (yield from items_by_ids(left, supports))}
        found |= _matched([(item_id, firsts.get(item_id)) for item_id in left], made)
    if len(found) < len(taken):
        lost = ", ".join(str(item_id) for item_id in taken if item_id not in found)
        raise NotFound(
            f"The server has retried the items {lost}, but its queue does not have the new ones: somebody deleted "
            "them, or the server cannot read them. server.queue.list() shows what there is."
        )
    return {item_id: found[item_id] for item_id in taken}


def _retried_since(before: int, supports: Supports) -> Operation[list[tuple[int, int]]]:
    """Return the items that were made by retries after another item, in their order, each with what it is from."""
    made: list[tuple[int, int]] = []
    pages = Pages(supports, whole=True)
    while page := (yield from pages.in_order()):
        new = [row for row in page if row["item_id"] > before]
        made += [(row["item_id"], first) for row in new if (first := row.get("retried_from_item_id")) is not None]
        if len(new) < len(page):
            break
    return sorted(made)


def _matched(wanted: Sequence[tuple[int, int | None]], made: list[tuple[int, int]]) -> dict[int, int]:
    """Return for each item the first that was made from the one named beside it, and take that away.

    The server makes them in the order in which it names them. Where somebody else retries the same item at the same
    time, it may be theirs: both do the same.
    """
    found: dict[int, int] = {}
    for item_id, first in wanted:
        new = next((pair for pair in made if pair[1] == first), None)
        if new:
            made.remove(new)
            found[item_id] = new[0]
    return found
