"""What a fleet's servers have done, as plain data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flowbind.fleet.told import Told
from flowbind.metrics import Metrics


@dataclass(frozen=True)
class WorkflowMetrics:
    """What one server has done of one workflow, for one fleet."""

    runs: int = 0
    """The runs that gave a result."""
    failures: int = 0
    """Those that ended in an error."""
    seconds: float = 0.0
    """How long those with a result took, all together, from the moment that they were queued."""

    @property
    def seconds_per_run(self) -> float | None:
        """How long one took, on average; None before the first."""
        return self.seconds / self.runs if self.runs else None


@dataclass(frozen=True)
class ServerMetrics:
    """How one server of a fleet does, and what it has done."""

    url: str
    is_away: bool
    problem: str | None
    """Why it is away."""
    metrics: Metrics | None
    """What it tells of itself: None while it is away, and where it does not tell this account."""
    losses: int
    """Runs that went elsewhere because the server went away."""
    workflows: Mapping[str, WorkflowMetrics] = field(default_factory=dict[str, WorkflowMetrics])
    """What it has done, by the names of the classes."""


class Tally:
    """Counts what servers have done."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._done: defaultdict[str, dict[str, WorkflowMetrics]] = defaultdict(dict)
        self._losses: Counter[str] = Counter()

    def add(self, workflow: str, told: Told, outcome: Any) -> None:
        """Count what was told of a run of a class."""
        with self._counting:
            if told.kind == "lost" and told.ticket:
                self._losses[told.url] += 1
            elif told.kind == "ended":
                before = self._done[told.url].get(workflow, WorkflowMetrics())
                self._done[told.url][workflow] = (
                    WorkflowMetrics(before.runs, before.failures + 1, before.seconds)
                    if isinstance(outcome, Exception)
                    else WorkflowMetrics(before.runs + 1, before.failures, before.seconds + told.seconds)
                )

    def losses(self, url: str) -> int:
        """Return how many runs a server has lost."""
        return self._losses[url]

    def done(self, url: str) -> dict[str, WorkflowMetrics]:
        """Return what a server has done, by the names of the classes."""
        with self._counting:
            return dict(self._done[url])
