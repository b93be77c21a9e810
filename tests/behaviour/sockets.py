"""Websockets beside a server's HTTP, on one port: a small front sends each connection where it belongs."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self

from tests.front import Front, is_websocket
from websockets.datastructures import Headers
from websockets.http11 import Request as Handshake
from websockets.http11 import Response
from websockets.sync.server import Server, ServerConnection, serve


class Sockets:
    """Listens while its context lasts: `talk` has a websocket, `handshake` may refuse one, `http` takes the rest."""

    def __init__(
        self,
        http: socket.socket,
        talk: Callable[[ServerConnection], None],
        handshake: Callable[[ServerConnection, Handshake], Response | None],
    ) -> None:
        self._server: Server = serve(
            talk, "127.0.0.1", 0, process_request=handshake, ping_interval=None, compression=None
        )
        self._front = Front(lambda first: (self._server.socket if is_websocket(first) else http).getsockname())
        # Many may call at once.
        http.listen(128)

    @property
    def url(self) -> str:
        """Where the front listens."""
        return self._front.url

    def cut(self) -> None:
        """Break all websockets, without a word."""
        self._front.cut()

    def __enter__(self) -> Self:
        self._front.__enter__()
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._front.__exit__(kind, error, trace)
        self._server.shutdown()


def refused(status: int, place: str = "") -> Response:
    """Return the answer to a handshake that comes to nothing."""
    headers = Headers({"content-type": "text/html", "content-length": "6", "location": place})
    return Response(status, "No", headers, b"<html>")
