"""Files from outside, read within bounds: whatever bears the name of a file, reading it ends."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from flowbind.regular_files import open_regular

MOST_BYTES = 64 << 20
"""The most that an export or a server's document may have; those of people have a hundredth of it."""
MOST_OWN_BYTES = 512 << 20
"""The most that a file of flowbind's own may have: a manifest of ten thousand workflows has half of it."""


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file; raises `OSError` for what is no file, has more than `most`, or cannot be read."""
    try:
        with open_regular(path) as file:
            # One byte more tells a file that grows meanwhile.
            data = file.read(min(os.fstat(file.fileno()).st_size, most) + 1)
    except OSError as error:
        if error.filename is None:  # reading an open file names none
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most >> 20} MiB", str(path))
    return data
