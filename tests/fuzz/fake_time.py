"""A clock that goes on when somebody rests, so that waits of minutes take no time."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import flowbind


class Clock:
    """What flowbind's modules take for `time`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the seconds of this clock; each look takes a moment, so that who only looks gets on."""
        self.now += 0.0001
        return self.now

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.now += max(seconds, 0.001)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


@contextmanager
def fake_time() -> Iterator[Clock]:
    """Give all of flowbind's modules a clock of their own."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        for found in pkgutil.walk_packages(flowbind.__path__, "flowbind."):
            module = importlib.import_module(found.name)
            if vars(module).get("time") is time:
                patch.setattr(module, "time", clock)
        yield clock
