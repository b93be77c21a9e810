"""Hearing from the server what happens in its queue: one websocket for a client, opened again when it breaks."""

from __future__ import annotations

import logging
import ssl
import threading
from functools import cache
from importlib.util import find_spec
from typing import Any

from flowbind.errors import Unauthorized
from flowbind.invokeai.account import Account
from flowbind.invokeai.channel import Channels
from flowbind.invokeai.connection import Connection
from flowbind.invokeai.frames import Conversation, Delays, socket_url

FIRST_ATTEMPT = 5.0
"""Seconds that a submit waits for the first connection; without it the server is asked instead."""
CONNECT = 10.0
"""Seconds that an attempt to connect may take."""
_LARGEST = 1 << 26


@cache
def can_listen() -> bool:
    """Tell whether the extra `events` is installed."""
    return find_spec("websockets") is not None


def socket_options(connection: Connection, tls: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the options that both kinds of websocket client take; `tls` is that of the connection."""
    options = {"open_timeout": CONNECT, "close_timeout": 1.0, "max_size": _LARGEST, "ping_interval": None}
    # At the level DEBUG its own would log frames, and the account's token with them.
    silent = logging.Logger("flowbind.silent", logging.CRITICAL + 1)
    return {**options, "logger": silent, "additional_headers": connection.headers, "ssl": tls}


class Listener:
    """A thread that listens for one client, until it is closed; `refused` when the server wants another token."""

    def __init__(self, connection: Connection, account: Account, channels: Channels) -> None:
        self.refused = False
        self._connection = connection
        self._account = account
        self._channels = channels
        self._attempted = threading.Event()
        self._awake = threading.Event()
        self._closed = False
        self._socket: Any = None
        # A daemon: a program that does not close its client ends all the same.
        self._thread = threading.Thread(target=self._listen, name="flowbind-events", daemon=True)
        self._thread.start()

    def wait_for_first_attempt(self) -> None:
        """Return when the server tells, when it does not, or after some seconds."""
        self._attempted.wait(FIRST_ATTEMPT)

    def try_again(self) -> None:
        """Make another attempt now: there is a new token."""
        self._attempted.clear()
        self._awake.set()
        self.wait_for_first_attempt()

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        self._awake.set()
        if self._socket is not None:
            self._socket.close()

    def _listen(self) -> None:
        delays = Delays()
        while not self._closed:
            self._awake.clear()
            try:
                self._converse(delays)
            except Exception as error:
                # Whatever came: nobody could be told here, and who waits asks the server instead.
                self.refused = isinstance(error, Unauthorized)
            finally:
                self._socket = None
                self._channels.set_live(False)
                self._attempted.set()
            if not self._closed:
                self._awake.wait(delays.take())

    def _converse(self, delays: Delays) -> None:
        from websockets.sync.client import connect

        conversation = Conversation(self._account.token)
        options = socket_options(self._connection, self._connection.ssl_context())
        with connect(socket_url(self._connection.url), **options) as socket:
            self._socket = socket
            while not self._closed:
                answer, event = conversation.hear(socket.recv(conversation.silence))
                if answer is not None:
                    socket.send(answer)
                if event is not None:
                    self._channels.hear(*event)
                elif conversation.subscribed and not self._channels.live:
                    delays.reset()
                    self._channels.set_live(True)
                    self._attempted.set()
