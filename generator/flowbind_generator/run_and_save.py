"""`flowbind run`: each run is saved as it ends, wherever it runs; then all are told and laid out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from flowbind.errors import DriftError, FlowbindError, InputError, NoServer, RunError
from flowbind.outcomes import said_of
from flowbind.result import Result
from flowbind_generator.console import INTERRUPTED, warn
from flowbind_generator.following import Ended, Runs
from flowbind_generator.running import Asked
from flowbind_generator.saved_outputs import saved
from flowbind_generator.told_runs import Run, Told, print_told

if TYPE_CHECKING:
    from flowbind_generator.engines import Engine

_OF_LINES = (DriftError, InputError, NoServer)
"""Errors with a line for each finding, for each value, or for each server."""


@dataclass(frozen=True)
class Wishes:
    """Where the outputs go, and the sheet, and how the runs are told."""

    out: Path
    sheet: Path | None
    form: str


def run_and_save(asked: Asked, engine: Engine, runs: Runs, wishes: Wishes) -> int:
    """Run instances, save their outputs as each run ends, print the paths; return the exit code.

    Where some runs fail, the others are saved all the same; so are the other files, where one cannot be. Whatever ends
    the command, what was saved by then is told.
    """
    told = Told(asked.are_several)
    try:
        _carry_out(told, asked, engine, runs, wishes.out)
    except KeyboardInterrupt:
        told.wrong(INTERRUPTED)
    _look_for_failures(told, asked)
    if wishes.sheet and told.code != INTERRUPTED and told.listed():
        _lay_out(told, asked, wishes.sheet)
    print_told(told, wishes.form)
    return told.code


def _carry_out(told: Told, asked: Asked, engine: Engine, runs: Runs, out: Path) -> None:
    try:
        with _told_warnings(), runs as ending:
            for ended in ending:
                told.runs[ended.number] = _saved(ended, asked, engine, out)
    except RunError as error:
        told.wrong(1, str(error))
    except (FlowbindError, ValueError, ModuleNotFoundError) as error:
        told.wrong(2, *_lines(error))
    except OSError as error:
        told.wrong(2, f"The outputs cannot be saved: {error}")


def _lines(error: Exception) -> list[str]:
    said = str(error)
    return [*(said.splitlines() if isinstance(error, _OF_LINES) else [said]), *getattr(error, "__notes__", ())]


def _saved(ended: Ended, asked: Asked, engine: Engine, out: Path) -> Run:
    outcome = ended.outcome
    swept = {name: getattr(asked.instances[ended.place], name) for name in asked.swept}
    server_has = ended.made.varied if ended.made else {}
    # A file of this machine has another name there.
    varied = {**swept, **{n: v for n, v in server_has.items() if not isinstance(swept.get(n), PurePath)}}
    # Told where several were to be had.
    chosen = getattr(outcome, "server", None)
    server = {"server": chosen} if chosen else {}
    if isinstance(outcome, Result):
        ids = {name: getattr(outcome, name) for name in engine.RUN_IDS}
        return Run(ended.place, {**ids, **server}, varied, saved(outcome, out))
    item = {"item_id": outcome.item_id} if isinstance(outcome, RunError) else {}
    return Run(ended.place, {**item, **server}, varied, error=outcome)


def _look_for_failures(told: Told, asked: Asked) -> None:
    failed = {number: run.error for number, run in told.runs.items() if run.error}
    # What no server has run could not run.
    code = 1 if all(isinstance(error, RunError) for error in failed.values()) else 2
    if failed and told.are_several:
        told.wrong(code, *said_of(asked.workflow, failed, len(told.runs)).splitlines())
    else:
        for error in failed.values():
            told.wrong(code, *_lines(error))
    for run in told.in_order():
        if run.made.problems:
            told.wrong(2, *run.made.problems)


def _lay_out(told: Told, asked: Asked, path: Path) -> None:
    """Write the sheet; where that cannot be, the runs are told all the same."""
    from flowbind_generator.contact_sheets import lay_out

    try:
        lay_out(asked, told.listed(), path)
    except KeyboardInterrupt:
        told.wrong(INTERRUPTED)
    except (ValueError, OSError) as error:
        told.wrong(2, f"The sheet cannot be written: {error}")
    else:
        told.sheet = path


@contextmanager
def _told_warnings() -> Iterator[None]:
    """Print what clients warn of as the command says everything else, each once."""
    told: set[str] = set()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in told:
            told.add(str(message))
            warn(str(message))

    with warnings.catch_warnings():
        # Others are for those who write programs.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
