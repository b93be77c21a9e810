"""From what became of runs to the cells of a contact sheet: each picture with its caption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from flowbind.downloadable import Downloadable
from flowbind.errors import BatchFailed, RunError
from flowbind.pictures.captions import captions
from flowbind.result import Result

Cell = tuple[str, Any]
"""A caption, and what is shown above it: see `flowbind.pictures.sheet`."""


@dataclass(frozen=True)
class Ended:
    """A run that has ended: what it was given of its own, its outputs, and why there are none, where it failed."""

    varied: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error: str = ""


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet in the order of the runs, as many for each run, and what all runs have in common."""

    title: str
    cells: Sequence[Cell]
    per_run: int


def cells(outcomes: Iterable[Result[Any] | RunError | Sequence[Result[Any]] | Ended]) -> Cells:
    """Return a cell for each file that runs have left, with what the run was given of its own as the caption.

    The outcomes are those of `run_many`. A file of several is numbered, and named after its output where runs have
    several of these. A run that did not end well is a cell with its error. Raises nothing.
    """
    runs = [run for outcome in outcomes for run in _runs(outcome)]
    title, own = captions([run.varied for run in runs])
    files = [list(_files(run)) for run in runs]
    names = {name for of_run in files for name, _ in of_run}
    most = max((sum(len(made) for _, made in of_run) for of_run in files), default=0) or 1
    found: list[Cell] = []
    for number, (run, caption, of_run) in enumerate(zip(runs, own, files, strict=True), start=1):
        made = list(_of_run(run, caption, of_run, len(names) > 1))
        if not any(text for text, _ in made) and len(runs) > 1:
            made = [(f"run {number}", shown) for _, shown in made]
        # Runs stay below each other, however many files each has left.
        found += made + [("", None)] * (most - len(made))
    return Cells(title, found, most)


def _runs(outcome: Any) -> Iterator[Ended]:
    if isinstance(outcome, Ended):
        yield outcome
    elif isinstance(outcome, BatchFailed):
        for one in outcome.outcomes:
            yield from _runs(one)
    elif isinstance(outcome, RunError):
        partial = getattr(outcome, "partial", None)
        yield Ended(partial.varied if partial else {}, error=str(outcome))
    elif isinstance(outcome, Result):
        yield Ended(outcome.varied, vars(outcome.outputs))
    else:
        for one in outcome:
            yield from _runs(one)


def _files(run: Ended) -> Iterator[tuple[str, list[Any]]]:
    """Yield the files of each output that has some."""
    for name, value in run.outputs.items():
        made = [item for item in _listed(value) if isinstance(item, PurePath | Downloadable)]
        if made:
            yield name, made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_run(run: Ended, caption: str, files: Sequence[tuple[str, list[Any]]], is_named: bool) -> Iterator[Cell]:
    if run.error:
        yield caption, RuntimeError(run.error)
        return
    for name, made in files:
        for number, item in enumerate(made, start=1):
            which = [name] if is_named or not caption else []
            which += [f"{number} of {len(made)}"] if len(made) > 1 else []
            yield "\n".join(filter(None, (caption, ", ".join(which)))), item
    if not files:
        yield caption, LookupError("The run has left no file.")
