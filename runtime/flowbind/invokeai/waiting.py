"""Waiting for what was submitted: each wait ends, whatever becomes of the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from flowbind.errors import (
    ConnectionBroken,
    NotFound,
    RunError,
    RunGone,
    RunRedacted,
    RunUnreadable,
    ServerError,
    ServerFault,
    ServerUnreachable,
    WaitTimeout,
)
from flowbind.invokeai._wire import Operation, Sleep
from flowbind.invokeai.blockade import Lookout
from flowbind.invokeai.queue import FINAL, QUEUE, read_item

if TYPE_CHECKING:
    from flowbind.invokeai._rest import SessionQueueItem

ResultT = TypeVar("ResultT")
_SHORTEST, _LONGEST = 0.02, 1.0
_PATIENCE = 30.0
"""Seconds for which an item may be unreadable, or the server away, before waiting ends."""


def watch_all(
    item_ids: Sequence[int],
    name: str,
    timeout: float | None,
    notice: Callable[[int, str], None],
    finish: Callable[[SessionQueueItem], ResultT],
) -> Operation[list[ResultT | RunError]]:
    """Wait until all runs of a batch have ended; return what `finish` makes of each, or why a run has no result.

    `notice` hears each status that is seen, with the number of the run.
    """
    started = time.monotonic()
    outcomes: list[ResultT | RunError] = []
    patience = _PATIENCE
    lookout = Lookout(name)
    for number, item_id in enumerate(item_ids, start=1):
        left = None if timeout is None else max(0.0, started + timeout - time.monotonic())
        try:
            outcomes.append(finish((yield from watch(item_id, name, left, partial(notice, number), patience, lookout))))
        except WaitTimeout as error:
            raise WaitTimeout(
                f"{name}: {len(outcomes)} of {len(item_ids)} runs have ended after {timeout:g} s; the others go on. "
                "Wait again, or cancel them.",
                workflow=name,
                item_id=error.item_id,
            ) from None
        except RunError as error:
            outcomes.append(error)
            if isinstance(error, RunUnreadable):
                # What blocks one run often blocks all: the patience is spent once.
                patience = 0.0
    return outcomes


def watch(
    item_id: int,
    name: str,
    timeout: float | None,
    notice: Callable[[str], None],
    patience: float | None = None,
    lookout: Lookout | None = None,
) -> Operation[SessionQueueItem]:
    """Wait until a run has ended and return its item; `notice` hears each status that is seen.

    Ends in any case: by `timeout` seconds, when the queue no longer has the item, when it stays unreadable for
    `patience` seconds, and when `lookout`, which the runs of a batch share, finds the queue blocked.
    """
    patience = _PATIENCE if patience is None else patience
    started = time.monotonic()
    pause, trouble = _SHORTEST, started
    lookout = lookout or Lookout(name)
    while True:
        item: SessionQueueItem | None = None
        problem: ServerError | None = None
        try:
            item = yield from read_item(item_id)
        except NotFound:
            raise RunGone(
                f"{name}: the queue no longer has item {item_id}; it was deleted, cleared or pruned. "
                "Submit it again to have it run.",
                workflow=name,
                item_id=item_id,
            ) from None
        except (ServerFault, ServerUnreachable, ConnectionBroken) as error:
            problem = error
        else:
            trouble = time.monotonic()
            if item.batch_id == "redacted":
                raise RunRedacted(
                    f"{name}: item {item_id} belongs to another account, so the server hides it. "
                    "Use that account, or an administrator's.",
                    workflow=name,
                    item_id=item_id,
                )
            notice(item.status)
            if item.status in FINAL:
                return item
        if item or isinstance(problem, ServerFault):
            yield from lookout.look(item_id, item.status if item else None)
        now = time.monotonic()
        if problem and now - trouble > patience:
            raise _lost(problem, name, item_id)
        left = None if timeout is None else started + timeout - now
        if left is not None and left <= 0:
            raise WaitTimeout(
                f"{name}: item {item_id} has not ended after {timeout:g} s; it goes on. Wait again, or cancel it.",
                workflow=name,
                item_id=item_id,
            )
        yield Sleep(pause if left is None else min(pause, left))
        pause = min(_LONGEST, pause * 1.5)


def _lost(problem: ServerError, name: str, item_id: int) -> Exception:
    if not isinstance(problem, ServerFault):
        return problem
    return RunUnreadable(
        f"{name}: for {_PATIENCE:g} s the server has failed to read item {item_id} ({problem}) Wait again when it is "
        "well; if a value of the run does not fit its input, cancel the run's batch, or its queue is blocked: "
        f"PUT {QUEUE}/cancel_by_batch_ids.",
        workflow=name,
        item_id=item_id,
    )
