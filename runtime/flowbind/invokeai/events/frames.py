"""Socket.IO as far as a listener needs it, over a websocket: frames in, answers and events out; no I/O.

Written down here because the sync client of python-socketio hands events over out of order, and its async client needs
another HTTP library. Protocols: Engine.IO 4, Socket.IO 5.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from flowbind.errors import ConnectionBroken, Unauthorized
from flowbind.transport.address import websocket_url

_OPEN, _PING, _PONG = "0", "2", "3"
_CONNECT, _DISCONNECT, _EVENT, _REFUSED = "40", "41", "42", "44"
# An event with a number is acknowledged: what is enqueued after that is heard.
_SUBSCRIBE, _SUBSCRIBED = "420", "430"
_SUBSCRIPTION = ["subscribe_queue", {"queue_id": "default"}]


def socket_url(url: str) -> str:
    """Return the address of a server's Socket.IO."""
    return websocket_url(url, "/ws/socket.io/", "EIO=4&transport=websocket")


@dataclass
class Conversation:
    """One connection, from the first frame on; `subscribed` when the server tells, and `silence` in seconds is its end.

    `token` is that of the account, where the server has accounts.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    subscribed: bool = False
    silence: float = 60.0

    def greeting(self) -> None:
        """Say nothing first: the server does."""

    def hear(self, frame: str | bytes) -> tuple[str | None, tuple[str, dict[str, Any]] | None]:
        """Take in a frame; return what to answer, and the event that it was: name and data.

        Raises `Unauthorized` where the server wants another token, `ConnectionBroken` where it ends the
        conversation, and `ValueError` for what is no Socket.IO.
        """
        if isinstance(frame, bytes):
            return None, None
        if frame.startswith(_OPEN):
            self._read_intervals(_parsed(frame[1:]))
            return _CONNECT + (json.dumps({"token": self.token}) if self.token else ""), None
        if frame == _PING:
            return _PONG, None
        if frame.startswith(_CONNECT):
            return _SUBSCRIBE + json.dumps(_SUBSCRIPTION), None
        if frame.startswith(_REFUSED):
            raise Unauthorized("The server does not tell this account what happens.")
        if frame.startswith(_DISCONNECT):
            raise ConnectionBroken("The server tells no more.")
        if frame.startswith(_SUBSCRIBED):
            self.subscribed = True
        elif frame.startswith(_EVENT):
            return None, _event(_parsed(frame[len(_EVENT) :]))
        return None, None

    def _read_intervals(self, opened: Any) -> None:
        if isinstance(opened, dict):
            match opened.get("pingInterval"), opened.get("pingTimeout"):
                case (int(interval), int(patience)) if 0 < interval + patience < 10_000_000:
                    self.silence = (interval + patience) / 1000


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("The server's event is nested too deep.") from None


def _event(document: Any) -> tuple[str, dict[str, Any]] | None:
    match document:
        case [str(name), dict(data), *_]:
            return name, data
        case _:
            return None
