"""Running on several servers: a fleet shares instances out among them; Ctrl-C cancels what goes on there."""

from __future__ import annotations

import sys
from collections.abc import Container, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

import click

from flowbind.errors import NoServer
from flowbind.extras import extra_needed
from flowbind_generator.console import count, listed, warn
from flowbind_generator.following import Ended, Outcome, runs_of_many
from flowbind_generator.running import Asked

if TYPE_CHECKING:
    from flowbind import Fleet
    from flowbind.drift_check import CheckMode
    from flowbind_generator.engines import Engine


@contextmanager
def on_fleet(asked: Asked, engine: Engine, urls: Sequence[str], check: CheckMode) -> Generator[Iterator[Ended]]:
    """Run instances on several servers of one family, each one at a time; tells which of the servers are away.

    Raises `NoServer` where none of them answers, `ValueError` for what is no address, and `ModuleNotFoundError` where
    the extra is missing.
    """
    with extra_needed("Running on several servers", "fleet"):
        from flowbind import Fleet

        fleet = Fleet(urls, connect=partial(engine.connect, check=check))
    with fleet:
        away = _away(engine, urls, check)
        if {*away} == {*fleet.urls}:
            raise NoServer(f"{asked.workflow.__name__}: no server can run it.", away)
        for url, problem in away.items():
            warn(f"{url}: {problem} The others begin without it.")
        if sys.stderr.isatty():
            click.echo(f"What the servers do: {fleet.dashboard_link}", err=True)
        try:
            with (
                closing(cast(Generator[Outcome], fleet.run_many(asked.instances))) as outcomes,
                closing(runs_of_many(asked, outcomes)) as runs,
            ):
                yield runs
        except KeyboardInterrupt:
            click.echo(f"Canceled: what went on at {listed(fleet.urls)}.", err=True)
            raise
        _tell_metrics(fleet, away)


def _away(engine: Engine, urls: Sequence[str], check: CheckMode) -> dict[str, str]:
    """Ask all servers at once; return what is wrong with those that do not answer."""

    def ask(url: str) -> tuple[str, bool]:
        with engine.connect(url, check) as server:
            return server.url, server.is_alive()

    with ThreadPoolExecutor(len(urls)) as asking:
        answers = [*asking.map(ask, urls)]
    return {url: f"Nothing answers there as {engine.TITLE} does." for url, is_alive in answers if not is_alive}


def _tell_metrics(fleet: Fleet, known: Container[str]) -> None:
    """Tell which servers have gone away meanwhile, and which had nothing to run."""
    for found in fleet.metrics():
        for reason in found.unfit.values():
            warn(f"{found.url} was given no run. {reason}")
        if found.problem is not None and found.url not in known:
            warn(f"{found.url} went away; {count(found.losses, 'run')} went on elsewhere. {found.problem}")
