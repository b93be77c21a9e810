"""An instance of an export without generating first, and the request that it would post."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from flowbind.errors import InputError
from flowbind.outside import printable
from flowbind.workflow import Workflow
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Engine
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of
from flowbind_generator.settings import parse_settings


def instance_of(module: Module, settings: Sequence[str], root: Path) -> Workflow[Any]:
    """Return an instance of the module's class with the given settings; ends the command for a bad one.

    The user's own types are imported as a program in the project's root would import them. Raises `Refused` where they
    cannot be.
    """
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        made = class_of(module)
    except ImportError as error:
        report = Report("pyproject.toml")
        report.error(
            "FB504",
            f"A class under [tool.flowbind.field_types] cannot be imported: {error}.",
            "Install its package in this environment, or correct the setting.",
        )
        raise Refused(report) from None
    try:
        return made(**parse_settings(module, made, settings))
    except InputError as error:
        _end(error)


def preview_text(engine: Engine, workflow: Workflow[Any], *, graph_only: bool) -> tuple[str, list[str]]:
    """Return the request as pretty JSON, and what in it is not looked up; ends the command where there is none."""
    try:
        document, placeholders = engine.preview(workflow, graph_only=graph_only)
    except InputError as error:
        _end(error)
    return json.dumps(document, indent=2), placeholders


def _end(error: InputError) -> NoReturn:
    for problem in error.problems:
        click.secho(printable(problem), fg="red", err=True)
    sys.exit(2)
