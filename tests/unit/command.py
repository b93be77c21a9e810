"""The command, run in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from click.testing import CliRunner, Result

from flowbind.errors import InputError
from flowbind.workflow import Workflow
from flowbind_generator.cli import main
from flowbind_generator.ir import Module
from flowbind_generator.settings import read_settings


def flowbind(*arguments: str, code: int = 0) -> Result:
    """Run the command and check its exit code."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def parse_settings(module: Module, made: type[Workflow[Any]], settings: Sequence[str]) -> dict[str, Any]:
    """Return the values of settings; raises `InputError` with all that is wrong."""
    problems: list[str] = []
    values = read_settings(module, made, settings, problems)
    if problems:
        raise InputError(problems)
    return values
