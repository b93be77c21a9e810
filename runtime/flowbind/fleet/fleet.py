"""Several servers that run instances together."""

from __future__ import annotations

import atexit
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from flowbind.errors import FlowbindError
from flowbind.extras import extra_needed
from flowbind.families import client_of
from flowbind.fleet.cluster import LOCAL_PORT, link_of, local_client
from flowbind.fleet.packing import pack
from flowbind.fleet.tally import ServerMetrics
from flowbind.fleet.told import Connect, Post
from flowbind.result import Result
from flowbind.transport.address import parse_address
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from distributed import Client


def connected(url: str) -> Any:
    """Return a client of a server of any family, with the account that the environment has for it."""
    return client_of(url, check="error")


class Fleet:
    """Several servers that run instances together, each one at a time.

    `servers` are their addresses. `connect` makes a client of one, `InvokeAI(url, ...)` or `ComfyUI(url, ...)` with the
    options that it needs; without it, each server is asked what it is, and accounts are those of the environment and
    the netrc file. `patience` is for how many seconds a server may be away before its run goes elsewhere, and for how
    many seconds all of them may be before instances fail.

    Workers of Dask do the work, one for each server: threads of this process, or those of a running cluster, of which
    `client` is Dask's client. Those need flowbind, the generated classes and `connect` to import, and secrets of their
    own: none is sent to them. `dashboard` is the host and port of Dask's pages about workers of this process.
    Needs the extra `flowbind[fleet]`.
    """

    def __init__(
        self,
        servers: Iterable[str],
        *,
        client: Client | None = None,
        connect: Connect = connected,
        patience: float = 30.0,
        dashboard: str = LOCAL_PORT,
    ) -> None:
        with extra_needed("Fleet", "fleet"):
            from flowbind.fleet.crew import Crew
            from flowbind.fleet.roster import Roster

        if isinstance(servers, str):
            raise TypeError("This is one address, not several: put it into a list, or use its own client.")
        addresses = {parse_address(url, "http://host:port")[0]: url for url in servers}
        if not addresses:
            raise ValueError("A fleet needs the address of at least one server.")
        stays_here = client is None
        if stays_here:
            connect = _with_logins(connect, addresses)
        else:
            _check_travels(connect, addresses)
        self._dashboard = dashboard
        name = uuid.uuid4().hex[:12]
        # Before anything is started: workers elsewhere may not be able to have it.
        posts = {url: pack(Post(name, url, connect, patience, stays_here), stays_here=stays_here) for url in addresses}
        with ExitStack() as opened:
            client = client or opened.enter_context(local_client(len(addresses), dashboard))
            self._crew = Crew(name, client, Roster(client, name, posts), connect, patience, stays_here)
            opened.callback(self._crew.close)
            self._crew.roster.look(now=True)
            self._opened = opened.pop_all()
        # Dask's threads end with the program before whatever is left open would be.
        atexit.register(self._opened.close)

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of the servers, without logins in them."""
        return tuple(self._crew.roster.entries)

    @property
    def dashboard_link(self) -> str:
        """Where Dask shows what goes on; the page of workers has the servers' metrics."""
        client = self._crew.client
        return link_of(client, self._dashboard) if self._crew.stays_here else str(client.dashboard_link)

    def run(self, workflow: Workflow[OutputsT]) -> Result[OutputsT]:
        """Run one instance on whichever server is free and fits, and return its result.

        Raises what is an outcome of `run_many`. Source: that of the `run` of the server's client.
        """
        for outcome in self.run_many([workflow]):
            if isinstance(outcome, FlowbindError):
                raise outcome
            return outcome
        raise AssertionError("an instance has an outcome")

    def run_many(self, workflows: Iterable[Workflow[OutputsT]]) -> Iterator[Result[OutputsT] | FlowbindError]:
        """Run instances of any classes on servers that fit; return an iterator of the outcomes in the order given.

        They are taken as servers get free, some dozens ahead of the outcome that is wanted, so that there may be any
        number of them. An outcome is a result (a list of them for a workflow with batch nodes), or the error that says
        why there is none: a `flowbind.errors.RunError`, an `InputError`, or `NoServer` with what each server says. A
        server that goes away loses its run to another one, and gets others when it is back. Leaving the iterator early
        cancels what goes on. Raises `TypeError` for what is no instance, and `ClientClosed` where the fleet is closed
        or its cluster. Source: that of the `submit` and `wait` of the servers' clients.
        """
        from flowbind.fleet.sweep import Sweep

        return Sweep(self._crew, workflows).outcomes()

    def metrics(self) -> list[ServerMetrics]:
        """Ask all servers how they do; return that, and what they have done for this fleet.

        Raises nothing because of a server, and `ClientClosed` where the fleet is closed. Source: that of the `metrics`
        of the servers' clients.
        """
        self._crew.check_open()
        roster, tally = self._crew.roster, self._crew.tally
        roster.measure()
        return [
            ServerMetrics(
                url=url,
                is_away=entry.problem is not None,
                problem=entry.problem,
                metrics=entry.metrics,
                losses=tally.losses(url),
                unfit={kind.__name__: known[url] for kind, known in self._crew.unfit.items() if url in known},
                workflows=tally.done(url),
            )
            for url, entry in roster.entries.items()
        ]

    def close(self) -> None:
        """Cancel what goes on, let go of the workers, and end those of this process; a given cluster runs on.

        Results can be downloaded all the same. Raises nothing. Source: the `cancel` of runs that go on.
        """
        atexit.unregister(self._opened.close)
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Fleet of {', '.join(self.urls)}>"


def _with_logins(connect: Connect, addresses: Mapping[str, str]) -> Connect:
    """Return the same for addresses without logins, under which servers are known; it never leaves this process."""
    return lambda url: connect(addresses[url])


def _check_travels(connect: Connect, addresses: Mapping[str, str]) -> None:
    """Refuse what would take secrets along to workers elsewhere."""
    if not isinstance(connect, FunctionType | type):
        raise TypeError("For workers elsewhere, `connect` has to be a function of a module that they can import.")
    for url, given in addresses.items():
        if "@" in given:
            raise ValueError(
                f"The address of {url} has a login in it, which would be sent to Dask's workers: give the address "
                "without it, and a function `connect` that takes the login from the environment of the worker."
            )
