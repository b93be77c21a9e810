"""Following what was submitted: each run as it ends, on a line of the terminal meanwhile; Ctrl-C cancels the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol

import click

from flowbind.errors import BatchFailed, FlowbindError, RunError
from flowbind.events import Event, Failed, Finished
from flowbind.outside import printable
from flowbind.result import Result
from flowbind.workflow import Workflow
from flowbind_generator.progress_line import ProgressLine

Outcome = Result[Any] | RunError


class Job(Protocol):
    """Something submitted; what has several runs has a length."""

    workflow: type[Workflow[Any]]

    def cancel(self) -> str:
        """Cancel what has not ended; return the status of all together."""
        ...


class OneJob(Job, Protocol):
    """The run of an instance, or the runs of its batch."""

    def events(self, timeout: float | None = None) -> Iterator[Event[Any]]:
        """Yield what happens."""
        ...


class ManyJob(Job, Sized, Protocol):
    """The runs of many instances."""

    def results(self, timeout: float | None = None) -> Iterator[Any]:
        """Yield the outcome of each instance: one, or a list."""
        ...


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its number among all, from 1, which of the instances it was of, and what became of it."""

    number: int
    place: int
    outcome: Outcome


def runs_of_one(job: OneJob, timeout: float | None) -> Generator[Ended, None, None]:
    """Yield the runs of one instance as they end, those of a batch in any order."""
    runs = len(job) if isinstance(job, Sized) else 1
    with ProgressLine(job.workflow.__name__, runs) as line:
        for event in job.events(timeout):
            line.show(event)
            if isinstance(event, Finished | Failed):
                yield Ended(event.run, 0, event.result if isinstance(event, Finished) else event.error)


def runs_of_many(job: ManyJob, timeout: float | None) -> Generator[Ended, None, None]:
    """Yield the runs of many instances in their order, as they end."""
    number = 0
    with ProgressLine(job.workflow.__name__, len(job), doing="") as line:
        for place, outcome in enumerate(job.results(timeout)):
            line.count()
            for one in _each(outcome):
                number += 1
                yield Ended(number, place, one)


def _each(outcome: Any) -> Sequence[Any]:
    """Return the outcomes of the runs of one instance, which may be a batch."""
    if isinstance(outcome, BatchFailed):
        return outcome.outcomes
    return outcome if isinstance(outcome, list) else [outcome]


def cancel(job: Job) -> None:
    """Cancel what has not ended, and say so."""
    try:
        status = job.cancel()
    except FlowbindError as error:
        click.secho(printable(f"{job!r} could not be canceled: {error}"), fg="red", err=True)
        return
    became = "Too late to cancel" if status == "completed" else "Canceled"
    click.echo(f"{became}: {job!r}" + ("; it ends at its next step." if status == "in_progress" else ""), err=True)
