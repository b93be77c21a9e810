"""Who listens to the stand-in by its websocket, and what they are told: by client id, in one order, from one thread."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

Frame = str | bytes
PREVIEW, TEXT, PREVIEW_WITH_METADATA = 1, 3, 4
JPEG, PNG = 1, 2


def message(kind: str, data: object) -> str:
    """Return an event as a frame."""
    return json.dumps({"type": kind, "data": data})


def plain_preview(image: bytes) -> bytes:
    """Return a picture as a frame for those who have not said that they know the other form."""
    return struct.pack(">II", PREVIEW, PNG if image.startswith(b"\x89PNG") else JPEG) + image


def told_preview(image: bytes, about: object) -> bytes:
    """Return a picture as a frame that says which node of which prompt it is of."""
    words = json.dumps(about).encode()
    return struct.pack(">II", PREVIEW_WITH_METADATA, len(words)) + words + image


def text_frame(node: str, text: str) -> bytes:
    """Return what a node says while it works, as a frame."""
    name = node.encode()
    return struct.pack(">II", TEXT, len(name)) + name + text.encode()


class Listener:
    """One websocket."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.flags: dict[str, Any] = {}
        self.cut = False


class Listeners:
    """Sends what is told, as a real server does: one frame after the other, whoever takes them.

    `silent`: sockets are taken, and nothing is ever said. `opened` counts the sockets, `heard` is what came in by them.
    """

    def __init__(self, greeting: Callable[[str], list[Frame]], features: Callable[[], object]) -> None:
        self.silent = False
        self.opened = 0
        self.heard: list[tuple[str, Frame]] = []
        self._greeting = greeting
        self._features = features
        self._lock = Lock()
        self._by_id: dict[str, Listener] = {}
        self._told: SimpleQueue[tuple[Frame, list[Listener]] | None] = SimpleQueue()

    def tell(self, frame: Frame, to: str | None = None) -> None:
        """Tell the socket of a client id, or all."""
        with self._lock:
            known = [*self._by_id.values()] if to is None else [self._by_id[to]] if to in self._by_id else []
            self._told.put((frame, known))

    def flag(self, client_id: str, name: str) -> bool:
        """Tell what a client has said that it can do."""
        with self._lock:
            return client_id in self._by_id and self._by_id[client_id].flags.get(name) is True

    @property
    def client_ids(self) -> list[str]:
        """Who is told something at present."""
        with self._lock:
            return [*self._by_id]

    def forget(self) -> None:
        """Tell nothing any more to those who listen now: their connections are about to break."""
        with self._lock:
            for listener in self._by_id.values():
                listener.cut = True
            self._by_id.clear()

    def talk(self, connection: ServerConnection) -> None:
        """Have a websocket."""
        assert connection.request is not None
        asked = parse_qs(urlsplit(connection.request.path).query).get("clientId")
        client_id = asked[0] if asked else uuid4().hex
        listener = Listener(connection)
        with self._lock:
            self.opened += 1
            self._by_id[client_id] = listener
        for frame in self._greeting(client_id):
            self.tell(frame, client_id)
        try:
            for number, said in enumerate(connection):
                self.heard.append((client_id, said))
                self._understand(client_id, listener, said, first=number == 0)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                # A real server forgets the client id here even when a later socket has taken it over: that one then
                # hears nothing any more.
                if not listener.cut:
                    self._by_id.pop(client_id, None)

    def _understand(self, client_id: str, listener: Listener, said: Frame, *, first: bool) -> None:
        document: Any = None
        with contextlib.suppress(ValueError):
            document = json.loads(said)
        if first and isinstance(document, dict) and document.get("type") == "feature_flags":
            listener.flags = document.get("data", {})
            self.tell(message("feature_flags", self._features()), client_id)

    def start(self) -> None:
        """Begin to send."""
        Thread(target=self._send, daemon=True).start()

    def stop(self) -> None:
        """Send no more, after what has been told."""
        self._told.put(None)

    def _send(self) -> None:
        while (told := self._told.get()) is not None:
            frame, listeners = told
            for listener in listeners:
                if not self.silent:
                    with contextlib.suppress(ConnectionClosed):
                        listener.connection.send(frame)
