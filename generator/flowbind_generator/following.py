"""Following runs on one server: each as it ends, on a line of the terminal meanwhile; Ctrl-C cancels the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import click

from flowbind.errors import BatchFailed, FlowbindError
from flowbind.events import Event, Failed, Finished
from flowbind.outside import printable
from flowbind.result import Result
from flowbind_generator.progress_line import ProgressLine
from flowbind_generator.running import Asked

if TYPE_CHECKING:
    from flowbind.drift_check import CheckMode
    from flowbind_generator.engines import Engine

Outcome = Result[Any] | FlowbindError


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its number among all, from 1, which of the instances it was of, and what became of it."""

    number: int
    place: int
    outcome: Outcome

    @property
    def made(self) -> Result[Any] | None:
        """The result, or that of the nodes that had finished; None where there is neither."""
        return self.outcome if isinstance(self.outcome, Result) else getattr(self.outcome, "partial", None)


Runs = AbstractContextManager[Iterator[Ended]]
"""Runs to be: entered, they begin, and are told as they end; an interrupt that leaves it cancels the rest."""


class Job(Protocol):
    """Something submitted."""

    def cancel(self) -> str:
        """Cancel what has not ended; return the status of all together."""
        ...


class OneJob(Job, Protocol):
    """The run of an instance, or the runs of its batch, which has a length."""

    def events(self, timeout: float | None = None) -> Iterator[Event[Any]]:
        """Yield what happens."""
        ...


@contextmanager
def on_server(
    asked: Asked, engine: Engine, url: str, check: CheckMode, timeout: float | None
) -> Generator[Iterator[Ended]]:
    """Run instances on one server, waiting for at most `timeout` seconds; raises what its client raises."""
    with engine.connect(url, check) as server:
        job: Any
        if asked.swept:
            job = server.submit_many(asked.instances, at_once=False)
            runs = runs_of_many(asked, job.results(timeout))
        else:
            job = server.submit(asked.instances[0])
            runs = _runs_of_one(asked, job, timeout)
        try:
            with closing(runs):
                yield runs
        except KeyboardInterrupt:
            _cancel(job)
            raise


def _runs_of_one(asked: Asked, job: OneJob, timeout: float | None) -> Generator[Ended, None, None]:
    """Yield the runs of one instance as they end, those of a batch in any order."""
    runs = len(job) if isinstance(job, Sized) else 1
    with ProgressLine(asked.workflow.__name__, runs) as line:
        for event in job.events(timeout):
            line.show(event)
            if isinstance(event, Finished | Failed):
                yield Ended(event.run, 0, event.result if isinstance(event, Finished) else event.error)


def runs_of_many(asked: Asked, outcomes: Iterable[Any]) -> Generator[Ended, None, None]:
    """Yield the runs of many instances in their order, as they end, from the outcome of each: one, or a list."""
    number = 0
    with ProgressLine(asked.workflow.__name__, len(asked.instances), doing="") as line:
        for place, outcome in enumerate(outcomes):
            line.count()
            for one in _each(outcome):
                number += 1
                yield Ended(number, place, one)


def _each(outcome: Any) -> Sequence[Any]:
    """Return the outcomes of the runs of one instance, which may be a batch."""
    if isinstance(outcome, BatchFailed):
        return outcome.outcomes
    return outcome if isinstance(outcome, list) else [outcome]


def _cancel(job: Job) -> None:
    """Cancel what has not ended, and say so."""
    try:
        status = job.cancel()
    except FlowbindError as error:
        click.secho(printable(f"{job!r} could not be canceled: {error}"), fg="red", err=True)
        return
    became = "Too late to cancel" if status == "completed" else "Canceled"
    click.echo(f"{became}: {job!r}" + ("; it ends at its next step." if status == "in_progress" else ""), err=True)
