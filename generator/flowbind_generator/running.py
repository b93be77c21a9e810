"""Instances of an export without generating first, and the request that one would post."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from flowbind.errors import InputError
from flowbind.outside import printable
from flowbind.sweeps import grid
from flowbind.workflow import Workflow
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Engine
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.settings import read_settings, read_sweeps


@dataclass(frozen=True)
class Asked:
    """What is to be run: instances, the inputs set for all of them, and how many values each swept one has."""

    instances: Sequence[Workflow[Any]]
    given: Sequence[str]
    swept: Mapping[str, int]

    @property
    def workflow(self) -> type[Workflow[Any]]:
        """The class of the instances."""
        return type(self.instances[0])

    @property
    def are_several(self) -> bool:
        """Whether a list of runs is told: those of a sweep, or of a batch, even if it is one."""
        return bool(self.swept or self.workflow.__flowbind__.batches)


def asked_of(module: Module, settings: Sequence[str], sweeps: Sequence[str], root: Path) -> Asked:
    """Return an instance for each combination of what is swept; ends the command, where it is told all that is wrong.

    Raises `Refused` as `instance_of` does.
    """
    made = _class_of(module, root)
    problems: list[str] = []
    given = read_settings(module, made, settings, problems)
    swept = read_sweeps(module, made, sweeps, problems)
    problems += [f"--sweep {name}: --set sets it, too: take one of them away." for name in swept if name in given]
    try:
        # Without what has to be set: that may be what could not be read.
        grid(made.model_construct(), **{**{name: [value] for name, value in given.items()}, **swept})
        if not problems:
            base = made(**given, **{name: values[0] for name, values in swept.items()})
            return Asked(grid(base, **swept), [*given], {name: len(values) for name, values in swept.items()})
    except InputError as error:
        problems += error.problems
    return _end(dict.fromkeys(problems))


def instance_of(module: Module, settings: Sequence[str], root: Path) -> Workflow[Any]:
    """Return an instance of the module's class with the given settings; ends the command for a bad one.

    The user's own types are imported as a program in the project's root would import them. Raises `Refused` where they
    cannot be.
    """
    return asked_of(module, settings, (), root).instances[0]


def _class_of(module: Module, root: Path) -> type[Workflow[Any]]:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        return class_of(module)
    except ImportError as error:
        report = Report("pyproject.toml")
        report.error(
            "FB504",
            f"A class under [tool.flowbind.field_types] cannot be imported: {error}.",
            "Install its package in this environment, or correct the setting.",
        )
        raise Refused(report) from None


def preview_text(engine: Engine, workflow: Workflow[Any], *, graph_only: bool) -> tuple[str, list[str]]:
    """Return the request as pretty JSON, and what in it is not looked up; ends the command where there is none."""
    try:
        document, placeholders = engine.preview(workflow, graph_only=graph_only)
    except InputError as error:
        _end(error.problems)
    return json.dumps(document, indent=2), placeholders


def _end(problems: Iterable[str]) -> NoReturn:
    for problem in problems:
        click.secho(printable(problem), fg="red", err=True)
    sys.exit(2)
