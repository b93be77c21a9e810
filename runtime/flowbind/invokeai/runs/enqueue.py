"""Posting a batch: sent once, and looked for where the answer does not tell what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowbind.errors import (
    ConnectionBroken,
    RequestTimeout,
    ServerError,
    ServerFault,
    SubmitUncertain,
    UnexpectedReply,
)
from flowbind.invokeai.queue.pages import rows_of_batch
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.recovery import Supports, size_of_batch
from flowbind.transport.patience import patiently
from flowbind.transport.steps import Call, Operation, Reply
from flowbind.transport.wire import details, parsed

_BROKEN = 10.0
"""Seconds for which a batch is looked for after a broken connection: the server may still be at it."""
_SLOW = 60.0
"""The same after a time-out: it was slow before."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What a server took of a batch: item ids in the order of the runs, and how many items were asked for."""

    item_ids: tuple[int, ...]
    requested: int


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is posted: the request, whose runs these are, and how many."""

    name: str
    batch_id: str
    content: bytes
    runs: int


def enqueue(request: BatchRequest, supports: Supports, refused: Callable[[Reply], ServerError]) -> Operation[Enqueued]:
    """Post a batch and return what the server took of it; `refused` makes the error of a 422.

    The request is sent once. Where its answer is lost, a fault or not understood, the queue is asked for the batch.
    Raises `ServerFault` when the server failed and has nothing of it, so that it may be sent again, and
    `SubmitUncertain` when nobody can tell. Source: `POST /api/v1/queue/default/enqueue_batch`.
    """
    try:
        reply: Reply = yield Call("POST", f"{QUEUE}/enqueue_batch", content=request.content)
    except RequestTimeout as error:
        return (yield from _looked_for(request, error, _SLOW, supports))
    except ConnectionBroken as error:
        return (yield from _looked_for(request, error, _BROKEN, supports))
    except UnexpectedReply as error:
        # An answer that cannot be read, or not held.
        return (yield from _looked_for(request, error, 0, supports))
    if reply.status == 422:
        raise refused(reply)
    try:
        answer = parsed(reply)
    except UnexpectedReply as error:
        return (yield from _looked_for(request, error, 0, supports))
    except ServerFault as error:
        # Its own words end the matter on its side; a proxy's may come while it is still at it.
        seconds = 0 if _is_own(reply) else _SLOW if reply.status == 504 else _BROKEN
        return (yield from _looked_for(request, error, seconds, supports))
    taken = _taken(answer)
    if taken is None:
        strange = UnexpectedReply("The answer to enqueue_batch does not say what it made.", status=reply.status)
        return (yield from _looked_for(request, strange, 0, supports))
    # The server lists the newest first, whatever the order of the runs.
    item_ids = (yield from _ids(request, taken, supports)) if isinstance(taken, int) else tuple(sorted(taken))
    return Enqueued(item_ids, answer.get("requested", request.runs))


def _taken(answer: Any) -> list[int] | int | None:
    """Return what an answer says was taken: item ids, or before 6.0 their number; None where it does not say."""
    if not isinstance(answer, dict) or not isinstance(answer.get("requested", 0), int):
        return None
    item_ids = answer.get("item_ids")
    if isinstance(item_ids, list) and set(map(type, item_ids)) <= {int}:
        return item_ids
    enqueued = answer.get("enqueued")
    return enqueued if item_ids is None and isinstance(enqueued, int) else None


def _is_own(reply: Reply) -> bool:
    """Tell whether an answer of 500 and above is InvokeAI's own: it gives a reason, or is its framework's plain one."""
    return details(reply) is not None or (reply.status == 500 and reply.media_type.startswith("text/plain"))


def _looked_for(request: BatchRequest, error: ServerError, seconds: float, supports: Supports) -> Operation[Enqueued]:
    """Return what the queue has of a batch after some trouble; raises the error that says what is known."""
    try:
        size = yield from size_of_batch(request.batch_id, seconds)
    except ServerError as problem:
        if isinstance(error, UnexpectedReply):
            # Most likely no InvokeAI: what is at the address matters more than what may have come of the run.
            raise type(error)(
                f"{error} The run may be queued, as batch {request.batch_id}.", status=error.status
            ) from None
        raise _unknown(request, error, f"The server could not be asked for it ({problem})") from None
    if size:
        item_ids = yield from _ids(request, min(size, request.runs), supports)
        return Enqueued(item_ids, request.runs)
    if seconds:
        raise _unknown(request, error, f"For {seconds:g} s the queue had nothing of it")
    raise type(error)(
        f"{request.name} was not queued: {error} The queue has nothing of batch {request.batch_id}.",
        status=error.status,
    )


def _ids(request: BatchRequest, expected: int, supports: Supports) -> Operation[tuple[int, ...]]:
    """Return the item ids of a batch that is queued."""
    found: tuple[int, ...] = ()
    try:
        if expected:
            rows = yield from patiently(lambda: rows_of_batch(request.batch_id, expected, supports))
            found = tuple(row["item_id"] for row in rows)
        why = f"it lists {len(found)}"
    except ServerError as problem:
        why = str(problem)
    if len(found) < expected:
        raise SubmitUncertain(
            f"{request.name} was queued, {expected} items as batch {request.batch_id}, but the server does not tell "
            f"which ({why}). Look at its queue; server.queue.cancel_batch({request.batch_id!r}) cancels them.",
            batch_id=request.batch_id,
        )
    return found


def _unknown(request: BatchRequest, error: ServerError, looked: str) -> SubmitUncertain:
    return SubmitUncertain(
        f"It is unknown whether {request.name} was queued: {error} It was not sent again. {looked}. Look for batch "
        f"{request.batch_id} on the server (GET {QUEUE}/b/{request.batch_id}/status) before you submit once more.",
        batch_id=request.batch_id,
    )
