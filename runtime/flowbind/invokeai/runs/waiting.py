"""Asking for what was submitted, for one run or for all of a batch, within the patience that a server is worth."""

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
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.runs.submitting import read_item
from flowbind.listening.channel import Channel
from flowbind.listening.watching import watch
from flowbind.transport.patience import Bearing
from flowbind.transport.steps import Operation

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem

ResultT = TypeVar("ResultT")
_UNREADABLE = 30.0
"""Seconds for which the server may fail to read an item before waiting ends."""


def watch_all(
    item_ids: Sequence[int],
    name: str,
    timeout: float | None,
    channel: Channel,
    notice: Callable[[int, str], None],
    finish: Callable[[QueueItem], ResultT],
) -> Operation[list[ResultT | RunError]]:
    """Wait until all runs of a batch have ended; return what `finish` makes of each, or why a run has no result.

    `notice` hears each status that is seen, with the number of the run.
    """
    started = time.monotonic()
    outcomes: list[ResultT | RunError] = []
    patience = _UNREADABLE
    lookout = Lookout(name)
    for number, item_id in enumerate(item_ids, start=1):
        left = None if timeout is None else max(0.0, started + timeout - time.monotonic())
        try:
            question = Question(item_id, name, patience, lookout)
            item = yield from watch(question, left, channel, partial(notice, number))
            outcomes.append(finish(item))
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


class Question:
    """Asks for one item, again and again; bears a server that is away, or cannot read it, for a while.

    It gives up when the item stays unreadable for `patience` seconds, and when `lookout`, which the runs of a batch
    share, finds the queue blocked.
    """

    def __init__(self, item_id: int, name: str, patience: float | None = None, lookout: Lookout | None = None) -> None:
        self.item_id = self.number = item_id
        self.name = name
        self._bearing = Bearing(_UNREADABLE if patience is None else patience)
        self._lookout = lookout or Lookout(name)

    def ask(self) -> Operation[QueueItem | None]:
        """Return the item; None where there is no telling now. Raises a `RunError`, or what keeps the server away."""
        item: QueueItem | None = None
        problem: ServerError | None = None
        try:
            item = yield from read_item(self.item_id)
        except NotFound:
            raise RunGone(
                f"{self.name}: the queue no longer has item {self.item_id}; it was deleted, cleared or pruned. "
                "Submit it again to have it run.",
                workflow=self.name,
                item_id=self.item_id,
            ) from None
        except (ServerFault, ServerUnreachable, ConnectionBroken) as error:
            problem = error
        else:
            self._bearing.answered()
        if item:
            check_shown(item, self.item_id, self.name)
        if item or isinstance(problem, ServerFault):
            yield from self._lookout.look(self.item_id, item.status if item else None)
        if problem and self._bearing.is_over(problem):
            raise self._unreadable(problem) if isinstance(problem, ServerFault) else problem
        return item

    def _unreadable(self, problem: ServerError) -> RunUnreadable:
        return RunUnreadable(
            f"{self.name}: for {self._bearing.patience:g} s the server has failed to read item {self.item_id} "
            f"({problem}) Wait again when it is well; if a value of the run does not fit its input, cancel the run's "
            "batch, or its queue is blocked: server.queue.cancel_batch().",
            workflow=self.name,
            item_id=self.item_id,
        )


def check_shown(item: QueueItem, item_id: int, name: str) -> None:
    """Raise `RunRedacted` for an item of another account."""
    if item.batch_id == "redacted":
        raise RunRedacted(
            f"{name}: item {item_id} belongs to another account, so the server hides it. "
            "Use that account, or an administrator's.",
            workflow=name,
            item_id=item_id,
        )
