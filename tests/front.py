"""A small TCP front of servers: each connection goes on to one of them, by the first bytes that it sends."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self

Address = tuple[str, int]


class Front:
    """Listens on a port of its own; `place` gives the server that takes a connection."""

    def __init__(self, place: Callable[[bytes], Address]) -> None:
        self._place = place
        # As many may call at once.
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._websockets: list[socket.socket] = []
        self.websockets = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """Break the connections of all websockets, without a word."""
        while self._websockets:
            _break(self._websockets.pop())

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _break(self._listening)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            first = caller.recv(1 << 16)
            if is_websocket(first):
                self._websockets.append(caller)
                self.websockets += 1
            with socket.create_connection(self._place(first)) as behind:
                for end in (caller, behind):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                behind.sendall(first)
                back = Thread(target=_pass_on, args=(behind, caller), daemon=True)
                back.start()
                _pass_on(caller, behind)
                back.join()


def is_websocket(first: bytes) -> bool:
    """Tell whether a connection is one for events, by what it sends first."""
    return b"\r\nupgrade: websocket\r\n" in first.lower()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(1 << 16):
            target.sendall(chunk)
    # Both ways: what one side has broken is of no use to the other.
    _break(source)
    _break(target)


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
