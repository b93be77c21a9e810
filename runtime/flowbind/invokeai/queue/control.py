"""Changing a server's queue: what is canceled, deleted and held, and waiting until there is nothing left to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flowbind.errors import WaitTimeout
from flowbind.invokeai.ability import Ability
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.submitting import read_status
from flowbind.listening.pauses import Pace
from flowbind.transport.patience import patiently
from flowbind.transport.steps import Operation, Sleep
from flowbind.transport.wire import quoted, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import ProcessorStatus, QueueStatus

_NAME = "server.queue"


def cancel_destination(destination: str) -> Operation[int]:
    """Cancel what has not ended of a destination; return how many items that were."""
    from flowbind.invokeai._rest import CancelByDestinationResult

    params = {"destination": destination}
    return read(
        CancelByDestinationResult, (yield from send("PUT", f"{QUEUE}/cancel_by_destination", params=params))
    ).canceled


def cancel_all_except_current(supports: Supports) -> Operation[int]:
    """Cancel what waits for its turn; return how many items that were."""
    from flowbind.invokeai._rest import CancelAllExceptCurrentResult

    path = f"{QUEUE}/cancel_all_except_current"
    canceling = Ability("cancel all items but the current one", "5.6", "PUT", path)
    reply = yield from canceling.tried(send("PUT", path), supports)
    return read(CancelAllExceptCurrentResult, reply).canceled


def delete(item_id: int, supports: Supports) -> Operation[None]:
    """Delete an item; one that has not ended is canceled first."""
    yield from _deleting("DELETE", f"{QUEUE}/i/{item_id}", supports)


def delete_destination(destination: str, supports: Supports) -> Operation[int]:
    """Delete all items of a destination; return how many those were."""
    from flowbind.invokeai._rest import DeleteByDestinationResult

    reply = yield from _deleting("DELETE", f"{QUEUE}/d/{quoted(destination)}", supports)
    return read(DeleteByDestinationResult, reply).deleted


def delete_all_except_current(supports: Supports) -> Operation[int]:
    """Delete what waits for its turn; return how many items that were."""
    from flowbind.invokeai._rest import DeleteAllExceptCurrentResult

    reply = yield from _deleting("PUT", f"{QUEUE}/delete_all_except_current", supports)
    return read(DeleteAllExceptCurrentResult, reply).deleted


def _deleting(method: str, path: str, supports: Supports) -> Operation[Any]:
    return (yield from Ability("delete items of its queue", "6.0", method, path).tried(send(method, path), supports))


def clear() -> Operation[int]:
    """Delete all items, those that run among them; return how many those were."""
    from flowbind.invokeai._rest import ClearResult

    return read(ClearResult, (yield from send("PUT", f"{QUEUE}/clear"))).deleted


def prune() -> Operation[int]:
    """Delete the items that have ended; return how many those were."""
    from flowbind.invokeai._rest import PruneResult

    return read(PruneResult, (yield from send("PUT", f"{QUEUE}/prune"))).deleted


def processor(word: str) -> Operation[ProcessorStatus]:
    """Have the processor "pause" or "resume"."""
    from flowbind.invokeai._rest import ProcessorStatus

    return read(ProcessorStatus, (yield from send("PUT", f"{QUEUE}/processor/{word}")))


def idle(timeout: float | None, progress: Callable[[QueueStatus], None] | None) -> Operation[QueueStatus]:
    """Wait until all items of the queue, whoever's, have ended; return its status.

    Raises `WaitTimeout`, and `QueueBlocked` where an item that the server cannot read holds the queue up.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    pace = Pace()
    lookout = Lookout(_NAME)
    seen: QueueStatus | None = None
    while True:
        state = yield from patiently(read_status)
        if progress and state != seen:
            progress(state)
        seen = state
        counts = state.queue
        # A state that a later release brings is no end, either.
        left = counts.total - counts.completed - counts.failed - counts.canceled
        if not left:
            return state
        pause = pace.take()
        if deadline is not None:
            until = deadline - time.monotonic()
            if until <= 0:
                raise _busy(state, left, timeout or 0)
            pause = min(pause, until)
        yield from lookout.look(None, "in_progress" if counts.in_progress else "pending")
        yield Sleep(pause)


def _busy(state: QueueStatus, left: int, timeout: float) -> WaitTimeout:
    cure = (
        "wait again" if state.processor.is_started else "its processor is paused: server.queue.resume() lets it go on"
    )
    return WaitTimeout(
        f"{_NAME}: after {timeout:g} s {left} items have not ended; {cure}.",
        workflow=_NAME,
        item_id=state.queue.item_id or 0,
    )
