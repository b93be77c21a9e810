"""Connections to the server: each request has one of httpx's transports, and with it a connection, to itself.

At both ends of a request a transport looks through all that it does at that time, so that 32 requests at one of them
cost three times as much as one after another. Another transport costs 3 kB, and they share what is large.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from threading import Lock, Semaphore
from typing import Generic, TypeVar

import httpx

from flowbind.transport.http import KEPT, Requests
from flowbind.transport.sending import Sender
from flowbind.transport.steps import Call, Download

TransportT = TypeVar("TransportT")
CALLS, DOWNLOADS = 16, 8
"""How many of each go on at once; the others wait for their turn, however long. Files do not hold up what is short."""


class _Resting(Generic[TransportT]):
    """The transports that nobody uses at the moment."""

    def __init__(self, make: Callable[[], TransportT]) -> None:
        self._make = make
        self._lock = Lock()
        self._rests: deque[tuple[TransportT, float]] = deque()
        self._closed = False

    def take(self) -> TransportT:
        """Return the one that was used last: its connection is the likeliest to stand."""
        with self._lock:
            if self._rests:
                return self._rests.pop()[0]
        return self._make()

    def give_back(self, transport: TransportT) -> list[TransportT]:
        """Keep one for the next request; return those to close, which have rested for too long."""
        now = time.monotonic()
        with self._lock:
            if self._closed:
                return [transport]
            old = []
            while self._rests and now - self._rests[0][1] > KEPT:
                old.append(self._rests.popleft()[0])
            self._rests.append((transport, now))
            return old

    def close(self) -> list[TransportT]:
        """Return all of them, to close; those that are used are to be closed when they come back."""
        with self._lock:
            self._closed = True
            resting = [transport for transport, _ in self._rests]
            # Whoever took one now would connect while it is being closed, and nobody would close that connection.
            self._rests.clear()
            return resting


class Connections:
    """The connections of one client, which threads may share."""

    def __init__(self, requests: Requests, sender: Sender) -> None:
        self.requests = requests
        self._sender = sender
        self._resting = _Resting(lambda: httpx.HTTPTransport(**requests.options))
        self._turns = {Call: Semaphore(CALLS), Download: Semaphore(DOWNLOADS)}

    @contextmanager
    def answer(self, step: Call | Download, request: httpx.Request) -> Iterator[httpx.Response]:
        """Send a request when it is its turn; give the answer, which may be read as long as this lasts."""
        with nullcontext() if _in_a_hurry(step) else self._turns[type(step)]:
            transport = self._resting.take()
            try:
                response = self._sender.send(request, transport)
                try:
                    yield response
                finally:
                    response.close()
            finally:
                for old in self._resting.give_back(transport):
                    old.close()

    def close(self) -> None:
        """Close what is not in use; the rest closes when it comes back."""
        for transport in self._resting.close():
            transport.close()


class AsyncConnections:
    """The connections of one async client."""

    def __init__(self, requests: Requests, sender: Sender) -> None:
        self.requests = requests
        self._sender = sender
        self._resting = _Resting(lambda: httpx.AsyncHTTPTransport(**requests.options))
        self._turns: dict[type[Call | Download], asyncio.Semaphore] = {
            Call: asyncio.Semaphore(CALLS),
            Download: asyncio.Semaphore(DOWNLOADS),
        }

    @asynccontextmanager
    async def answer(self, step: Call | Download, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Send a request when it is its turn; give the answer, which may be read as long as this lasts."""
        async with nullcontext() if _in_a_hurry(step) else self._turns[type(step)]:
            transport = self._resting.take()
            try:
                response = await self._sender.send_async(request, transport)
                try:
                    yield response
                finally:
                    await response.aclose()
            finally:
                for old in self._resting.give_back(transport):
                    await old.aclose()

    async def close(self) -> None:
        """Close what is not in use; the rest closes when it comes back."""
        for transport in self._resting.close():
            await transport.aclose()


def _in_a_hurry(step: Call | Download) -> bool:
    """Tell whether a request has a time-out of its own, in which waiting for a turn has no place."""
    return isinstance(step, Call) and step.timeout is not None
