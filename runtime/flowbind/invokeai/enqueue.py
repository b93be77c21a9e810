"""Posting a batch: sent once, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flowbind.errors import ConnectionBroken, ServerError, SubmitUncertain, UnexpectedReply
from flowbind.invokeai._body import QUEUE
from flowbind.invokeai._wire import Call, Operation, Reply, failure, parsed


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What a server took of a batch: item ids in the order of the runs, and how many items were asked for."""

    item_ids: tuple[int, ...]
    requested: int


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is posted: whose runs these are, as which batch, and how many."""

    name: str
    batch_id: str
    content: bytes
    runs: int


def enqueue(request: BatchRequest, refused: Callable[[Reply], ServerError]) -> Operation[Enqueued]:
    """Post a batch and return what the server took of it; `refused` makes the error of a 422.

    The request is sent once. When it is unknown whether the server has it, `SubmitUncertain` says so.
    Source: `POST /api/v1/queue/default/enqueue_batch`.
    """
    try:
        reply: Reply = yield Call("POST", f"{QUEUE}/enqueue_batch", content=request.content)
    except ConnectionBroken as error:
        raise _uncertain(str(error), request.batch_id) from None
    if reply.status >= 500:
        raise _uncertain(str(failure(reply)), request.batch_id)
    if reply.status == 422:
        raise refused(reply)
    answer = parsed(reply)
    item_ids = answer.get("item_ids") if isinstance(answer, dict) else None
    if not isinstance(item_ids, list) or not set(map(type, item_ids)) <= {int}:
        raise UnexpectedReply(
            "The answer to enqueue_batch does not say which items it made, as InvokeAI's does since 6.0. The run may "
            f"be queued, as batch {request.batch_id}.",
            status=reply.status,
        )
    # The server lists the newest first, whatever the order of the runs.
    return Enqueued(tuple(sorted(item_ids)), answer.get("requested", request.runs))


def _uncertain(why: str, batch_id: str) -> SubmitUncertain:
    return SubmitUncertain(
        f"It is unknown whether the run was queued ({why}). It was not sent again. Look for batch {batch_id} on the "
        f"server (GET {QUEUE}/b/{batch_id}/status) before you submit once more.",
        batch_id=batch_id,
    )
