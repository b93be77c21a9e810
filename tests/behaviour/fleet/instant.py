"""A client of no server: each run ends well when it is waited for, after a while where that is wanted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from flowbind.metrics import Metrics
from flowbind.result import NodeOutputs, Result

from ..both_families.collage import Collage, CollageOutputs

_numbers = count()


def nothing(_: str) -> NodeOutputs:
    """Find what a node gave: nothing."""
    return NodeOutputs()


@dataclass
class InstantJob:
    """A run."""

    item_id: int
    name: str
    seconds: float

    def wait(self, timeout: float | None = None) -> Result[CollageOutputs]:
        """Return its result."""
        del timeout
        time.sleep(self.seconds)
        return Result(CollageOutputs(picture=[]), self.item_id, {"name": self.name}, {}, nothing)

    def cancel(self) -> None:
        """Do nothing: it has ended."""


@dataclass
class InstantServer:
    """The client."""

    url: str
    seconds: float = 0.0

    def submit(self, workflow: Collage) -> InstantJob:
        """Queue a run."""
        return InstantJob(next(_numbers), workflow.name, self.seconds)

    def is_alive(self) -> bool:
        """Tell that it is there."""
        return True

    def metrics(self) -> Metrics:
        """Tell that there is nothing to do."""
        return Metrics(queue_depth=0)

    def close(self) -> None:
        """Close nothing."""


def unhurried(url: str) -> Any:
    """Return a client whose runs take a while."""
    return InstantServer(url, 0.1)
