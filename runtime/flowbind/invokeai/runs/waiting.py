"""Waiting for what was submitted: each wait ends, whatever becomes of the run."""

from __future__ import annotations

import math
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
from flowbind.invokeai.runs.submitting import FINAL, read_item
from flowbind.listening.channel import Channel
from flowbind.transport.steps import Listen, Operation

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem

ResultT = TypeVar("ResultT")
_SHORTEST, _LONGEST = 0.02, 1.0
"""Seconds between two questions to a server that does not tell by itself: at first, and later."""
_APIECE = 0.02
"""Seconds more between two questions about a run for each that is waited for and was queued before it: the server takes
them in that order, and thousands of waits must not mean thousands of questions a second."""
_TRUST = 10.0
"""Seconds without a question to a server that tells: what it says may be lost on the way."""
_UNREADABLE = 30.0
"""Seconds for which the server may fail to read an item before waiting ends."""
_AWAY = 120.0
"""Seconds for which the server may be away before waiting ends: a restart takes a minute."""


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
            item = yield from watch(item_id, name, left, channel, partial(notice, number), patience, lookout)
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


def watch(
    item_id: int,
    name: str,
    timeout: float | None,
    channel: Channel,
    notice: Callable[[str], None],
    patience: float | None = None,
    lookout: Lookout | None = None,
) -> Operation[QueueItem]:
    """Wait until a run has ended and return its item; `notice` hears each status that is seen.

    Ends in any case: by `timeout` seconds, when the queue no longer has the item, when it stays unreadable for
    `patience` seconds, and when `lookout`, which the runs of a batch share, finds the queue blocked.
    """
    question = Question(item_id, name, patience, lookout)
    pauses = Pauses(channel, item_id, notice)
    deadline = None if timeout is None else time.monotonic() + timeout
    with channel.waited_for(item_id):
        yield from pauses.turn(timeout)
        while True:
            item = yield from question.ask()
            if item is not None:
                notice(item.status)
                if item.status in FINAL:
                    return item
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"{name}: item {item_id} has not ended after {timeout:g} s; it goes on. Wait again, or cancel it.",
                    workflow=name,
                    item_id=item_id,
                )
            answered = item is not None
            # Thousands may wait, and an item has its whole session.
            del item
            yield from pauses.rest(left, answered=answered)


class Question:
    """Asks for one item, again and again; bears a server that is away, or cannot read it, for a while."""

    def __init__(self, item_id: int, name: str, patience: float | None = None, lookout: Lookout | None = None) -> None:
        self.item_id = item_id
        self._name = name
        self._patience = _UNREADABLE if patience is None else patience
        self._lookout = lookout or Lookout(name)
        self._answered = time.monotonic()

    def ask(self) -> Operation[QueueItem | None]:
        """Return the item; None where there is no telling now. Raises a `RunError`, or what keeps the server away."""
        item: QueueItem | None = None
        problem: ServerError | None = None
        try:
            item = yield from read_item(self.item_id)
        except NotFound:
            raise RunGone(
                f"{self._name}: the queue no longer has item {self.item_id}; it was deleted, cleared or pruned. "
                "Submit it again to have it run.",
                workflow=self._name,
                item_id=self.item_id,
            ) from None
        except (ServerFault, ServerUnreachable, ConnectionBroken) as error:
            problem = error
        else:
            self._answered = time.monotonic()
        if item:
            check_shown(item, self.item_id, self._name)
        if item or isinstance(problem, ServerFault):
            yield from self._lookout.look(self.item_id, item.status if item else None)
        if problem:
            self._bear(problem)
        return item

    def _bear(self, problem: ServerError) -> None:
        unreadable = isinstance(problem, ServerFault)
        if time.monotonic() - self._answered <= (self._patience if unreadable else _AWAY):
            return
        if not unreadable:
            raise problem
        raise RunUnreadable(
            f"{self._name}: for {self._patience:g} s the server has failed to read item {self.item_id} ({problem}) "
            "Wait again when it is well; if a value of the run does not fit its input, cancel the run's batch, or its "
            "queue is blocked: server.queue.cancel_batch().",
            workflow=self._name,
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


class Pace:
    """The seconds between two questions: few at first, then more; many as long as the server tells by itself."""

    def __init__(self, channel: Channel | None = None) -> None:
        self._channel = channel
        self._pause = _SHORTEST

    def take(self, *, answered: bool = True) -> float:
        """Return how long to go without a question after one that was answered, or was not."""
        if self._channel and self._channel.live and answered:
            return _TRUST
        pause, self._pause = self._pause, min(_LONGEST, self._pause * 1.5)
        return pause


class Pauses:
    """The time between two questions about an item: until the server tells its end, or for longer and longer.

    `notice` hears each other status that the server tells.
    """

    def __init__(self, channel: Channel, item_id: int, notice: Callable[[str], None]) -> None:
        self._channel = channel
        self._item_id = item_id
        self._notice = notice
        # What was told before, the answer to the first question knows.
        self._known = len(channel.heard)
        self._pace = Pace(channel)

    def turn(self, longest: float | None = None) -> Operation[None]:
        """Rest before the first question while runs that were queued before this one are waited for."""
        if self._channel.statuses.get(self._item_id) not in FINAL:
            yield from self._rest(self._behind(), longest)

    def rest(self, longest: float | None = None, *, answered: bool = True) -> Operation[None]:
        """Rest after a question that was answered, or was not; for `longest` seconds at most."""
        yield from self._rest(max(self._pace.take(answered=answered), self._behind()), longest)

    def _behind(self) -> float:
        return _APIECE * self._channel.ahead_of(self._item_id)

    def _rest(self, pause: float, longest: float | None) -> Operation[None]:
        end = time.monotonic() + (pause if longest is None else min(pause, longest))
        while True:
            end = min(end, time.monotonic() + self._soon())
            left = end - time.monotonic()
            if left <= 0:
                return
            yield Listen(self._channel, self._known, left)

    def _soon(self) -> float:
        """Take in what was heard; return the seconds after which it calls for a question."""
        heard = self._channel.heard[self._known :]
        self._known += len(heard)
        seconds = math.inf
        for event in heard:
            if event.item_id is None:
                # Whoever waits hears of it.
                seconds = min(seconds, self._behind())
            elif event.item_id == self._item_id and event.status:
                if event.status in FINAL:
                    seconds = 0.0
                else:
                    self._notice(event.status)
        return seconds
