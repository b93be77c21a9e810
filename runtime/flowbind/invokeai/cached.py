"""Lists of the server that many runs need: read once, again when something is missing or time has passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from flowbind.invokeai._steps import Operation

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

    def find(self, match: Callable[[Sequence[T]], Sequence[Found]]) -> Operation[Sequence[Found]]:
        """Return what `match` finds in the list; only one find is believed of a list that was not just read."""
        if self._read_at is not None and time.monotonic() - self._read_at < _LIFETIME:
            found = match(self.items)
            if len(found) == 1:
                return found
        self.items = yield from self._fetch()
        self._read_at = time.monotonic()
        return match(self.items)

    def forget(self) -> None:
        """Believe the list no more: what is in it has changed."""
        self._read_at = None
