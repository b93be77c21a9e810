"""What a fleet and its workers tell each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flowbind.errors import BatchFailed, RunError, RunFailed
from flowbind.fleet.packing import Packed
from flowbind.fleet.ticket import Ticket
from flowbind.metrics import Metrics
from flowbind.result import Result
from flowbind.workflow import Workflow

Connect = Callable[[str], Any]
"""Makes a client of the server at an address."""


@dataclass(frozen=True)
class Post:
    """Which server a worker is to serve, and how."""

    fleet: str
    url: str
    connect: Connect
    patience: float
    """Seconds for which the server may be away while a run goes on there."""
    stays_here: bool
    """Whether the worker is in the process of the fleet, so that it lives as long."""


@dataclass(frozen=True)
class Work:
    """One instance to run; `sweep` is what it belongs to, `key` its own name there, however often it is handed out."""

    key: str
    sweep: str
    workflow: Workflow[Any]
    tickets: Mapping[str, Ticket]
    """What servers call it that were away when they had it, by their addresses."""


@dataclass(frozen=True)
class Told:
    """What became of a piece of work.

    It has "ended", with a result or an error as its outcome; or it was "unfit", so that nothing was queued, because of
    this instance or of its whole class; or it was "lost": the server is away, and may have it under a ticket.
    """

    kind: Literal["ended", "unfit", "lost"]
    url: str
    outcome: Packed
    is_failure: bool
    seconds: float = 0.0
    ticket: Ticket | None = None
    of_class: bool = False


def ran_on(url: str, outcome: Any) -> Any:
    """Return the outcome of an instance, and of each run of a batch, with the server that has run it."""
    if isinstance(outcome, list):
        return [ran_on(url, one) for one in outcome]
    if isinstance(outcome, Result):
        return replace(outcome, server=url)
    if isinstance(outcome, BatchFailed):
        outcome.outcomes = tuple(ran_on(url, one) for one in outcome.outcomes)
    if isinstance(outcome, RunFailed) and outcome.partial:
        outcome.partial = replace(outcome.partial, server=url)
    if isinstance(outcome, RunError):
        outcome.server = url
        outcome.add_note(f"It ran on {url}.")
    return outcome


@dataclass(frozen=True)
class State:
    """How a worker finds its server; `problem` says why it is away, and is None where it is not."""

    url: str
    problem: str | None
    metrics: Metrics | None
