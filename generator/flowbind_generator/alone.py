"""One command at a time writes into a project: a lock that ends with its process, and leaves no file behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flowbind_generator.diagnostics import Refused, Report

PATIENCE = 60.0
"""Seconds for which a command waits for another one."""
_PAUSE = 0.05


@contextmanager
def alone(root: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the project of a folder; waits for another command, telling so. Raises `Refused` where that does not end.

    Where the file system knows no locks, there is none.
    """
    lock = _lock(root)
    end = time.monotonic() + PATIENCE
    while lock is None:
        if end <= time.monotonic():
            report = Report(str(root))
            report.error("FB509", "Another command is writing here, or holds the folder.", "Run it again later.")
            raise Refused(report)
        if tell is not _nothing:
            tell("Another flowbind is writing here: waiting for it.")
            tell = _nothing
        time.sleep(_PAUSE)
        lock = _lock(root)
    try:
        yield
    finally:
        os.close(lock)


def _nothing(_text: str) -> None:
    pass


if sys.platform == "win32":

    def _lock(root: Path) -> int | None:
        """Return a file that holds the lock, None where another process has it; Windows deletes it on closing."""
        try:
            return os.open(root / ".flowbind.lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            return None

else:
    import fcntl

    def _lock(root: Path) -> int | None:
        """Return a descriptor of the folder that holds the lock, None where another process has it."""
        folder = os.open(root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(folder)
            return None
        except OSError:
            pass  # some network file systems lock no folders
        return folder
