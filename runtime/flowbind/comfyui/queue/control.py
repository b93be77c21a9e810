"""Changing a server's queue and its history: what is canceled, interrupted, deleted and cleared."""

from __future__ import annotations

from flowbind.comfyui.queue.reading import HISTORY, QUEUE, found, queued, unknown
from flowbind.transport.steps import Call, Operation, Reply
from flowbind.transport.wire import document_of, quoted, send

_NO_SUCH_PATH = (404, 405)


def cancel(item_id: str) -> Operation[str]:
    """Cancel one prompt and no other; return its status afterwards.

    That is in_progress where it runs on to its next step. Raises `NotFound` for one that the server does not have.
    """
    before = yield from found(item_id)
    if before is None:
        raise unknown(item_id, "queue or history")
    if before.status in ("pending", "in_progress"):
        reply: Reply = yield Call("POST", f"/api/jobs/{quoted(item_id)}/cancel")
        if reply.status in _NO_SUCH_PATH:
            yield from _canceled_by_hand(item_id)
        else:
            yield from document_of(reply)
    after = yield from found(item_id)
    return "canceled" if after is None else after.status


def interrupt(item_id: str) -> Operation[bool]:
    """Interrupt a prompt if it runs; tell whether it did."""
    # Some releases read no `prompt_id` there, and interrupt whatever runs: only what is seen to run is interrupted.
    running = any(item.item_id == item_id and item.status == "in_progress" for item in (yield from queued()))
    if running:
        yield from send("POST", "/interrupt", {"prompt_id": item_id})
    return running


def clear() -> Operation[None]:
    """Delete what waits, whoever's."""
    yield from send("POST", QUEUE, {"clear": True})


def forget(item_id: str) -> Operation[None]:
    """Delete a prompt from the history."""
    yield from send("POST", HISTORY, {"delete": [item_id]})


def forget_all() -> Operation[None]:
    """Delete the whole history."""
    yield from send("POST", HISTORY, {"clear": True})


def _canceled_by_hand(item_id: str) -> Operation[None]:
    """Cancel a prompt of a release that has no path for it."""
    yield from send("POST", QUEUE, {"delete": [item_id]})
    # It may have got its turn meanwhile.
    yield from interrupt(item_id)
