"""A terminal for a program that is tested: what it shows there, and keys that are pressed."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Terminal:
    """A program, with a terminal of its own for standard error."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        self.shown = b""
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            env={**environment, "TERM": "xterm"},
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            start_new_session=True,
            # Without a controlling terminal Ctrl-C would be a letter.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  no thread runs here
        )
        os.close(slave)

    def press_ctrl_c(self) -> None:
        """Press Ctrl-C."""
        os.write(self.master, b"\x03")

    def read_until(self, text: bytes, seconds: float = 30) -> None:
        """Read what is shown until a text appears."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            self._read(0.1)

    def end(self) -> tuple[int, bytes]:
        """Wait for the end; return exit code and standard output."""
        output, _ = self.process.communicate(timeout=30)
        while self._read(0):
            pass
        os.close(self.master)
        return self.process.returncode, output

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.master, 4096)
        except OSError:  # Linux says so when the last writer has gone
            return False
        self.shown += found
        return bool(found)
