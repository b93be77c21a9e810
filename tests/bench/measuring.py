"""Medians of CPU time, of both sides of a row in turn, so that a busy machine slows both."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
# What is set for whoever measures is not what users have: without bytecode a start costs twice as much, and what counts
# the lines that run, several times.
USUAL = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
_share: ContextVar[float] = ContextVar("share", default=1)


@contextmanager
def few() -> Iterator[None]:
    """Repeat everything a tenth as often meanwhile: for tests, which try again before they say that it is slow."""
    token = _share.set(0.1)
    yield
    _share.reset(token)


def repetitions(times: int) -> range:
    """Return as many repetitions as are wanted now."""
    return range(min(times, max(5, round(times * _share.get()))))


def in_turn(*functions: Callable[[], object], times: int = 200, calls: int = 20) -> list[float]:
    """Median CPU seconds of a call of each function."""
    found: list[list[float]] = [[] for _ in functions]
    for _ in repetitions(times):
        for function, measured in zip(functions, found, strict=True):
            start = time.process_time()
            for _ in range(calls):
                function()
            measured.append((time.process_time() - start) / calls)
    return [median(measured) for measured in found]


# Prints the CPU seconds that a statement costs after another one; startup of the interpreter is not in it.
_IMPORT = """
import time
{before}
start = time.process_time()
{timed}
print(time.process_time() - start)
"""


def import_seconds(before: str, timed: str) -> float:
    """Run a statement in a fresh interpreter."""
    code = _IMPORT.format(before=before, timed=timed)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=USUAL, capture_output=True, text=True, check=True)
    return float(done.stdout)
