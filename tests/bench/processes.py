"""What a whole process costs, with all that it starts: CPU and wall seconds, and the memory of them together."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measuring import USUAL

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """What processes have cost; MB are known where they were watched, on Linux."""

    cpu: float
    wall: float
    memory: float = 0.0


def cost(command: Sequence[Any], cwd: Path, *, codes: Sequence[int] = (0,), watched: bool = False) -> Cost:
    """Run a process, which has to end with one of the exit codes.

    A process that is watched has its memory looked at all along, which takes CPU time from it.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    memory = 0.0
    with subprocess.Popen(command, cwd=cwd, env=USUAL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while watched and process.poll() is None:
            memory = max(memory, _memory(process.pid))
            time.sleep(0.005)
    wall = time.perf_counter() - start
    assert process.returncode in codes, (command, process.returncode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, memory)


def medians(costs: Sequence[Cost]) -> Cost:
    """Return the medians of several costs."""
    return Cost(*(median(getattr(one, name) for one in costs) for name in ("cpu", "wall", "memory")))


def _memory(pid: int, above: str = "") -> float:
    """Return the MB that a process and all below it have now."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0  # it has just ended
    # A process that is just being started still has the memory of the one above it, not a second one.
    if pages == above or not pages.strip():
        return 0.0
    return int(pages.split()[1]) * _PAGE / 1e6 + sum(_memory(int(child), pages) for child in below)
