"""What both clients are made of, apart from how they wait for the server."""

from __future__ import annotations

from collections.abc import Generator
from threading import Lock
from typing import Any, TypeVar

from flowbind.invokeai._http import DEFAULT_URL, base_url
from flowbind.invokeai.app import Supported
from flowbind.invokeai.channel import Channels
from flowbind.invokeai.drift_check import CheckMode, DriftCheck
from flowbind.invokeai.lookup import Lookup

StepT = TypeVar("StepT")
Outcome = tuple[Any, Exception | None]
"""What came of a step: the answer, or the error that operations may handle."""


def go_on(operation: Generator[StepT, Any, Any], answer: Any, error: Exception | None) -> StepT:
    """Give an operation what came of its last step; return the next one."""
    return operation.send(answer) if error is None else operation.throw(error)


class Client:
    """Where the server is, what is known of it, and what it has told."""

    def __init__(
        self, url: str = DEFAULT_URL, *, timeout: float = 60.0, check: CheckMode = "warn", events: bool = True
    ) -> None:
        self.url = base_url(url)
        self._timeout = timeout
        self._lookup = Lookup()
        self._drift = DriftCheck(check)
        self._channels = Channels()
        self._supports = Supported()
        # Threads may share a client: one of them opens the connections.
        self._opening = Lock()
        self._events = events

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"
