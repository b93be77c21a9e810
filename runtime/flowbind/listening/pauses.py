"""The time between two questions to a server: little at first, then more; much where it tells by itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from flowbind.listening.channel import Channel
from flowbind.run_status import FINAL
from flowbind.transport.steps import Listen, Operation

_SHORTEST, _LONGEST = 0.02, 1.0
"""Seconds between two questions to a server that does not tell by itself: at first, and later."""
_APIECE = 0.02
"""Seconds more between two questions about a run for each that is waited for and was queued before it: the server takes
them in that order, and thousands of waits must not mean thousands of questions a second."""
_TRUST = 10.0
"""Seconds without a question to a server that tells: what it says may be lost on the way."""


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

    `number` is its place in the queue's order. `notice` hears each other status that the server tells.
    """

    def __init__(self, channel: Channel, item_id: int | str, number: int, notice: Callable[[str], None]) -> None:
        self._channel = channel
        self._item_id = item_id
        self._number = number
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
        return _APIECE * self._channel.ahead_of(self._number)

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
