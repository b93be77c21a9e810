"""Answers that take long, kept for a moment: the event loop never waits for one, and nobody asks twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from time import monotonic
from typing import Generic, TypeVar

from .asking import asked

T = TypeVar("T")
_AGE = 1.0
"""Seconds that an answer is given for."""
_PATIENCE = 5.0
"""Seconds after which a question counts as not answered, until it is."""


class Newest(Generic[T]):
    """The newest answer to one question; to be used in one event loop."""

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._begun = 0.0
        self._answer: Future[tuple[T | None, float]] | None = None
        """What was answered, and when."""

    async def get(self) -> T | None:
        """Return an answer that is a second old or newer, or None where there is none in time."""
        answer = self._answer
        if answer is None or (answer.done() and monotonic() - answer.result()[1] > _AGE):
            answer = self._asked()
        left = self._begun + _PATIENCE - monotonic()
        if not answer.done() and left > 0:
            await asyncio.wait([asyncio.wrap_future(answer)], timeout=left)
        return answer.result()[0] if answer.done() else None

    def _asked(self) -> Future[tuple[T | None, float]]:
        answer: Future[tuple[T | None, float]] = Future()
        answer.set_running_or_notify_cancel()

        def ask() -> None:
            value = asked(self._question)
            answer.set_result((value, monotonic()))

        self._answer, self._begun = answer, monotonic()
        # Not one of a pool: a driver may never answer, and the server has to end without it.
        Thread(target=ask, name="flowbind metrics", daemon=True).start()
        return answer
