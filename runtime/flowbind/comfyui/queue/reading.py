"""Reading a server's queue and its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowbind.comfyui.queue.records import HistoryItem, QueueItem, history_item, queue_item
from flowbind.errors import NotFound, UnexpectedReply
from flowbind.outside import one_line
from flowbind.transport.steps import Operation, Param
from flowbind.transport.wire import get, list_in, quoted

QUEUE, HISTORY = "/queue", "/history"


@dataclass(frozen=True)
class QueueStatus:
    """How many prompts wait, and how many run, whoever's."""

    pending: int
    in_progress: int


def queued() -> Operation[list[QueueItem]]:
    """Return what runs and what waits, in the order of their turns."""
    document = _object(QUEUE, (yield from get(QUEUE)))
    running = [queue_item(entry, "in_progress") for entry in list_in(document.get("queue_running"))]
    # The server has them in a heap.
    pending = [queue_item(entry, "pending") for entry in list_in(document.get("queue_pending"))]
    return running + sorted(pending, key=lambda item: item.number)


def status() -> Operation[QueueStatus]:
    """Count what waits and what runs."""
    items = yield from queued()
    in_progress = sum(item.status == "in_progress" for item in items)
    return QueueStatus(len(items) - in_progress, in_progress)


def remaining() -> Operation[int]:
    """Return how many prompts have not ended, without reading them."""
    told = _object("/prompt", (yield from get("/prompt"))).get("exec_info")
    number = told.get("queue_remaining") if isinstance(told, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise UnexpectedReply("GET /prompt does not say how many prompts remain. Check the address.")
    return number


def ended(max_items: int, offset: int | None) -> Operation[list[HistoryItem]]:
    """Return what has ended, the newest first."""
    if max_items < 1 or (offset is not None and offset < 0):
        raise ValueError("history.list takes at least one item (`max_items`) from an `offset` of 0 on.")
    params: dict[str, Param] = {"max_items": max_items}
    if offset is not None:
        params["offset"] = offset
    document = _object(HISTORY, (yield from get(HISTORY, params)))
    return [history_item(entry) for entry in document.values()][::-1]


def ended_item(item_id: str) -> Operation[HistoryItem | None]:
    """Return a prompt of the history, None where it has none of that id."""
    path = f"{HISTORY}/{quoted(item_id)}"
    entry = _object(path, (yield from get(path))).get(item_id)
    return None if entry is None else history_item(entry)


def found(item_id: str) -> Operation[QueueItem | None]:
    """Return a prompt, wherever it is; None where it is nowhere."""
    # In this order: what ends in between is in the history, and looked for there last.
    for item in (yield from queued()):
        if item.item_id == item_id:
            return item
    return (yield from ended_item(item_id))


def unknown(item_id: str, where: str) -> NotFound:
    """Return the error for a prompt that is nowhere."""
    return NotFound(
        f"The server has no prompt {one_line(item_id, 80)!r} in its {where}: it was deleted, the server was started "
        "anew, or the id is wrong.",
        status=404,
    )


def _object(path: str, document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise UnexpectedReply(f"GET {path} was answered with JSON of another shape. Check the address.")
    return document
