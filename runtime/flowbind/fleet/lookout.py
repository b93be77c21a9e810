"""The one server of a worker: its client, and how the server does, looked at in a thread beside the work."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any

from flowbind.errors import FlowbindError, ServerError, ServerUnreachable
from flowbind.fleet.ticket import Ticket
from flowbind.fleet.told import Post, State
from flowbind.metrics import Metrics

_AGAIN = 2.0
"""Seconds between two looks at a server that is away."""
_STALE = 10.0
"""Seconds after which a server's metrics are asked for again."""


class Lookout:
    """Knows whether a server is there; what it still has of runs that went elsewhere is canceled when it is back."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.is_closed = False
        self.is_at_work = False
        """Whether a run goes on, of which it is found otherwise whether it is worth waiting for."""
        self.problem: str | None = None
        """Why the server is away; None while it is there."""
        self.metrics: Metrics | None = None
        self._clients: dict[str, Any] = {}
        self._connecting = Lock()
        self._looked: float | None = None
        self._looking: Future[State] | None = None
        self._left: set[Ticket] = set()
        self._beside = ThreadPoolExecutor(1, f"flowbind {post.url}")

    @property
    def state(self) -> State:
        """What is known of the server."""
        return State(self.post.url, self.problem, self.metrics)

    def client(self, url: str | None = None) -> Any:
        """Return the client of the server, or of another one of which something is wanted.

        Raises what `connect` raises as a `FlowbindError`.
        """
        url = url or self.post.url
        with self._connecting:
            if url not in self._clients:
                self._clients[url] = self._connected(url)
            return self._clients[url]

    def is_away(self) -> bool:
        """Tell whether the server is away; one that was is looked at once more."""
        return self.problem is not None and (self._looked_lately() or self.look().problem is not None)

    def lost(self, error: ServerError, ticket: Ticket | None) -> None:
        """Note that the server has gone away, and with what."""
        self.problem, self._looked = str(error), time.monotonic()
        if ticket:
            self._left.add(ticket)

    def takes_up(self, ticket: Ticket) -> None:
        """Note that a run is waited for again."""
        self._left.discard(ticket)

    def look(self) -> State:
        """Ask how the server does."""
        was_away, self._looked = self.problem is not None, time.monotonic()
        try:
            server = self.client()
            if not server.is_alive():
                raise ServerUnreachable(f"{server.url} does not answer.")
        except FlowbindError as error:
            if not self.is_at_work:
                self.problem, self.metrics = str(error), None
            return self.state
        try:
            self.metrics = server.metrics()
        except ServerError:
            # It is not told to this account, or by something in between.
            self.metrics = None
        while was_away and self._left:
            with suppress(FlowbindError):
                self._left.pop().cancel(server)
        self.problem = None
        return self.state

    def beside(self, function: Any, *args: Any) -> Future[Any]:
        """Call a function in the thread beside the work."""
        return self._beside.submit(function, *args)

    def watched(self) -> State:
        """Return what is known of the server, and have it looked at where that was long ago; never waits."""
        if not self._looked_lately() and (self._looking is None or self._looking.done()):
            self._looking = self.beside(self.look)
        return self.state

    async def close(self) -> None:
        """Close the clients, and with them what waits for the server."""
        self.is_closed = True
        self._close()
        # Once more, after what has opened them again meanwhile.
        closed = self.beside(self._close)
        self._beside.shutdown(wait=False)
        await asyncio.wrap_future(closed)

    def _close(self) -> None:
        for server in [*self._clients.values()]:
            server.close()

    def _looked_lately(self) -> bool:
        lately = _STALE if self.problem is None else _AGAIN
        return self._looked is not None and time.monotonic() - self._looked < lately

    def _connected(self, url: str) -> Any:
        try:
            return self.post.connect(url)
        except FlowbindError:
            raise
        except Exception as error:  # whatever the user's function may raise
            raise ServerUnreachable(f"No client of {url} can be made: {error}") from None
