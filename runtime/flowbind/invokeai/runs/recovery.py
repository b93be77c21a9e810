"""Finding what a server has queued, where its answer does not tell: it was lost, or its release does not say."""

from __future__ import annotations

import time
from collections.abc import Callable

from flowbind.invokeai.runs.body import QUEUE
from flowbind.transport.patience import PAUSE, patiently
from flowbind.transport.steps import Operation, Sleep
from flowbind.transport.wire import get, read

Supports = Callable[[str, str], Operation[bool]]
"""Tells whether a server's document has a method of a path; the path is written as in the document."""


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
        yield Sleep(PAUSE)
