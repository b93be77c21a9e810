"""`flowbind run` on an InvokeAI: submitted, shown on its way, saved."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowbind.drift_check import CheckMode
from flowbind.errors import BatchFailed, DriftError, FlowbindError, InputError, RunError
from flowbind.events import Failed, Finished
from flowbind.invokeai import BatchJob, Image, InvokeAI, Job, Result, Video
from flowbind.invokeai.fields import plain
from flowbind.invokeai.runs.outcome import all_results
from flowbind.outside import printable
from flowbind.workflow import Workflow
from flowbind_generator.progress_line import ProgressLine

_INTERRUPTED = 130


def run_and_save(
    workflow: Workflow[Any], *, url: str, out: Path, timeout: float | None, form: str, check: CheckMode
) -> int:
    """Run a workflow, save its outputs, print the paths; return the exit code.

    Where some runs of a batch fail, the others are saved all the same.
    """
    failed: BatchFailed | None = None
    waited: Any
    try:
        with _told_warnings(), InvokeAI.from_env(url=url, check=check) as server:
            job = server.submit(workflow)
            try:
                waited = _wait(job, timeout)
            except BatchFailed as error:
                failed, waited = error, list(error.outcomes)
            outcomes = waited if isinstance(waited, list) else [waited]
            saved = [_save(o, out) if isinstance(o, Result) else {} for o in outcomes]
    except RunError as error:
        click.secho(printable(str(error)), fg="red", err=True)
        return 1
    except (DriftError, InputError) as error:
        # A line for each finding, or for each value.
        for line in str(error).splitlines():
            click.secho(printable(line), fg="red", err=True)
        return 2
    except (FlowbindError, ValueError) as error:
        click.secho(printable(str(error)), fg="red", err=True)
        return 2
    except OSError as error:
        click.secho(f"The outputs cannot be saved: {printable(str(error))}", fg="red", err=True)
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    if failed:
        click.secho(printable(str(failed)), fg="red", err=True)
    if form == "json":
        runs = [_as_json(outcome, own) for outcome, own in zip(outcomes, saved, strict=True)]
        click.echo(json.dumps({"runs": runs} if isinstance(waited, list) else runs[0], indent=2))
    else:
        lines = [line for own in saved for name, value in own.items() for line in _lines(name, value)]
        for line in lines:
            click.echo(line)
        if not lines and not failed:
            click.echo("The run has ended; it saved no picture.", err=True)
    return 1 if failed else 0


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Print what the client warns of as the command says everything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: click.secho(printable(str(message)), fg="yellow", err=True)
        yield


def _lines(name: str, value: Any) -> list[str]:
    """Return an output as lines of text: the paths of files, or its name and value."""
    if isinstance(value, list) and all(isinstance(item, Path) for item in value):
        return [str(path) for path in value]
    return [f"{name}: {printable(json.dumps(plain(value), ensure_ascii=False, default=_name))}"]


def _name(value: Any) -> Any:
    """Return what JSON has for a picture or file among values."""
    return str(value) if isinstance(value, Path) else value.name


def _as_json(result: Result[Any] | RunError, saved: dict[str, Any]) -> dict[str, Any]:
    if isinstance(result, RunError):
        return {"item_id": result.item_id, "error": str(result)}
    varied, outputs = (
        json.loads(json.dumps({name: plain(value) for name, value in values.items()}, default=_name))
        for values in (result.varied, saved)
    )
    return {"item_id": result.item_id, "batch_id": result.batch_id, "varied": varied, "outputs": outputs}


def _wait(job: Job[Any] | BatchJob[Any], timeout: float | None) -> Result[Any] | list[Result[Any]]:
    """Wait for a run, or those of a batch; Ctrl-C cancels them."""
    outcomes: dict[int, Result[Any] | RunError] = {}
    try:
        with ProgressLine(job.workflow.__name__, len(job) if isinstance(job, BatchJob) else 1) as line:
            for event in job.events(timeout):
                line.show(event)
                if isinstance(event, Finished | Failed):
                    outcomes[event.run] = event.result if isinstance(event, Finished) else event.error
    except KeyboardInterrupt:
        job.cancel()
        click.echo(f"Canceled: {job!r}", err=True)
        raise
    if isinstance(job, BatchJob):
        return all_results(job.workflow, [outcomes[run] for run in sorted(outcomes)])
    (outcome,) = outcomes.values()
    if isinstance(outcome, RunError):
        raise outcome
    return outcome


def _save(result: Result[Any], out: Path) -> dict[str, Any]:
    """Save the pictures and videos of a result; return the paths, and the other outputs as they are."""
    saved: dict[str, Any] = {}
    for name, value in vars(result.outputs).items():
        made = value if isinstance(value, list) else [value]
        if not any(isinstance(item, Image | Video) for item in made):
            saved[name] = value
            continue
        out.mkdir(parents=True, exist_ok=True)
        saved[name] = [item.save(out) if isinstance(item, Image | Video) else item for item in made]
    return saved
