"""Posting a prompt: sent once, and looked for where the answer does not tell what became of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind.comfyui.runs.reading import Reader
from flowbind.errors import (
    ConnectionBroken,
    RequestTimeout,
    ServerError,
    ServerFault,
    SubmitUncertain,
    UnexpectedReply,
)
from flowbind.transport.patience import PAUSE, patiently
from flowbind.transport.steps import Call, Operation, Reply, Sleep
from flowbind.transport.wire import parsed

_BROKEN = 10.0
"""Seconds for which a prompt is looked for after a broken connection: the server may still be checking it."""
_SLOW = 60.0
"""The same after a time-out: it was slow before."""
_ID = re.compile(r"[\w.:-]{1,80}", re.ASCII)
_FARTHEST = 2**53
"""No place in a queue is farther from its beginning; up to there floats are exact."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a server says of a prompt that it took.

    `number` is its place in the queue's order, `problems` are what it dropped of it.
    """

    item_id: str
    number: int
    problems: Mapping[str, Any]


def posted(
    name: str, item_id: str, content: bytes, reader: Reader, refused: Callable[[Reply], ServerError]
) -> Operation[Posted]:
    """Post a prompt under an id of our own; return what the server says; `refused` makes the error of a 400.

    The request is sent once. Where its answer is lost, a fault or not understood, the server is asked for the id.
    Raises `ServerFault` when it failed and has nothing of it, so that it may be sent again, and `SubmitUncertain` when
    nobody can tell. Source: `POST /prompt`.
    """
    try:
        reply: Reply = yield Call("POST", "/prompt", content=content)
    except RequestTimeout as error:
        return (yield from _looked_for(name, item_id, error, _SLOW, reader))
    except ConnectionBroken as error:
        return (yield from _looked_for(name, item_id, error, _BROKEN, reader))
    except UnexpectedReply as error:
        # An answer that cannot be held.
        return (yield from _looked_for(name, item_id, error, 0, reader))
    if reply.status == 400:
        raise refused(reply)
    try:
        answer = parsed(reply)
    except UnexpectedReply as error:
        return (yield from _looked_for(name, item_id, error, 0, reader))
    except ServerFault as error:
        # Its own words end the matter on its side; a proxy's may come while it is still at it.
        seconds = 0 if reply.status == 500 else _SLOW if reply.status == 504 else _BROKEN
        return (yield from _looked_for(name, item_id, error, seconds, reader))
    match answer:
        case {"prompt_id": str(known), "number": int() | float() as number} if (
            _ID.fullmatch(known) and -_FARTHEST < number < _FARTHEST
        ):
            problems = answer.get("node_errors")
            # Releases before 0.3.43 give it an id of their own.
            return Posted(known, int(number), problems if isinstance(problems, dict) else {})
        case _:
            strange = UnexpectedReply("The answer to POST /prompt does not say what it made.", status=reply.status)
            return (yield from _looked_for(name, item_id, strange, 0, reader))


def _looked_for(name: str, item_id: str, error: ServerError, seconds: float, reader: Reader) -> Operation[Posted]:
    """Return what the server has of a prompt after some trouble; raises the error that says what is known."""
    until = time.monotonic() + seconds
    try:
        while True:
            if (yield from patiently(lambda: reader.item(item_id))) is not None:
                return Posted(item_id, 0, {})
            if time.monotonic() >= until:
                break
            yield Sleep(PAUSE)
    except ServerError as problem:
        if isinstance(error, UnexpectedReply):
            # Most likely no ComfyUI: what is at the address matters more than what may have come of the run.
            raise type(error)(f"{error} The run may be queued, as prompt {item_id}.", status=error.status) from None
        raise _unknown(name, item_id, error, f"The server could not be asked for it ({problem})") from None
    if seconds:
        raise _unknown(name, item_id, error, f"For {seconds:g} s the server had nothing of it")
    raise type(error)(
        f"{name} was not queued: {error} The server has nothing of prompt {item_id}.", status=error.status
    )


def _unknown(name: str, item_id: str, error: ServerError, looked: str) -> SubmitUncertain:
    return SubmitUncertain(
        f"It is unknown whether {name} was queued: {error} It was not sent again. {looked}. Look for prompt {item_id} "
        "in the server's queue and history before you submit once more.",
        item_id=item_id,
    )
