"""What the commands that start servers share: their options, and how a start is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowbind.outside import printable
from flowbind_generator.console import FAILED, FORM, INTERRUPTED

if TYPE_CHECKING:
    from flowbind.local_server.server import LocalServer

F = TypeVar("F", bound=Callable[..., Any])


def _variables(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, assigned, _ in pairs:
        if not name or not assigned:
            raise click.BadParameter("it looks like NAME=VALUE.")
    return {name: value for name, _, value in pairs}


_OPTIONS = (
    click.option("--port", type=click.IntRange(1, 65535), help="The port to listen at; else a free one."),
    click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at."),
    click.option(
        "--env",
        "environment",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_variables,
        help="A variable for its environment, like CUDA_VISIBLE_DEVICES; repeatable.",
    ),
    click.option(
        "--timeout",
        type=float,
        default=300.0,
        show_default=True,
        metavar="SECONDS",
        help="How long a start may take.",
    ),
    FORM,
)


def options_of_starts(command: F) -> F:
    """Give a command the options that all starts have: port, host, environment, timeout, form."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def start_and_tell(make: Callable[[], LocalServer], form: str) -> None:
    """Start a server that goes on running; print its address, or all that is known of it as JSON."""
    from flowbind.errors import LocalServerError

    try:
        local = make().start()
    except (LocalServerError, ValueError) as error:
        tell(error)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        click.echo("Stopped again.", err=True)
        sys.exit(INTERRUPTED)
    if form == "json":
        told = {"url": local.url, "pid": local.pid, "release": local.release, "log": str(local.log_file)}
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(local.url)
        log = printable(str(local.log_file))
        click.echo(f"It answers; its log is {log}. `flowbind server stop {local.port}` stops it.", err=True)


def tell(error: Exception) -> None:
    """Say why a server could not be started or stopped, a line for each of the log's."""
    for line in str(error).splitlines():
        click.secho(printable(line), fg="red", err=True)
