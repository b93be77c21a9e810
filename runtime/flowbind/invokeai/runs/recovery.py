"""Finding what a server has queued, where its answer does not tell: it was lost, or its release does not say."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from flowbind.errors import ConnectionBroken, ServerFault, ServerUnreachable
from flowbind.invokeai.runs.body import QUEUE
from flowbind.transport.steps import Operation, Sleep
from flowbind.transport.wire import get, read

T = TypeVar("T")
Supports = Callable[[str, str], Operation[bool]]
"""Tells whether a server's document has a method of a path; the path is written as in the document."""

_PAUSE = 0.25
_AWAY = 60.0
"""Seconds for which a server may be away or fail while it is asked: it may be starting again."""


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
