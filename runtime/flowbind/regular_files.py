"""Files from outside, opened to be read: whatever bears the name of a file, opening it ends."""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path


def open_regular(path: str | Path) -> FileIO:
    """Open a file without a buffer; raises `OSError`, with the file's name, for what is no file or cannot be read."""
    file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115  who asked for it closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, the usual way would wait for somebody who writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
