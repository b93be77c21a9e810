"""`flowbind run`: submitted, shown on its way, saved, with the client of whichever family."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from flowbind.errors import BatchFailed, DriftError, FlowbindError, InputError, RunError
from flowbind.events import Event, Failed, Finished
from flowbind.outcomes import all_results
from flowbind.outside import printable
from flowbind.result import Result
from flowbind.workflow import Workflow
from flowbind_generator.progress_line import ProgressLine
from flowbind_generator.saved_outputs import Saved, as_json, lines, saved

_INTERRUPTED = 130


class Server(Protocol):
    """A client of a server."""

    def submit(self, workflow: Any) -> Any:
        """Queue a run, or those of a batch, and return the job; that of a batch has a length."""
        ...


class _Job(Protocol):
    """What is followed."""

    workflow: type[Workflow[Any]]

    def events(self, timeout: float | None = None) -> Iterator[Event[Any]]: ...
    def cancel(self) -> str: ...


def run_and_save(
    workflow: Workflow[Any],
    connect: Callable[[], AbstractContextManager[Server]],
    *,
    out: Path,
    timeout: float | None,
    form: str,
    ids: Sequence[str],
) -> int:
    """Run a workflow, save its outputs, print the paths; return the exit code.

    `ids` are the attributes of a result that tell in JSON which run it was. Where some runs of a batch fail, the
    others are saved all the same; so are the other files, where one cannot be.
    """
    try:
        with _told_warnings(), connect() as server:
            job = server.submit(workflow)
            outcomes = _followed(job, timeout)
            failure = _failure(job, outcomes)
            made = [saved(o, out) if isinstance(o, Result) else Saved() for o in outcomes]
    except RunError as error:
        return _ended(1, str(error))
    except (DriftError, InputError) as error:
        # A line for each finding, or for each value.
        return _ended(2, *str(error).splitlines())
    except (FlowbindError, ValueError) as error:
        return _ended(2, str(error))
    except OSError as error:
        return _ended(2, f"The outputs cannot be saved: {error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    problems = [problem for one in made for problem in one.problems]
    if form == "json":
        runs = [as_json(outcome, one.outputs, ids) for outcome, one in zip(outcomes, made, strict=True)]
        click.echo(json.dumps({"runs": runs} if isinstance(job, Sized) else runs[0], indent=2))
    else:
        shown = [line for one in made for line in lines(one.outputs)]
        for line in shown:
            click.echo(line)
        if not shown and not failure:
            click.echo("The run has ended; it left nothing to save.", err=True)
    return _ended(2 if problems else 1 if failure else 0, *failure, *problems)


def _ended(code: int, *said: str) -> int:
    """Say what went wrong, and return the exit code."""
    for line in said:
        click.secho(printable(line), fg="red", err=True)
    return code


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Print what the client warns of as the command says everything else."""
    with warnings.catch_warnings():
        # Others are for those who write programs.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *_, **__: click.secho(printable(str(message)), fg="yellow", err=True)
        yield


def _followed(job: _Job, timeout: float | None) -> list[Result[Any] | RunError]:
    """Wait for a run, or those of a batch, and return what became of each in order; Ctrl-C cancels them."""
    outcomes: dict[int, Result[Any] | RunError] = {}
    try:
        with ProgressLine(job.workflow.__name__, len(job) if isinstance(job, Sized) else 1) as line:
            for event in job.events(timeout):
                line.show(event)
                if isinstance(event, Finished | Failed):
                    outcomes[event.run] = event.result if isinstance(event, Finished) else event.error
    except KeyboardInterrupt:
        _cancel(job)
        raise
    return [outcomes[run] for run in sorted(outcomes)]


def _cancel(job: _Job) -> None:
    try:
        status = job.cancel()
    except FlowbindError as error:
        _ended(_INTERRUPTED, f"{job!r} could not be canceled: {error}")
        return
    became = "Too late to cancel" if status == "completed" else "Canceled"
    click.echo(f"{became}: {job!r}" + ("; it ends at its next step." if status == "in_progress" else ""), err=True)


def _failure(job: _Job, outcomes: Sequence[Result[Any] | RunError]) -> list[str]:
    """Return what is said of a batch of which some runs did not end well; raises the `RunError` of a single run."""
    if not isinstance(job, Sized):
        for outcome in outcomes:
            if isinstance(outcome, RunError):
                raise outcome
    try:
        all_results(job.workflow, outcomes)
    except BatchFailed as error:
        return [str(error)]
    return []
