"""A fake server that tells what happens: Socket.IO over a websocket, beside HTTP, on one port."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from threading import Event
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response
from websockets.sync.server import ServerConnection

from flowbind.invokeai.events.hearing import COMPLETE, PROGRESS, STARTED, STATUS

from .fake_server import ENQUEUE, ITEM, Answer, FakeServer, Request, as_json, item
from .sockets import Sockets, refused

OPENED = '0{"sid":"ZahoF4bU0hmj7ZRVAAAC","upgrades":[],"pingTimeout":20000,"pingInterval":25000,"maxPayload":1000000}'
NODE = "92ccc580-1c9e-4e4f-8490-f553c0bcdf0a"
"""The node "Grain" of the class `Poster`."""
RESULT = {"type": "image_output", "image": {"image_name": "a.png"}, "width": 64, "height": 64}
Talk = Callable[["TellingServer", ServerConnection], None]


class TellingServer(FakeServer):
    """Answers as its base does, and tells who subscribes; a small front sends each connection where it belongs.

    `talks` are the conversations of the first connections, the last of them that of all others. `story` is done when a
    run is queued, before that is answered.
    """

    def __init__(self) -> None:
        super().__init__()
        self.talks: list[Talk] = [subscribe]
        self.refusal: tuple[int, str] | None = None
        self.connections = 0
        self.heard: list[str] = []
        self.batch_id = ""
        self.story: Sequence[Callable[[], object]] = ()
        self.subscribers: list[ServerConnection] = []
        self.subscribed = Event()
        self.left = Event()
        self._sockets = Sockets(self._http.socket, self._talk, self._handshake)

    @property
    def url(self) -> str:
        """Where the front listens."""
        return self._sockets.url

    def next_answer(self, request: Request) -> Answer:
        """Do what is to happen when a run is queued, then answer."""
        if (request.method, request.path) == ("POST", ENQUEUE):
            self.batch_id = request.json["batch"]["batch_id"]
            answer = super().next_answer(request)
            for happen in self.story:
                happen()
            return answer
        return super().next_answer(request)

    def send(self, frame: str | bytes) -> None:
        """Send a frame to all who have subscribed."""
        for subscriber in [*self.subscribers]:
            with contextlib.suppress(ConnectionClosed):
                subscriber.send(frame)

    def tell(self, name: str, **data: Any) -> None:
        """Tell an event of item 7 of the last batch."""
        self.send("42" + json.dumps([name, {"item_id": 7, "batch_id": self.batch_id, **data}]))

    def status(self, word: str, **about: Any) -> None:
        """Give item 7 another status, and tell so."""
        session = {"results": {"p": RESULT}, "source_prepared_mapping": {NODE: ["p"]}}
        session |= {"prepared_source_mapping": {"p": NODE}, "errors": {}}
        self.answer("GET", ITEM, as_json(item(word, session if word == "completed" else None)))
        self.tell(STATUS, status=word, **about)

    def node(self, name: str, **data: Any) -> None:
        """Tell an event of the node "Grain"."""
        self.tell(name, invocation={"id": "p", "type": "img_noise"}, invocation_source_id=NODE, **data)

    def whole_story(self, **image: Any) -> list[Callable[[], object]]:
        """Return what happens in a run that ends well."""
        return [
            lambda: self.status("in_progress"),
            lambda: self.node(STARTED),
            lambda: self.node(PROGRESS, message="half", percentage=0.5, **image),
            lambda: self.node(COMPLETE, result=RESULT),
            lambda: self.status("completed"),
        ]

    def cut(self) -> None:
        """Break all connections that tell, without a word."""
        self.subscribers.clear()
        self.subscribed.clear()
        self._sockets.cut()

    def _handshake(self, _: ServerConnection, request: Handshake) -> Response | None:
        self.connections += 1
        assert request.path == "/ws/socket.io/?EIO=4&transport=websocket"
        return None if self.refusal is None else refused(*self.refusal)

    def _talk(self, connection: ServerConnection) -> None:
        talk = self.talks[0] if len(self.talks) == 1 else self.talks.pop(0)
        try:
            talk(self, connection)
            for frame in connection:
                self.heard.append(str(frame))
        except ConnectionClosed:
            pass
        finally:
            with contextlib.suppress(ValueError):
                self.subscribers.remove(connection)
            self.left.set()

    def __enter__(self) -> Self:
        super().__enter__()
        self._sockets.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sockets.__exit__(kind, error, trace)
        super().__exit__(kind, error, trace)


def greet(server: TellingServer, connection: ServerConnection) -> None:
    """Open the conversation, as far as the subscription that the client asks for."""
    connection.send(OPENED)
    server.heard.append(str(connection.recv()))
    connection.send('40{"sid":"nwzZ8-biTUaG8qVNAAAD"}')
    server.heard.append(str(connection.recv()))


def subscribe(server: TellingServer, connection: ServerConnection) -> None:
    """Take a subscription, and say so."""
    greet(server, connection)
    server.requests.append(Request("SUBSCRIBED", "/ws/", "", b""))
    server.subscribers.append(connection)
    server.subscribed.set()
    connection.send("430[]")


def refuse(server: TellingServer, connection: ServerConnection) -> None:
    """Refuse the client, as a server with accounts refuses one without a token."""
    connection.send(OPENED)
    server.heard.append(str(connection.recv()))
    connection.send('44{"message":"Connection rejected by server"}')


def say_nothing(_: TellingServer, connection: ServerConnection) -> None:
    """Open the conversation, and never say anything again."""
    connection.send(OPENED)


@contextlib.contextmanager
def told_server() -> Iterator[TellingServer]:
    """Return a server that tells the story of a run that ends well."""
    with TellingServer() as server:
        server.answer("GET", ITEM, as_json(item("pending")))
        server.story = server.whole_story()
        yield server
