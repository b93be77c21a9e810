"""What runs on this machine, as tests look at it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something, and fail where it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def processes_of(folder: Path) -> list[str]:
    """Return the processes that name a folder in their command line: servers, keepers, children."""
    asked = subprocess.run(["ps", "-ww", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line for line in asked.splitlines() if str(folder) in line]
    return [line for line in lines if not line.split()[1].startswith("Z") and "ps -ww" not in line]
