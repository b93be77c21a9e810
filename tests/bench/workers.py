"""Programs in processes of their own that do what they are told to: see peers/serving.py."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

import flowbind

PROGRAMS = Path(__file__).with_name("peers")
# So that a program runs the flowbind that runs this, wherever it was imported from.
_SOURCE = str(Path(flowbind.__path__[0]).parent)


class Worker:
    """One such program, started with an interpreter; it ends with its context."""

    def __init__(self, python: str | Path, program: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [python, PROGRAMS / program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": _SOURCE},
        )
        self._line()  # it is ready

    def cost(self, work: str, calls: int = 1, clock: str = "cpu") -> tuple[float, float]:
        """Return the seconds of one call, and by how many MB the calls raised the most memory that it ever had."""
        assert self._process.stdin
        print(json.dumps([work, calls, clock]), file=self._process.stdin, flush=True)
        seconds, more = json.loads(self._line())
        return seconds, more

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"{self._process.args} has ended"
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def seconds_in_turn(workers: Sequence[Worker], work: str, *, times: int, calls: int, clock: str = "cpu") -> list[float]:
    """Return the median seconds of a call by each worker, in turn; a first time warms up and is not counted."""
    found: list[list[float]] = [[] for _ in workers]
    for number in range(times + 1):
        for worker, measured in zip(workers, found, strict=True):
            seconds, _ = worker.cost(work, calls, clock)
            if number:
                measured.append(seconds)
    return [median(measured) for measured in found]
