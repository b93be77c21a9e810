"""One command at a time writes into a project: a lock that ends with its process, and leaves no file behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flowbind.locking import lock
from flowbind_generator.diagnostics import Refused, Report

PATIENCE = 60.0
"""Seconds for which a command waits for another one."""
_PAUSE = 0.05


@contextmanager
def alone(root: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the project of a folder; waits for another command, telling so. Raises `Refused` where that does not end.

    Where the file system knows no locks, there is none.
    """
    held = lock(root)
    end = time.monotonic() + PATIENCE
    while held is None:
        if end <= time.monotonic():
            report = Report(str(root))
            report.error("FB509", "Another command is writing here, or holds the folder.", "Run it again later.")
            raise Refused(report)
        if tell is not _nothing:
            tell("Another flowbind is writing here: waiting for it.")
            tell = _nothing
        time.sleep(_PAUSE)
        held = lock(root)
    try:
        yield
    finally:
        os.close(held)


def _nothing(_text: str) -> None:
    pass
