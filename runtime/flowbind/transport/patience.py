"""Patience with a server that is away or fails for a while: it may be starting again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from flowbind.errors import ConnectionBroken, ServerError, ServerFault, ServerUnreachable
from flowbind.transport.steps import Operation, Sleep

T = TypeVar("T")

PAUSE = 0.25
"""Seconds between two attempts."""
_AWAY = 60.0
"""Seconds for which a server may be away or fail while it is asked for one thing."""
_AWAY_FROM_RUN = 120.0
"""Seconds for which it may be away while a run is waited for: a restart takes a minute."""


class Bearing:
    """Bears a server that does not answer about a run; `patience` is for how many seconds it may fail to."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._answered = time.monotonic()

    def answered(self) -> None:
        """Note that there was an answer."""
        self._answered = time.monotonic()

    def is_over(self, problem: ServerError) -> bool:
        """Tell whether a problem has lasted for too long."""
        longest = self.patience if isinstance(problem, ServerFault) else _AWAY_FROM_RUN
        return time.monotonic() - self._answered > longest


def patiently(reading: Callable[[], Operation[T]]) -> Operation[T]:
    """Carry out what changes nothing, again and again while the server is away or fails."""
    until = time.monotonic() + _AWAY
    while True:
        try:
            return (yield from reading())
        except (ConnectionBroken, ServerFault, ServerUnreachable):
            if time.monotonic() >= until:
                raise
        yield Sleep(PAUSE)
