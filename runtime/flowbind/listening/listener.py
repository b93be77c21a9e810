"""Hearing from a server what happens in its queue: one websocket for a client, opened again when it breaks."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from socket import SHUT_RDWR
from typing import Any, Protocol

from flowbind.errors import Unauthorized, UnexpectedReply
from flowbind.listening.channel import Channels
from flowbind.listening.delays import Delays
from flowbind.transport.connection import Connection

FIRST_ATTEMPT = 5.0
"""Seconds that a submit waits for the first connection; without it the server is asked instead."""
CONNECT = 10.0
"""Seconds that an attempt to connect may take."""
CLOSE = 1.0
"""Seconds that the server has for its part of closing."""
LARGEST = 1 << 24
"""Bytes of one event, decompressed: previews are the largest, of some 100 kB. Up to 16 of them may wait to be read."""


class Conversation(Protocol):
    """One connection as a family of servers has it: frames in, answers and events out; no I/O."""

    @property
    def url(self) -> str:
        """Where the server tells."""
        ...

    @property
    def subscribed(self) -> bool:
        """Whether the server tells."""
        ...

    @property
    def silence(self) -> float | None:
        """The seconds without a frame after which the connection is taken for dead; None where it may be silent."""
        ...

    def greeting(self) -> str | None:
        """Return what the client says first, if it does."""
        ...

    def hear(self, frame: str | bytes) -> tuple[str | None, tuple[str, Any] | None]:
        """Take in a frame; return what to answer, and the event that it was: its name and what it says.

        Raises `Unauthorized` where the server does not tell this client.
        """
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """How a server is listened to: `begin` is called for each connection.

    `pings` says after how many seconds the client asks whether the other end is there; None where the server does.
    """

    begin: Callable[[], Conversation]
    pings: float | None = None


@cache
def can_listen() -> bool:
    """Tell whether the extra `events` is installed."""
    return find_spec("websockets") is not None


def socket_options(connection: Connection, line: Line, tls: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the options that both kinds of websocket client take; `tls` is that of the connection."""
    options = {"open_timeout": CONNECT, "close_timeout": CLOSE, "max_size": LARGEST, "ping_interval": line.pings}
    # At the level DEBUG its own would log frames, and the account's token with them.
    silent = logging.Logger("flowbind.silent", logging.CRITICAL + 1)
    return {**options, "logger": silent, "additional_headers": connection.headers, "ssl": tls}


def refuse_redirect(url: str, socket: Any) -> None:
    """Raise `UnexpectedReply` for a connection to another server than that of `url`: tokens are not for others."""
    from websockets.headers import build_host
    from websockets.uri import parse_uri

    wanted = parse_uri(url)
    if socket.request.headers["Host"] != build_host(wanted.host, wanted.port, wanted.secure):
        raise UnexpectedReply("The server's websocket was answered with a redirect, which is not followed.")


class Listener:
    """A thread that listens for one client, until it is closed.

    `refused` is whether the server wanted another token at the last attempt. Nothing here may hold the client: one that
    nobody holds any more is not listened for.
    """

    def __init__(self, connection: Connection, line: Line, channels: Channels) -> None:
        self.refused = False
        self._connection = connection
        self._line = line
        self._channels = channels
        self._attempted = threading.Event()
        self._calls: SimpleQueue[None] = SimpleQueue()
        self._ended = False
        self._socket: Any = None
        # A daemon: a program that does not close its client ends all the same.
        self._thread = threading.Thread(target=self._listen, name="flowbind-events", daemon=True)
        self._thread.start()

    def wait_for_first_attempt(self) -> None:
        """Return when the server tells, when it does not, or after some seconds, once."""
        if not self._attempted.wait(FIRST_ATTEMPT):
            self._attempted.set()

    def try_again(self) -> None:
        """Make another attempt now, since there is a new token; return as `wait_for_first_attempt` does."""
        self._attempted.clear()
        self._calls.put(None)
        self.wait_for_first_attempt()

    def close(self) -> None:
        """Stop listening; the thread has ended then, unless it is just connecting."""
        self._end()
        if self._socket is not None:
            self._socket.close()
        self._thread.join(CLOSE)

    def abandon(self) -> None:
        """Have the thread end by itself; takes no lock, since the garbage collector may call it in any moment."""
        self._end()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.socket.shutdown(SHUT_RDWR)

    def _end(self) -> None:
        self._ended = True
        self._calls.put(None)

    def _listen(self) -> None:
        delays = Delays()
        while not self._ended:
            self.refused = False
            try:
                self._converse(delays)
            except Exception as error:
                # Whatever came: nobody could be told here, and who waits asks the server instead.
                self.refused = isinstance(error, Unauthorized)
            finally:
                self._socket = None
                self._channels.set_live(False)
                self._attempted.set()
            with suppress(Empty):
                self._calls.get(timeout=delays.take())

    def _converse(self, delays: Delays) -> None:
        from websockets.sync.client import connect

        options = socket_options(self._connection, self._line, self._connection.ssl_context())
        conversation = self._line.begin()
        with connect(conversation.url, **options) as socket:
            refuse_redirect(conversation.url, socket)
            self._socket = socket
            if (greeting := conversation.greeting()) is not None:
                socket.send(greeting)
            while not self._ended:
                answer, event = conversation.hear(socket.recv(conversation.silence))
                if answer is not None:
                    socket.send(answer)
                if event is not None:
                    self._channels.hear(*event)
                elif conversation.subscribed and not self._channels.live:
                    delays.reset()
                    self._channels.set_live(True)
                    self._attempted.set()
