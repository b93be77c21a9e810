"""The command, run in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from flowbind_generator.cli import main


def flowbind(*arguments: str, code: int = 0) -> Result:
    """Run the command and check its exit code."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result
