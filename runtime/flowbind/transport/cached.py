"""Lists of the server that many runs need: read once, again when something is missing or time has passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from flowbind.transport.steps import Operation
from flowbind.transport.wire import taken

T = TypeVar("T")
Found = TypeVar("Found")
_LIFETIME = 60.0
"""Seconds after which a list is read again: a model may have been installed anew, under another key."""


class Cached(Generic[T]):
    """A list of the server."""

    def __init__(self, fetch: Callable[[], Operation[Sequence[T]]]) -> None:
        self.items: Sequence[T] = ()
        self._fetch = fetch
        self._read_at: float | None = None
        # Many may want it at once: one of them asks.
        self._reading = Lock()

    def find(self, match: Callable[[Sequence[T]], Sequence[Found]]) -> Operation[Sequence[Found]]:
        """Return what `match` finds in the list; only one find is believed of a list that was not just read."""
        wanted_at = time.monotonic()
        if (found := self._found(match, wanted_at - _LIFETIME)) and len(found) == 1:
            return found
        yield from taken(self._reading)
        try:
            # What somebody else has read meanwhile is as good.
            if (found := self._found(match, wanted_at)) is None:
                self.items = yield from self._fetch()
                self._read_at = time.monotonic()
                found = match(self.items)
        finally:
            self._reading.release()
        return found

    def _found(self, match: Callable[[Sequence[T]], Sequence[Found]], since: float) -> Sequence[Found] | None:
        """Return what is found in a list that was read since then, None where it was not."""
        return match(self.items) if self._read_at is not None and self._read_at > since else None

    def forget(self) -> None:
        """Believe the list no more: what is in it has changed."""
        self._read_at = None
