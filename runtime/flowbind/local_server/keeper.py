"""Keeps one server for whoever starts it: runs its command, and ends it with all its children when the starter is gone.

A program of its own, run by the server's interpreter and without flowbind: it needs the standard library only, that
of Python 3.9, too.

    python keeper.py COMMAND...

Standard input is a pipe from the starter. At its end, however the starter came to its own, the server is ended. A line
in it is an order: "leave", upon which the keeper ends and the server goes on, or the seconds that the server has for
ending by itself. Standard output tells the server's process id, standard error is the server's log. The exit code is
that of the server; 128 more than a signal that ended it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

PATIENCE = 20.0
"""Seconds that a server has for ending by itself."""
ABRUPT = 5.0
"""Seconds that each of the less kind ways is given."""
PAUSE = 0.05
LEAVE = "leave"


def apart() -> dict[str, Any]:
    """Return what makes a process one that no terminal's Ctrl-C and no closed window reaches, with its children."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def end(pid: int, is_gone: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """End a process that was started `apart`, and all its children; tell whether it is gone.

    First as Ctrl-C does, so that it cleans up; what does not end by that is killed. Children that outlive it are
    killed, too.
    """
    for send, seconds in _ways(pid, patience):
        if is_gone():
            break
        send()
        deadline = time.monotonic() + seconds
        while not is_gone() and time.monotonic() < deadline:
            time.sleep(PAUSE)
    _kill(pid)
    return is_gone()


if sys.platform == "win32":

    def _ways(pid: int, patience: float) -> list[tuple[Callable[[], None], float]]:
        return [(lambda: _break(pid), patience), (lambda: _kill(pid), ABRUPT)]

    def _break(pid: int) -> None:
        try:
            os.kill(pid, signal.CTRL_BREAK_EVENT)
        except OSError:
            # Only those who share its console can send it.
            _kill(pid)

    def _kill(pid: int) -> None:
        subprocess.run(["taskkill", "/PID", str(pid), "/T", "/F"], capture_output=True, check=False)

else:

    def _ways(pid: int, patience: float) -> list[tuple[Callable[[], None], float]]:
        return [
            (lambda: _signal(pid, signal.SIGINT), patience),
            (lambda: _signal(pid, signal.SIGTERM), ABRUPT),
            (lambda: _kill(pid), ABRUPT),
        ]

    def _signal(pid: int, number: signal.Signals) -> None:
        # The group is empty; macOS says the second of one whose processes are all ending.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)

    def _kill(pid: int) -> None:
        _signal(pid, signal.SIGKILL)


def main(command: list[str]) -> int:
    """Run a server until it ends, or is to be ended, or left."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # Set, not inherited: a shell's `&` makes its programs ignore SIGINT, and they hand that on to theirs.
        signal.signal(number, _exit_in_order)
    starter = os.getppid()
    try:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, **apart())
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    orders: list[str] = []
    try:
        print(server.pid, flush=True)
        # An order is short, so one read has all of it.
        listening = threading.Thread(target=lambda: orders.append(os.read(0, 100).decode().strip()), daemon=True)
        listening.start()
        # The pipe stays open where a forked child of the starter's holds it, too; then its parent tells.
        while server.poll() is None and listening.is_alive() and os.getppid() == starter:
            time.sleep(PAUSE)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        order = orders[0] if orders else ""
        if order != LEAVE:
            end(server.pid, lambda: server.poll() is not None, float(order or PATIENCE))
    if order == LEAVE:
        # Not waiting for it: it is nobody's child from now on.
        os._exit(0)
    return server.returncode if server.returncode >= 0 else 128 - server.returncode


def _exit_in_order(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
