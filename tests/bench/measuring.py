"""Medians of CPU time, of both sides of a row in turn, so that a busy machine slows both."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]


def in_turn(*functions: Callable[[], object], times: int = 200, calls: int = 20) -> list[float]:
    """Median CPU seconds of a call of each function."""
    found: list[list[float]] = [[] for _ in functions]
    for _ in range(times):
        for function, measured in zip(functions, found, strict=True):
            start = time.process_time()
            for _ in range(calls):
                function()
            measured.append((time.process_time() - start) / calls)
    return [median(measured) for measured in found]


def process_seconds(command: list[str], cwd: Path, code: int = 0) -> float:
    """CPU seconds of a process and its children, which has to end with an exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == code, command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
