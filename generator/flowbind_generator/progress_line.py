"""One line on a terminal that follows a run, or the runs of a batch; nothing where there is no terminal."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

import click

from flowbind.events import Event, Failed, Finished, Progress, Queued, Started
from flowbind.outside import printable

_WIPE = "\r\033[K"


class ProgressLine:
    """Shows what was told last, and the seconds that have gone by; the line is wiped at the end."""

    def __init__(self, name: str, runs: int, doing: str = "pending") -> None:
        self._name = name
        self._runs = runs
        self._ended = 0
        self._doing = doing
        self._begun = time.monotonic()
        self._over = threading.Event()
        # The seconds go by while nothing is told.
        self._clock = threading.Thread(target=self._tick, daemon=True) if sys.stderr.isatty() else None

    def show(self, event: Event[Any]) -> None:
        """Take in an event."""
        match event:
            case Queued():
                self._doing = "pending"
            case Started():
                self._doing = "in progress"
            case Progress(percentage=None):
                self._doing = printable(event.node)
            case Progress():
                self._doing = f"{event.percentage:.0f} % {printable(event.node)}"
            case Finished() | Failed():
                self._ended += 1
        if self._clock:
            self._draw()

    def count(self) -> None:
        """Take in that one more run has ended, of which nothing else is told."""
        self._ended += 1
        if self._clock:
            self._draw()

    def text(self) -> str:
        """Return the line without the seconds."""
        are_counted = self._runs > 1 or not self._doing
        count = f"{self._ended} of {self._runs} runs have ended" if are_counted else ""
        return f"{self._name}: {', '.join(filter(None, (count, self._doing)))}"

    def _tick(self) -> None:
        while not self._over.wait(1):
            self._draw()

    def _draw(self) -> None:
        seconds = f", {time.monotonic() - self._begun:.0f} s"
        # A line that is longer than the terminal is wide could not be wiped.
        room = max(0, shutil.get_terminal_size().columns - len(seconds) - 1)
        click.echo(f"{_WIPE}{self.text()[:room]}{seconds}", nl=False, file=sys.stderr)

    def __enter__(self) -> Self:
        if self._clock:
            self._draw()
            self._clock.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._clock:
            self._over.set()
            self._clock.join()
            click.echo(_WIPE, nl=False, file=sys.stderr)
