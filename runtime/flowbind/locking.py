"""Locks among processes: of a folder, held by one at a time, gone with whoever holds it, and leaving no file behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":

    def lock(folder: Path) -> int | None:
        """Return a file that holds the lock, None where another process has it; Windows deletes it on closing."""
        try:
            return os.open(folder / ".flowbind.lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            return None

else:
    import fcntl

    def lock(folder: Path) -> int | None:
        """Return a descriptor that holds the lock, to be closed, None where another process or thread has it.

        Where the file system knows no locks, there is none.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            pass  # some network file systems lock no folders
        return descriptor
