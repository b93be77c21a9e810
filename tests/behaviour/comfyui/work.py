"""The work of the stand-in: prompts that wait, the one that runs, and the history of those that are done."""

from __future__ import annotations

from collections.abc import Callable, Collection
from threading import Condition
from typing import Any

from .prompts import Prompt, Record


class Work:
    """Takes one prompt at a time, the one with the lowest number first; `changed` is called when the numbers change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.lock = Condition()
        self.pending: list[Prompt] = []
        self.running: Prompt | None = None
        self.history: Record = {}
        self.closed = False
        self._changed = changed

    @property
    def remaining(self) -> int:
        """How many there are, with the one that runs."""
        return len(self.pending) + (self.running is not None)

    def put(self, prompt: Prompt) -> None:
        """Add a prompt."""
        with self.lock:
            self.pending.append(prompt)
            self.pending.sort(key=lambda waiting: waiting.number)
            self._changed()
            self.lock.notify_all()

    def take(self) -> Prompt | None:
        """Wait for a prompt, which then runs; none when all is over."""
        with self.lock:
            self.lock.wait_for(lambda: self.closed or self.pending)
            if self.closed:
                return None
            self.running = self.pending.pop(0)
            self._changed()
            self.running.begun.set()
            self.lock.notify_all()
            return self.running

    def wait_for(self, what: Callable[[], Any], seconds: float) -> bool:
        """Wait until something is so."""
        with self.lock:
            return bool(self.lock.wait_for(what, seconds))

    def finish(self, prompt: Prompt) -> None:
        """Write a prompt into the history."""
        with self.lock:
            self.running = None
            status = {"status_str": "success" if prompt.succeeded else "error", "completed": prompt.succeeded}
            self.history[prompt.prompt_id] = {
                "prompt": prompt.item,
                "outputs": prompt.outputs,
                "status": {**status, "messages": [*prompt.messages]},
                "meta": prompt.meta,
            }
            self._changed()
            self.lock.notify_all()

    def delete(self, prompt_ids: Collection[str] | None, *, quietly: bool = False) -> None:
        """Take prompts off the queue, or all; nobody is told which."""
        with self.lock:
            self.pending = [p for p in self.pending if prompt_ids is not None and p.prompt_id not in prompt_ids]
            if not quietly:
                self._changed()

    def interrupt(self, prompt_id: str | None) -> bool:
        """Ask the prompt that runs to stop, if it is the one that is meant, or whichever it is."""
        with self.lock:
            if self.running is None or prompt_id not in (None, self.running.prompt_id):
                return False
            self.running.interrupt_asked.set()
            return True

    def lose(self) -> None:
        """Forget everything, as a server does that is started anew."""
        with self.lock:
            if self.running is not None:
                self.running.lost = True
                self.running.interrupt_asked.set()
                self.running.ended.set()
            self.running = None
            self.pending = []
            self.history = {}

    def close(self) -> None:
        """Take no more."""
        self.lose()
        with self.lock:
            self.closed = True
            self.lock.notify_all()
