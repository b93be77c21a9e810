"""Files from outside, read within bounds: whatever bears the name of a file, reading it ends."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 64 << 20
"""The most that an export or a server's document may have; those of people have a hundredth of it."""
MOST_OWN_BYTES = 512 << 20
"""The most that a file of flowbind's own may have: a manifest of ten thousand workflows has half of it."""


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file; raises `OSError` for what is no file, has more than `most`, or cannot be read."""
    try:
        with open(path, "rb", buffering=0, opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file", str(path))
            # One byte more tells a file that grows meanwhile.
            data = file.read(min(found.st_size, most) + 1)
    except OSError as error:
        if error.filename is None:  # reading an open file names none
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most >> 20} MiB", str(path))
    return data


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, the usual way would wait for somebody who writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
