"""What a fleet's servers have done, as plain data."""

from __future__ import annotations

from collections import Counter, defaultdict
from threading import Lock

from pydantic import BaseModel, ConfigDict, computed_field

from flowbind.fleet.told import Told
from flowbind.metrics import Metrics


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)


class WorkflowMetrics(_Plain):
    """What one server has done of one workflow, for one fleet."""

    runs: int = 0
    """The runs that gave a result."""
    failures: int = 0
    """Those that ended in an error."""
    seconds: float = 0.0
    """How long those with a result took, all together, from the moment that they were queued."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def seconds_per_run(self) -> float | None:
        """How long one took, on average; None before the first."""
        return self.seconds / self.runs if self.runs else None


class ServerMetrics(_Plain):
    """How one server of a fleet does, and what it has done; `model_dump_json` makes JSON of it."""

    url: str
    is_away: bool
    problem: str | None
    """Why it is away."""
    metrics: Metrics | None
    """What it tells of itself: None while it is away, and where it does not tell this account."""
    losses: int
    """Runs that went elsewhere because the server went away."""
    unfit: dict[str, str]
    """Why it is given no instance of a class, by the names of the classes."""
    workflows: dict[str, WorkflowMetrics]
    """What it has done, by the names of the classes."""


class Tally:
    """Counts what servers have done."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._done: defaultdict[str, dict[str, WorkflowMetrics]] = defaultdict(dict)
        self._losses: Counter[str] = Counter()

    def add(self, workflow: str, told: Told) -> None:
        """Count what was told of a run of a class."""
        with self._counting:
            if told.kind == "lost" and told.ticket:
                self._losses[told.url] += 1
            elif told.kind == "ended":
                before = self._done[told.url].get(workflow, WorkflowMetrics())
                self._done[told.url][workflow] = (
                    before.model_copy(update={"failures": before.failures + 1})
                    if told.is_failure
                    else before.model_copy(update={"runs": before.runs + 1, "seconds": before.seconds + told.seconds})
                )

    def losses(self, url: str) -> int:
        """Return how many runs a server has lost."""
        return self._losses[url]

    def done(self, url: str) -> dict[str, WorkflowMetrics]:
        """Return what a server has done, by the names of the classes."""
        with self._counting:
            return dict(self._done[url])
