"""`flowbind run`: submitted, saved as runs end, told and laid out, with the client of whichever family."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sized
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from flowbind.errors import DriftError, FlowbindError, InputError, RunError
from flowbind.outcomes import said_of
from flowbind.outside import printable
from flowbind.result import Result
from flowbind_generator.following import Ended, Job, cancel, runs_of_many, runs_of_one
from flowbind_generator.running import Asked
from flowbind_generator.saved_outputs import Saved, as_json, lines, saved

if TYPE_CHECKING:
    from flowbind.drift_check import CheckMode
    from flowbind_generator.engines import Engine, Server

_INTERRUPTED = 130


@dataclass(frozen=True)
class Wishes:
    """Where the outputs go and the sheet, how long runs are waited for in seconds, and how they are told."""

    out: Path
    sheet: Path | None
    timeout: float | None
    form: str


@dataclass(frozen=True)
class _Run:
    """A run that has ended, as it is told; where it failed, `error` says why."""

    place: int
    ids: Mapping[str, Any]
    varied: Mapping[str, Any]
    made: Saved = field(default_factory=Saved)
    error: str = ""


@dataclass
class _Told:
    """All that is told at the end: the runs that have ended by their numbers, what went wrong, and the exit code."""

    runs: dict[int, _Run] = field(default_factory=dict[int, _Run])
    are_several: bool = False
    code: int = 0
    said: list[str] = field(default_factory=list[str])
    sheet: Path | None = None

    def wrong(self, code: int, *said: str) -> None:
        """Note what went wrong; of several exit codes the largest counts."""
        self.code = max(self.code, code)
        self.said += said

    def in_order(self) -> list[_Run]:
        """Return the runs in their order."""
        return [self.runs[number] for number in sorted(self.runs)]


def run_and_save(asked: Asked, engine: Engine, url: str, check: CheckMode, wishes: Wishes) -> int:
    """Run instances, save their outputs as each run ends, print the paths; return the exit code.

    Where some runs fail, the others are saved all the same; so are the other files, where one cannot be. Whatever ends
    the command, what was saved by then is told.
    """
    told = _Told()
    try:
        _carry_out(told, asked, engine, url, check, wishes)
        _look_for_failures(told, asked)
        if wishes.sheet and told.code != _INTERRUPTED and _listed(told):
            _lay_out(told, asked, wishes.sheet)
    except KeyboardInterrupt:
        told.wrong(_INTERRUPTED)
    _print(told, wishes.form)
    return told.code


def _carry_out(told: _Told, asked: Asked, engine: Engine, url: str, check: CheckMode, wishes: Wishes) -> None:
    try:
        with _told_warnings(), engine.connect(url, check) as server:
            _follow(told, asked, engine, server, wishes)
    except RunError as error:
        told.wrong(1, str(error))
    except (DriftError, InputError) as error:
        # A line for each finding, or for each value.
        told.wrong(2, *str(error).splitlines())
    except (FlowbindError, ValueError) as error:
        told.wrong(2, str(error), *getattr(error, "__notes__", ()))
    except OSError as error:
        told.wrong(2, f"The outputs cannot be saved: {error}")


def _follow(told: _Told, asked: Asked, engine: Engine, server: Server, wishes: Wishes) -> None:
    """Submit the instances, and save what each run has made as soon as it has ended; Ctrl-C cancels the rest."""
    if asked.swept:
        job: Job = server.submit_many(asked.instances, at_once=False)
    else:
        job = server.submit(asked.instances[0])
    told.are_several = isinstance(job, Sized)
    follow: Any = runs_of_many if asked.swept else runs_of_one
    try:
        with closing(follow(job, wishes.timeout)) as ending:
            for ended in ending:
                told.runs[ended.number] = _saved(ended, asked, engine, wishes.out)
    except KeyboardInterrupt:
        told.wrong(_INTERRUPTED)
        cancel(job)


def _saved(ended: Ended, asked: Asked, engine: Engine, out: Path) -> _Run:
    outcome = ended.outcome
    result = outcome if isinstance(outcome, Result) else getattr(outcome, "partial", None)
    swept = {name: getattr(asked.instances[ended.place], name) for name in asked.swept}
    server_has = result.varied if result else {}
    # A file of this machine has another name there.
    varied = {**swept, **{n: v for n, v in server_has.items() if not isinstance(swept.get(n), PurePath)}}
    if not isinstance(outcome, Result):
        return _Run(ended.place, {"item_id": outcome.item_id}, varied, error=str(outcome))
    ids = {name: getattr(outcome, name) for name in engine.RUN_IDS}
    return _Run(ended.place, ids, varied, saved(outcome, out))


def _look_for_failures(told: _Told, asked: Asked) -> None:
    failed = {number: run.error for number, run in told.runs.items() if run.error}
    if failed and told.are_several:
        told.wrong(1, said_of(asked.workflow, failed, len(told.runs)))
    elif failed:
        told.wrong(1, *failed.values())
    for run in told.in_order():
        if run.made.problems:
            told.wrong(2, *run.made.problems)


def _listed(told: _Told) -> list[_Run]:
    """Return the runs that are told: a single one that failed has nothing but its error."""
    return [run for run in told.in_order() if told.are_several or not run.error]


def _lay_out(told: _Told, asked: Asked, path: Path) -> None:
    """Write the sheet; where that cannot be, the runs are told all the same."""
    from flowbind.pictures.runs import Ended as Shown
    from flowbind_generator.contact_sheets import cells_of, write_sheet

    runs = _listed(told)
    files = {item.resolve() for run in runs for item in _items(run.made.outputs) if isinstance(item, Path)}
    if path.resolve() in files:
        told.wrong(2, f"The sheet is not written: {path} is a picture that a run has left.")
        return
    varied = {name for run in runs for name in run.varied}
    given = {name: getattr(asked.instances[0], name) for name in asked.given if name not in varied}
    of_each = sum(run.place == 0 for run in runs)
    shown = [Shown(run.varied, run.made.outputs, run.error) for run in runs]
    try:
        write_sheet(path, *cells_of(asked.workflow.__name__, given, asked.swept, of_each, shown))
    except (ValueError, OSError) as error:
        told.wrong(2, f"The sheet cannot be written: {error}")
    else:
        told.sheet = path


def _items(outputs: Mapping[str, Any]) -> Iterator[Any]:
    for value in outputs.values():
        yield from value if isinstance(value, list) else [value]


def _print(told: _Told, form: str) -> None:
    runs = _listed(told)
    sheet = {"sheet": str(told.sheet)} if told.sheet else {}
    if form == "json" and runs:
        listed = [_as_json(run) for run in runs]
        click.echo(json.dumps({"runs": listed, **sheet} if told.are_several else {**listed[0], **sheet}, indent=2))
    elif form != "json":
        shown = [line for run in runs for line in lines(run.made.outputs)] + [*sheet.values()]
        for line in shown:
            click.echo(line)
        if not shown and not told.code:
            click.echo("The run has ended; it left nothing to save.", err=True)
    for line in told.said:
        click.secho(printable(line), fg="red", err=True)


def _as_json(run: _Run) -> dict[str, Any]:
    became: dict[str, Any] = {"error": run.error} if run.error else {"outputs": as_json(run.made.outputs)}
    return {**run.ids, "varied": as_json(run.varied), **became}


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Print what the client warns of as the command says everything else."""
    with warnings.catch_warnings():
        # Others are for those who write programs.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *_, **__: click.secho(printable(str(message)), fg="yellow", err=True)
        yield
