"""A worker's end of a fleet: the one server that it serves, and the one run that goes on there."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
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
from flowbind.fleet.ledger import Ledger
from flowbind.fleet.packing import pack
from flowbind.fleet.ticket import Ticket
from flowbind.fleet.told import Post, State, Told, Work
from flowbind.metrics import Metrics

_LOOK = 1.0
"""Seconds for which a run is waited for before the server is looked after."""
_AGAIN = 2.0
"""Seconds between two looks at a server that is away."""
_STALE = 10.0
"""Seconds after which a server's metrics are asked for again."""
_AWAY = (ServerUnreachable, ConnectionBroken, SubmitUncertain)


class Station(WorkerPlugin):
    """Serves one server: one run at a time, in the worker's own thread; looks after it in another."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self._problem: str | None = None
        self._metrics: Metrics | None = None
        self._server: Any = None
        self._connecting = Lock()
        self._looked: float | None = None
        self._looking: Future[State] | None = None
        self._beside = ThreadPoolExecutor(1, f"flowbind {post.url}")
        self._left: set[Ticket] = set()
        self._given_up: set[str] = set()
        self._goes_on: tuple[str, Any] | None = None
        self._ledger: Ledger | None = None
        self._is_closed = False

    def setup(self, worker: Worker) -> None:
        """Show on Dask's page of workers how the server does."""
        if not self.post.stays_here:
            self._ledger = Ledger(worker, self.post)
        worker.metrics["server"] = lambda _: self.post.url
        worker.metrics["server_is_away"] = lambda _: int(self._problem is not None)
        for name in Metrics.__dataclass_fields__:
            worker.metrics[f"server_{name}"] = partial(self._metric, name)

    async def teardown(self, worker: Worker) -> None:
        """Leave nothing behind."""
        for name in [name for name in worker.metrics if name.startswith("server")]:
            del worker.metrics[name]
        self._is_closed = True
        # Whatever waits for the server ends by that; and what has opened the client again meanwhile, by the second.
        self._close()
        closed = self._beside.submit(self._close)
        self._beside.shutdown(wait=False)
        await asyncio.wrap_future(closed)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()

    # In the thread of Dask's tasks.

    def run(self, work: Work) -> Told:
        """Run an instance, or wait for what was begun of it; tell what became of it."""
        own = work.tickets.get(self.post.url)
        if own:
            self._left.discard(own)
        if self._problem is not None and (self._looked_lately() or self.look().problem):
            return self._told("lost", ServerUnreachable(self._problem or ""), ticket=own)
        noted = self._ledger.find(work.key) if self._ledger else None
        begun = [(self.post.url, own)] if own else []
        for url, ticket in [*begun, *([noted] if noted else [])]:
            if told := self._taken_up(work, url, ticket):
                return told
        return self._begun(work)

    def _taken_up(self, work: Work, url: str, ticket: Ticket) -> Told | None:
        """Tell what became of a run that was begun before; None where it has to be begun anew."""
        is_own = url == self.post.url
        server = None
        try:
            server = self._client() if is_own else self._connected(url)
            return self._waited_for(work, ticket.job(server, type(work.workflow)), server, url)
        except (NotFound, InputError, RunCanceled, RunGone):
            return None
        except _AWAY as error:
            return self._lost(error, ticket) if is_own else None
        finally:
            if server is not None and not is_own:
                server.close()

    def _begun(self, work: Work) -> Told:
        try:
            server = self._client()
            job = server.submit(work.workflow)
        except _AWAY as error:
            return self._lost(error, Ticket.of(error) if isinstance(error, SubmitUncertain) else None)
        except InputError as error:
            return self._told("ended", error)
        except (FlowbindError, TypeError) as error:
            return self._told("unfit", error, of_class=not isinstance(error, LookupFailed | ServerError))
        ticket = Ticket.of(job)
        if self._ledger:
            self._ledger.note(work.key, ticket)
        try:
            return self._waited_for(work, job, server, self.post.url)
        except _AWAY as error:
            return self._lost(error, ticket)
        except FlowbindError as error:
            return self._told("ended", error)

    def _waited_for(self, work: Work, job: Any, server: Any, url: str) -> Told:
        """Wait until a run has ended; raises what kept it from a result, `ServerUnreachable` where the server died."""
        began = time.monotonic()
        self._goes_on = work.sweep, job
        try:
            if work.sweep in self._given_up:
                job.cancel()
            outcome = self._ended(job, server)
        finally:
            self._goes_on = None
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
                if self._is_closed:
                    raise ClientClosed(f"The fleet was closed while a run went on at {server.url}.") from None
            except (RunCanceled, RunGone) as error:
                if was_away:
                    raise ServerUnreachable(f"{server.url} was started anew while a run went on. {error}") from None
                raise
            if server.is_alive():
                answered = time.monotonic()
            elif (away := time.monotonic() - answered) > self.post.patience:
                raise ServerUnreachable(f"{server.url} has not answered for {away:.0f} s.")
            else:
                was_away = True

    def _lost(self, error: ServerError, ticket: Ticket | None) -> Told:
        self._problem = str(error)
        self._looked = time.monotonic()
        if ticket:
            self._left.add(ticket)
        return self._told("lost", error, ticket=ticket)

    def _told(self, kind: Any, outcome: Any, *, url: str = "", **more: Any) -> Told:
        packed = pack(outcome, stays_here=self.post.stays_here)
        return Told(kind, url or self.post.url, packed, **more)

    # In the thread beside.

    def look(self) -> State:
        """Ask how the server does; of one that was away, what it still has of ours is canceled."""
        was_away, self._looked = self._problem is not None, time.monotonic()
        try:
            server = self._client()
            if not server.is_alive():
                raise ServerUnreachable(f"{server.url} does not answer.")
        except FlowbindError as error:
            # Of a run that goes on, it is found otherwise whether it is worth waiting for.
            if not self._goes_on:
                self._problem, self._metrics = str(error), None
            return self.state()
        with suppress(ServerError):
            self._metrics = server.metrics()
        while was_away and self._left:
            with suppress(FlowbindError):
                self._left.pop().cancel(server)
        self._problem = None
        return self.state()

    def give_up(self, sweep: str) -> None:
        """Cancel the run that goes on, if it belongs to a sweep that nobody wants any more."""
        if (goes_on := self._goes_on) and goes_on[0] == sweep:
            with suppress(FlowbindError):
                goes_on[1].cancel()

    # In Dask's event loop.

    def _metric(self, name: str, _: Worker) -> Any:
        return getattr(self._metrics, name, None)

    def state(self) -> State:
        """Return what is known of the server."""
        return State(self.post.url, self._problem, self._metrics)

    def watched(self) -> State:
        """Return what is known of the server, and have it looked at where that was long ago."""
        if not self._looked_lately() and (self._looking is None or self._looking.done()):
            self._looking = self._beside.submit(self.look)
        return self.state()

    def measured(self) -> Future[State]:
        """Have the server looked at now."""
        return self._beside.submit(self.look)

    def stopped(self, sweep: str) -> Future[None]:
        """Have nothing more run of a sweep."""
        self._given_up.add(sweep)
        return self._beside.submit(self.give_up, sweep)

    def _looked_lately(self) -> bool:
        lately = _STALE if self._problem is None else _AGAIN
        return self._looked is not None and time.monotonic() - self._looked < lately

    def _client(self) -> Any:
        with self._connecting:
            if self._server is None:
                self._server = self._connected(self.post.url)
            return self._server

    def _connected(self, url: str) -> Any:
        try:
            return self.post.connect(url)
        except FlowbindError:
            raise
        except Exception as error:  # whatever the user's function may raise
            raise ServerUnreachable(f"No client of {url} can be made: {error}") from None
