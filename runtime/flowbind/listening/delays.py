"""How long to wait before a broken connection is opened again."""

from __future__ import annotations


class Delays:
    """How long to wait before the next attempt to connect, in seconds: longer each time, until one succeeds."""

    _FIRST, _LONGEST = 0.25, 30.0

    def __init__(self) -> None:
        self._next = self._FIRST

    def reset(self) -> None:
        """Begin again: the connection stood."""
        self._next = self._FIRST

    def take(self) -> float:
        """Return the next one."""
        delay, self._next = self._next, min(self._LONGEST, self._next * 2)
        return delay
