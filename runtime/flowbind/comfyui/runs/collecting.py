"""The outcomes of many instances, in their order: read as they are wanted, while others are queued."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.sending import Sending
from flowbind.downloadable import Pictures
from flowbind.errors import RunError, WaitTimeout
from flowbind.outcomes import not_queued
from flowbind.transport.pausing import beside
from flowbind.transport.steps import Emit, Operation, Sleep, Stream

Outcome = Result[Any] | RunError


def outcomes(sending: Sending, timeout: float | None, source: Pictures[Any] | None) -> Stream[Outcome]:
    """Emit what became of each instance: a result, or the `RunError`.

    What is left to queue is queued meanwhile. `timeout` is in seconds, for all together. Raises `WaitTimeout`.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    for place in range(sending.total):
        yield from _queued(sending, place, deadline, timeout)
        if len(sending.runs) <= place:
            yield Emit(not_queued(sending.workflow, ""))
            continue
        run = sending.runs[place]
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        outcome: Outcome
        try:
            item = yield from beside(run.ended(left), partial(sending.fill, place))
            outcome = run.result(item, source)
        except WaitTimeout:
            raise _too_late(sending, place, timeout) from None
        except RunError as error:
            outcome = error
        yield Emit(outcome)


def _queued(sending: Sending, place: int, deadline: float | None, timeout: float | None) -> Operation[None]:
    """Wait until the run of an instance is queued, if it ever is."""
    while len(sending.runs) <= place and not sending.given_up:
        again = yield from sending.fill(place)
        if len(sending.runs) > place:
            return
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise _too_late(sending, place, timeout)
        pause = again or 0.0
        yield Sleep(pause if left is None else min(pause, left))


def _too_late(sending: Sending, ended: int, timeout: float | None) -> WaitTimeout:
    name, left = sending.workflow.__name__, sending.total - len(sending.runs)
    others = f"{left} were not queued, the others go on" if left else "the others go on"
    return WaitTimeout(
        f"{name}: {ended} of {sending.total} runs have ended after {timeout:g} s; {others}. "
        "Wait again, or cancel them.",
        workflow=name,
        item_id=sending.runs[ended].item_id if ended < len(sending.runs) else "",
    )
