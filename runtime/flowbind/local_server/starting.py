"""Starts the process of a server, with a keeper beside it, and waits until it answers."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from flowbind.errors import LocalServerError, PortTaken, ServerDied, StartTimeout
from flowbind.local_server import keeper
from flowbind.local_server.installed import Answering, Installed, Place, answering
from flowbind.local_server.log import Log
from flowbind.local_server.ports import asked_at, listens, says_taken

SHOWN = 20
"""Lines of the log that an error shows."""
_SEARCHED = 500
_PAUSE = 0.1


class Kept:
    """A server's process, seen from the program that started it."""

    def __init__(
        self, python: Path, command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Log
    ) -> None:
        self.log = log
        with log.file.open("ab") as written:
            try:
                self._keeper = subprocess.Popen(
                    [str(python), "-I", "-S", keeper.__file__, *command],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=written,
                    cwd=folder,
                    env=environment,
                    **keeper.apart(),
                )
            except OSError as error:
                raise LocalServerError(f"{python} cannot be run: {error.strerror or error}.") from None
        assert self._keeper.stdout is not None
        try:
            told = self._keeper.stdout.readline()
        except BaseException:
            self.end()
            raise
        finally:
            self._keeper.stdout.close()
        if not told.strip().isdigit():
            self.end()
            raise LocalServerError(f"{python} does not start it.", log.last_lines(SHOWN))
        self.pid = int(told)

    def exit_code(self) -> int | None:
        """Return what the server has ended with, None while it runs."""
        return self._keeper.poll()

    def leave(self) -> None:
        """Let the server go on when this program ends."""
        self._order(keeper.LEAVE)

    def end(self, patience: float = keeper.PATIENCE) -> None:
        """End the server with all its children."""
        self._order(str(patience))

    def _order(self, order: str) -> None:
        pipe = self._keeper.stdin
        assert pipe is not None
        if not pipe.closed:
            try:
                pipe.write(order.encode())
                pipe.close()
            except OSError:
                pass  # it has ended
        self._keeper.wait()


def until_it_answers(kept: Kept, installed: Installed, place: Place, timeout: float) -> Answering:
    """Return who answers when the server does.

    Raises `PortTaken` where another program has its port meanwhile, `ServerDied` and `StartTimeout`.
    """
    deadline = time.monotonic() + timeout
    at = f"{asked_at(place.host)}:{place.port}"
    while True:
        code = kept.exit_code()
        # Of a server that takes another port then, which it says long before it is ready.
        lines = kept.log.last_lines(_SEARCHED)
        if says_taken("\n".join(lines), place.port):
            raise _taken(place)
        if code is not None:
            raise ServerDied(
                f"{installed.TITLE} has ended while it started ({_words(code)}); it ran under {installed.python}.",
                lines[-SHOWN:],
                exit_code=code,
            )
        found = answering(type(installed), at)
        if found is not None:
            # Another server may answer there, while this one still gets ready to fail.
            if listens(kept.pid, place.port) is False:
                raise _taken(place)
            return found
        if time.monotonic() > deadline:
            raise StartTimeout(
                f"{installed.TITLE} has not answered at {at} within {timeout:g} s, and was stopped. "
                "Give it more time with timeout, or see what it waits for.",
                lines[-SHOWN:],
            )
        time.sleep(_PAUSE)


def _taken(place: Place) -> PortTaken:
    return PortTaken(
        f"Another program has taken port {place.port} meanwhile. Choose another one; without any, a free one is taken."
    )


def _words(code: int) -> str:
    if code <= 128:
        return f"exit code {code}"
    try:
        name = signal.Signals(code - 128).name
    except ValueError:
        return f"exit code {code}"
    return f"by {name}" + (": the system ends what wants more memory than there is" if name == "SIGKILL" else "")
