"""A disk that fails, or a process that dies, at a chosen one of the steps by which files are written."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Act = Callable[[str | None], None]
KILLED = 9


class Steps:
    """Counts what is done to files in a folder; from the step `first` on, `act` comes before it.

    Where a file is written, a half of it is written first.
    """

    def __init__(self, folder: Path, first: int, act: Act, *, lasting: bool = False) -> None:
        self.done = 0
        self._folder = str(folder)
        self._first, self._act, self._lasting = first, act, lasting

    def step(self, path: Any, *, writing: bool = False) -> None:
        """Count a step; acts where it is the chosen one. An error of writing does not name the file."""
        if not os.fspath(path).startswith(self._folder):
            return
        self.done += 1
        if self.done == self._first or (self._lasting and self.done > self._first):
            self._act(None if writing else os.fspath(path))

    def calling(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of `os` as a step."""

        def stepping(path: Any, *more: Any, **named: Any) -> Any:
            self.step(path)
            return function(path, *more, **named)

        return stepping

    def opening(self, file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        """Open a file: a step where it is written, and so is the writing."""
        if mode != "wb" or not os.fspath(file).startswith(self._folder):
            return _open(file, mode, *more, **named)
        self.step(file)
        return _Writing(os.fspath(file), self)


_open = io.open


class _Writing(io.FileIO):
    def __init__(self, path: str, steps: Steps) -> None:
        super().__init__(path, "w")
        self._steps = steps

    def write(self, data: Any) -> int:
        whole = bytes(data)
        super().write(whole[: len(whole) // 2])
        self._steps.step(self.name, writing=True)
        super().write(whole[len(whole) // 2 :])
        return len(whole)


@contextmanager
def failing(folder: Path, first: int, act: Act, *, lasting: bool = False) -> Iterator[Steps]:
    """Count the steps of what is done inside; at the chosen one, `act`."""
    steps = Steps(folder, first, act, lasting=lasting)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "unlink", "mkdir", "rmdir", "fsync", "link", "rename"):
            patch.setattr(os, name, steps.calling(getattr(os, name)))
        patch.setattr(io, "open", steps.opening)
        yield steps


def killed(folder: Path, first: int, work: Callable[[], object]) -> bool:
    """Do work in a process of its own that dies at the chosen step; tell whether it came to that."""
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED), code
        return code == KILLED
    try:
        with failing(folder, first, lambda _: os._exit(KILLED)):
            work()
        os._exit(0)
    finally:
        os._exit(1)


def refusing(number: int) -> Act:
    """Return what a step comes to on a disk that refuses it, by `errno`."""

    def refuse(path: str | None) -> None:
        raise OSError(number, os.strerror(number), path)

    return refuse
