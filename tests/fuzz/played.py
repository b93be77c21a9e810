"""A server in memory, and both clients of its family on it: no sockets, no time, every request counted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.behaviour.both_clients import Script, awaited
from tests.behaviour.local_server import Request
from tests.fuzz.fake_time import Clock

from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport.client import Outcome
from flowbind.transport.connections import AsyncConnections, Connections, _Resting
from flowbind.transport.http import Requests
from flowbind.transport.steps import Listen, Sleep, Step

URL = "http://studio.example:9090"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class Said:
    """An answer; `breaks` is whether the connection breaks after the body."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    breaks: bool = False


Server = Callable[[Request], Said]


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer, as it comes from a socket: what httpx makes of its encoding happens when it is read."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def __iter__(self) -> Iterator[bytes]:
        yield self._said.body
        if self._said.breaks:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class _Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    def __init__(self, server: Server) -> None:
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._response(request, b"".join(request.stream))  # type: ignore[arg-type]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._response(request, b"".join([piece async for piece in request.stream]))  # type: ignore[union-attr]

    def _response(self, request: httpx.Request, body: bytes) -> httpx.Response:
        url = request.url
        assert url.host == "studio.example", f"a request to {url.host}"
        path = url.raw_path.partition(b"?")[0].decode()
        said = self._server(Request(request.method, path, url.query.decode(), body, dict(request.headers)))
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in said.headers.items()]
        return httpx.Response(said.status, headers=headers, stream=_Body(said), request=request)


class _Played:
    """A client whose pauses take no time."""

    clock: Clock
    told: Callable[[Any], bool] | None = None
    """Lets the client hear something in a pause; False where there is nothing left."""

    def _passed(self, step: Step) -> bool:
        if not isinstance(step, Sleep | Listen):
            return False
        if not (isinstance(step, Listen) and self.told and self.told(self)):
            self.clock.rest(step.seconds)
        return True


class _Sync(_Played):
    def _outcome(self, step: Step) -> Outcome:
        return (None, None) if self._passed(step) else super()._outcome(step)  # type: ignore[misc]


class _Async(_Played):
    async def _outcome(self, step: Step) -> Outcome:
        return (None, None) if self._passed(step) else await super()._outcome(step)  # type: ignore[misc]


def _played(sync: type[Any], asynchronous: type[Any]) -> dict[str, type[Any]]:
    """Return both clients of a family with pauses that take no time, by their kind."""
    return {"sync": type("Played", (_Sync, sync), {}), "async": type("AsyncPlayed", (_Async, asynchronous), {})}


_CLIENTS = {"InvokeAI": _played(InvokeAI, AsyncInvokeAI), "ComfyUI": _played(ComfyUI, AsyncComfyUI)}


class Player:
    """Carries scripts out; the async client has one event loop for all of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._runner = asyncio.Runner()

    def carry_out(
        self,
        kind: str,
        server: Server,
        script: Script,
        told: Callable[[Any], bool] | None = None,
        family: str = "InvokeAI",
        **options: Any,
    ) -> Any:
        """Carry out a script with a client of the server, "sync" or "async"; return what it returns."""
        client: Any = _CLIENTS[family][kind](URL, verify=_NO_TLS, events=False, **options)
        client.clock, client.told = self._clock, told
        connections = Connections if kind == "sync" else AsyncConnections
        requests = Requests(client._connection)
        client._http = made = connections(requests, client._sender(requests))
        made._resting = _Resting(lambda: _Transport(server))
        if kind == "sync":
            with client:
                return awaited(client, script)

        async def run() -> Any:
            async with client:
                return await script(client)

        return self._runner.run(run())

    def close(self) -> None:
        """Close the event loop."""
        self._runner.close()
