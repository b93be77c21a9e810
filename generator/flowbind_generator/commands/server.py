"""The commands `flowbind server`: servers of this machine, started, listed, stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from flowbind.outside import printable, tellable
from flowbind_generator.console import CLEAN, FAILED, FINDINGS, FORM
from flowbind_generator.engines import engines
from flowbind_generator.starting import tell

if TYPE_CHECKING:
    from flowbind.local_server.records import Record


@click.group()
def server() -> None:
    """Start, list and stop servers of this machine, from installations that are there."""


class _Starts(click.Group):
    """A command for each engine, imported when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(of.NAME for of in engines())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        return next((of.start_command() for of in engines() if cmd_name == of.NAME), None)


@server.group(cls=_Starts)
def start() -> None:
    """Start a server that goes on running; its address is printed when it answers.

    A start that fails, or is interrupted, leaves nothing running.
    """


@server.command("list")
@FORM
def list_servers(form: str) -> None:
    """List the servers that flowbind has started here and that run.

    Of those that have ended since somebody looked, standard error tells.
    """
    found, ended = _surveyed()
    for record in ended:
        click.echo(f"{record.url}: has ended; its log is {printable(str(record.log))}.", err=True)
    answers = [_answers(record) for record in found]
    if form == "json":
        told = [record.model_dump(mode="json", exclude={"started"}) for record in found]
        click.echo(json.dumps([{**one, "answers": yes} for one, yes in zip(told, answers, strict=True)], indent=2))
    elif found:
        click.echo("\n".join(_table(found, answers)))
    else:
        click.echo("No server that flowbind has started runs here.", err=True)


@server.command()
@click.argument("targets", metavar="[URL|PORT|PID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that `flowbind server list` lists.")
@click.option(
    "--timeout",
    type=float,
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each has for ending by itself; it is killed then.",
)
def stop(targets: Sequence[str], everything: bool, timeout: float) -> None:
    """Stop servers that flowbind has started, with all their children.

    What has ended already is no error. Exit code 1 where a server of another program's answers: it is left alone.
    """
    from flowbind.errors import LocalServerError
    from flowbind.local_server import records

    if bool(targets) == everything:
        raise click.UsageError("Give what to stop: addresses, ports or process ids, or --all.")
    for target in targets:
        if not target.isdecimal() and not _place(target):
            raise click.BadParameter(f"{target} is no address (http://127.0.0.1:8188), port or process id.")
    known, ended = _surveyed()
    meant = {target: _meant(known, target) or _meant(ended, target) for target in targets}
    code = CLEAN
    for target in [target for target, found in meant.items() if not found]:
        code = max(code, _told_unknown(target))
    for record in known if everything else {r.port: r for found in meant.values() for r in found}.values():
        try:
            was_there = records.stopped(record, timeout)
        except LocalServerError as error:
            tell(error)
            code = FAILED
        else:
            click.echo(f"{record.url}: {'stopped' if was_there else 'had ended already'}")
    if everything and not known:
        click.echo("No server that flowbind has started runs here.", err=True)
    sys.exit(code)


def _surveyed() -> tuple[list[Record], list[Record]]:
    """Return the records of the servers that run, and of those that have ended since somebody looked."""
    from flowbind.errors import LocalServerError
    from flowbind.local_server import records

    try:
        with records.held():
            return records.surveyed()
    except LocalServerError as error:
        tell(error)
        sys.exit(FAILED)


def _meant(known: Sequence[Record], target: str) -> list[Record]:
    """Return the server that a target means: a number is a port, and a process id only where it is none."""
    if target.isdecimal():
        number = int(target)
        return [record for record in known if record.port == number] or [r for r in known if r.pid == number]
    return [
        record
        for record in known
        if target.rstrip("/") == record.url or (_port(target) == record.port and _is_here(target))
    ]


def _told_unknown(target: str) -> int:
    """Say of a target that no recorded server is whether anything of it runs; return the exit code."""
    from flowbind.families import installed
    from flowbind.local_server.installed import answering

    place = f"127.0.0.1:{target}" if target.isdecimal() else _place(target)
    shown = printable(tellable(target))
    if not target.isdecimal() or int(target) < 65536:
        for family in installed().values():
            if found := answering(family, place):
                told = f"{family.TITLE} {found.release}".strip()
                click.echo(f"{shown}: {told} answers there, but flowbind has not started it here.", err=True)
                return FINDINGS
    click.echo(f"{shown}: nothing to stop, no server that flowbind has started runs there.", err=True)
    return CLEAN


def _place(url: str) -> str:
    """Return the host and port of an address, without a login; empty for what is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _port(url: str) -> int | None:
    try:
        parts = urlsplit(url)
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _answers(record: Record) -> bool:
    from flowbind.families import installed
    from flowbind.local_server.installed import answering

    family = installed().get(record.engine)
    return family is not None and answering(family, urlsplit(record.url).netloc) is not None


def _table(found: Sequence[Record], answers: Sequence[bool]) -> list[str]:
    from flowbind.families import installed

    titles = {name: family.TITLE for name, family in installed().items()}
    rows = [["engine", "url", "pid", "since", "state", "folder"]]
    for record, yes in zip(found, answers, strict=True):
        since = f"{record.since.astimezone():%Y-%m-%d %H:%M}"
        title, state = titles.get(record.engine, record.engine), "answers" if yes else "does not answer"
        rows.append(
            [printable(cell) for cell in (title, record.url, str(record.pid), since, state, str(record.folder))]
        )
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in rows]
