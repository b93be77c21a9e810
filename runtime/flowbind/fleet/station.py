"""A worker's end of a fleet: the one server that it serves, and the one run that goes on there."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from distributed import Worker, WorkerPlugin

from flowbind.errors import (
    ClientClosed,
    ConnectionBroken,
    FlowbindError,
    InputError,
    LookupFailed,
    NotFound,
    RunCanceled,
    RunGone,
    ServerError,
    ServerUnreachable,
    SubmitUncertain,
    WaitTimeout,
)
from flowbind.fleet.columns import NAMES, columns
from flowbind.fleet.ledger import Ledger
from flowbind.fleet.lookout import Lookout
from flowbind.fleet.packing import pack
from flowbind.fleet.tally import Tally
from flowbind.fleet.ticket import Ticket
from flowbind.fleet.told import Post, Told, Work

_LOOK = 1.0
"""Seconds for which a run is waited for before the server is looked after."""
_AWAY = (ServerUnreachable, ConnectionBroken, SubmitUncertain)


class Station(WorkerPlugin):
    """Serves one server: one run at a time, in the worker's own thread."""

    def __init__(self, post: Post) -> None:
        self.lookout = Lookout(post)
        self._post = post
        self._tally = Tally()
        self._given_up: set[str] = set()
        self._goes_on: tuple[str, Any] | None = None
        self._ledger: Ledger | None = None

    # In Dask's event loop.

    def setup(self, worker: Worker) -> None:
        """Show on Dask's page of workers how the server does."""
        if not self._post.stays_here:
            self._ledger = Ledger(worker, self._post)
        for name in NAMES:
            worker.metrics[name] = partial(self._shown, name)

    async def teardown(self, worker: Worker) -> None:
        """Leave nothing behind."""
        for name in NAMES:
            # Another fleet may have shown its own there since, and left.
            worker.metrics.pop(name, None)
        await self.lookout.close()

    def stopped(self, sweep: str) -> Future[None]:
        """Have nothing more run of a sweep."""
        self._given_up.add(sweep)
        return self.lookout.beside(self._give_up, sweep)

    def _give_up(self, sweep: str) -> None:
        if (goes_on := self._goes_on) and goes_on[0] == sweep:
            with suppress(FlowbindError):
                goes_on[1].cancel()

    def _shown(self, name: str, _: Worker) -> Any:
        url, lookout = self._post.url, self.lookout
        is_away = lookout.problem is not None
        return columns(url, is_away=is_away, metrics=lookout.metrics, done=self._tally.done(url))[name]

    # In the thread of Dask's tasks.

    def run(self, work: Work) -> Told:
        """Run an instance, or wait for what was begun of it; tell what became of it."""
        told = self._outcome(work)
        self._tally.add(type(work.workflow).__name__, told)
        return told

    def unfit(self, error: Exception) -> Told:
        """Tell that an instance, or all of its class, cannot be run here."""
        return self._told("unfit", error, of_class=not isinstance(error, LookupFailed | ServerError))

    def _outcome(self, work: Work) -> Told:
        own = work.tickets.get(self._post.url)
        if own:
            self.lookout.takes_up(own)
        if self.lookout.is_away():
            return self._told("lost", ServerUnreachable(self.lookout.problem or ""), ticket=own)
        noted = self._ledger.find(work.key) if self._ledger else None
        begun = [(self._post.url, own)] if own else []
        for url, ticket in [*begun, *([noted] if noted else [])]:
            if told := self._taken_up(work, url, ticket):
                return told
        return self._begun(work)

    def _taken_up(self, work: Work, url: str, ticket: Ticket) -> Told | None:
        """Tell what became of a run that was begun before; None where it has to be begun anew."""
        try:
            server = self.lookout.client(url)
            return self._waited_for(work, ticket.job(server, type(work.workflow)), server, url)
        except (NotFound, InputError, RunCanceled, RunGone):
            return None
        except _AWAY as error:
            return self._lost(error, ticket) if url == self._post.url else None

    def _begun(self, work: Work) -> Told:
        try:
            server = self.lookout.client()
            job = server.submit(work.workflow)
        except _AWAY as error:
            return self._lost(error, Ticket.of(error) if isinstance(error, SubmitUncertain) else None)
        except InputError as error:
            return self._told("ended", error)
        except (FlowbindError, TypeError) as error:
            return self.unfit(error)
        ticket = Ticket.of(job)
        if self._ledger:
            self._ledger.note(work.key, ticket)
        try:
            return self._waited_for(work, job, server, self._post.url)
        except _AWAY as error:
            return self._lost(error, ticket)
        except FlowbindError as error:
            return self._told("ended", error)

    def _waited_for(self, work: Work, job: Any, server: Any, url: str) -> Told:
        """Wait until a run has ended; raises what kept it from a result, `ServerUnreachable` where the server died."""
        began = time.monotonic()
        self._goes_on, self.lookout.is_at_work = (work.sweep, job), True
        try:
            if work.sweep in self._given_up:
                job.cancel()
            outcome = self._ended(job, server)
        finally:
            self._goes_on, self.lookout.is_at_work = None, False
        if isinstance(outcome, list) and not work.workflow.__flowbind__.batches:
            (outcome,) = outcome  # found by its batch
        return self._told("ended", outcome, url=url, seconds=time.monotonic() - began)

    def _ended(self, job: Any, server: Any) -> Any:
        answered = time.monotonic()
        was_away = False
        while True:
            try:
                return job.wait(_LOOK)
            except WaitTimeout:
                if self.lookout.is_closed:
                    raise ClientClosed(f"The fleet was closed while a run went on at {server.url}.") from None
            except (RunCanceled, RunGone) as error:
                if was_away:
                    raise ServerUnreachable(f"{server.url} was started anew while a run went on. {error}") from None
                raise
            if server.is_alive():
                answered = time.monotonic()
            elif (away := time.monotonic() - answered) > self._post.patience:
                raise ServerUnreachable(f"{server.url} has not answered for {away:.0f} s.")
            else:
                was_away = True

    def _lost(self, error: ServerError, ticket: Ticket | None) -> Told:
        self.lookout.lost(error, ticket)
        return self._told("lost", error, ticket=ticket)

    def _told(self, kind: Any, outcome: Any, *, url: str = "", **more: Any) -> Told:
        packed = pack(outcome, stays_here=self._post.stays_here)
        return Told(kind, url or self._post.url, packed, is_failure=isinstance(outcome, Exception), **more)
