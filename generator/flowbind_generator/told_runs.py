"""What `flowbind run` tells at its end: the runs that have ended, as text or JSON, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from flowbind.errors import FlowbindError
from flowbind.outside import printable
from flowbind_generator.saved_outputs import Saved, as_json, lines


@dataclass(frozen=True)
class Run:
    """A run that has ended; where it failed, `error` says why."""

    place: int
    ids: Mapping[str, Any]
    varied: Mapping[str, Any]
    made: Saved = field(default_factory=Saved)
    error: FlowbindError | None = None


@dataclass
class Told:
    """All that is told at the end: the runs that have ended by their numbers, what went wrong, and the exit code."""

    are_several: bool
    runs: dict[int, Run] = field(default_factory=dict[int, Run])
    code: int = 0
    said: list[str] = field(default_factory=list[str])
    sheet: Path | None = None

    def wrong(self, code: int, *said: str) -> None:
        """Note what went wrong; of several exit codes the largest counts."""
        self.code = max(self.code, code)
        self.said += said

    def in_order(self) -> list[Run]:
        """Return the runs in their order."""
        return [self.runs[number] for number in sorted(self.runs)]

    def listed(self) -> list[Run]:
        """Return the runs that are told: a single one that failed has nothing but its error."""
        return [run for run in self.in_order() if self.are_several or not run.error]


def print_told(told: Told, form: str) -> None:
    """Print the runs in a form, `text` or `json`, and what went wrong to standard error."""
    runs = told.listed()
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


def _as_json(run: Run) -> dict[str, Any]:
    became: dict[str, Any] = {"error": str(run.error)} if run.error else {"outputs": as_json(run.made.outputs)}
    return {**run.ids, "varied": as_json(run.varied), **became}
