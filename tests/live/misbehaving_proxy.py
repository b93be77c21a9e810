"""A proxy between a client and the real server that fails on command: what networks do, at the worst moment.

It passes everything on, websockets too, until a rule says what to do with the next requests to a path.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

Fault = Literal["drop", "swallow", "cut", "500", "page", "401", "delay"]
"""What becomes of a request.

`drop` hangs up before the server sees it, `401` refuses it in the server's place. With the others the server does its
work: `swallow` hangs up instead of answering, `cut` in the middle of the answer, `500` and `page` (a web page, with
status 200) take the answer's place, `delay` keeps it back for some seconds.
"""

_CANNED: dict[str, tuple[str, str, bytes]] = {
    "500": ("500 Internal Server Error", "text/plain; charset=utf-8", b"Internal Server Error"),
    "page": ("200 OK", "text/html", b"<!doctype html><title>Sign in</title>"),
    "401": ("401 Unauthorized", "application/json", b'{"detail":"Invalid or expired authentication credentials"}'),
}
_BODILESS = (b"204", b"304")


@dataclass
class Rule:
    """What to do with the next requests of a kind."""

    method: str
    path: re.Pattern[str]
    fault: Fault
    times: int
    seconds: float


@dataclass(frozen=True)
class Message:
    """A request or an answer, as it was on the wire."""

    head: bytes
    body: bytes

    @property
    def words(self) -> list[bytes]:
        """The three words of the first line."""
        return self.head.split(b"\r\n", 1)[0].split(b" ", 2)

    @property
    def upgrades(self) -> bool:
        """Whether it is an answer after which other things than HTTP are said."""
        return self.words[1] == b"101"


class Wire:
    """One end of a connection, read as HTTP/1.1."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._read = b""

    def message(self, *, answers: bytes = b"") -> Message | None:
        """Return the next message, None at the end; `answers` is the method that it is an answer to."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        headers = dict(re.findall(rb"(?m)^([\w-]+):[ \t]*(.*?)\r$", head.lower()))
        is_bodiless = answers == b"HEAD" or (answers and head.split(b" ", 2)[1] in (*_BODILESS, b"101"))
        if is_bodiless:
            return Message(head, b"")
        if headers.get(b"transfer-encoding") == b"chunked":
            return Message(head, self._chunks())
        return Message(head, self._exactly(int(headers.get(b"content-length", 0))))

    def some(self) -> bytes:
        """Return what has come, b"" at the end."""
        read, self._read = self._read, b""
        return read or self.connection.recv(1 << 16)

    def close(self) -> None:
        """Hang up; whoever reads in another thread notices."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _chunks(self) -> bytes:
        read = b""
        while True:
            size = self._until(b"\r\n") or b"0\r\n"
            read += size
            length = int(size.partition(b";")[0], 16)
            read += self._exactly(length + 2)
            if length == 0:
                return read

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._read:
            more = self.connection.recv(1 << 16)
            if not more:
                return None
            self._read += more
        found, _, self._read = self._read.partition(end)
        return found + end

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            more = self.connection.recv(1 << 16)
            if not more:
                raise ConnectionError("the message has no end")
            self._read += more
        found, self._read = self._read[:size], self._read[size:]
        return found


class MisbehavingProxy:
    """Listens on a port of its own for a server: `with MisbehavingProxy(url) as proxy: proxy.url`."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._rules: list[Rule] = []
        self._wires: set[Wire] = set()
        self._websockets: set[Wire] = set()
        self._lock = Lock()
        self._closing = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        self.requests: list[tuple[str, str]] = []
        self.faults: list[tuple[str, str, Fault]] = []
        """The faults that have come about, in order: method, path and what was done."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._address[1]}"

    @property
    def websockets(self) -> int:
        """How many websockets are open."""
        return len(self._websockets)

    def on(self, method: str, path: str, fault: Fault, *, times: int = 1, seconds: float = 0) -> None:
        """Misbehave at the next requests of a method to paths in which a pattern is found."""
        with self._lock:
            self._rules.append(Rule(method, re.compile(path), fault, times, seconds))

    def cut_websockets(self) -> int:
        """Hang up on all websockets; return how many there were."""
        with self._lock:
            cut = list(self._websockets)
        for wire in cut:
            wire.close()
        return len(cut)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Be away: what is connected is hung up on, and nobody can connect."""
        self._stop_listening()
        try:
            yield
        finally:
            self._listener = socket.create_server(self._address)
            self._listen()

    def _listen(self) -> None:
        self._thread = Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()

    def _stop_listening(self) -> None:
        # A thread in accept() does not notice that its socket was closed.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        with self._lock:
            wires = list(self._wires)
        for wire in wires:
            wire.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(Wire(connection),), daemon=True).start()

    def _serve(self, client: Wire) -> None:
        server: Wire | None = None
        with self._lock:
            self._wires.add(client)
        try:
            while (request := client.message()) is not None:
                fault, seconds = self._fault_of(request)
                if fault == "drop":
                    return
                if fault == "401":
                    client.connection.sendall(_canned("401"))
                    continue
                server = server or Wire(socket.create_connection(self._target))
                server.connection.sendall(request.head + request.body)
                answer = server.message(answers=request.words[0])
                if answer is None:
                    return
                if not self._answer(client, answer, fault, seconds):
                    return
                if answer.upgrades:
                    self._pass_on(client, server)
                    return
        except OSError:
            return
        finally:
            for wire in filter(None, (client, server)):
                wire.close()
            with self._lock:
                self._wires.discard(client)

    def _fault_of(self, request: Message) -> tuple[Fault | None, float]:
        method, path = request.words[0].decode(), request.words[1].decode()
        with self._lock:
            self.requests.append((method, path))
            for rule in self._rules:
                if rule.times > 0 and rule.method == method and rule.path.search(path):
                    rule.times -= 1
                    self.faults.append((method, path, rule.fault))
                    return rule.fault, rule.seconds
        return None, 0

    def _answer(self, client: Wire, answer: Message, fault: Fault | None, seconds: float) -> bool:
        """Answer as the fault wants it; tell whether the connection goes on."""
        if fault == "swallow":
            return False
        if fault == "cut":
            client.connection.sendall(answer.head + answer.body[: len(answer.body) // 2])
            return False
        if fault in _CANNED:
            client.connection.sendall(_canned(fault))
            return True
        if fault == "delay":
            self._closing.wait(seconds)
        client.connection.sendall(answer.head + answer.body)
        return True

    def _pass_on(self, client: Wire, server: Wire) -> None:
        """Let both ends of a websocket talk until one of them hangs up."""
        with self._lock:
            self._websockets.add(client)
        back = Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()
        with self._lock:
            self._websockets.discard(client)

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._stop_listening()


def _pump(source: Wire, target: Wire) -> None:
    with contextlib.suppress(OSError):
        while some := source.some():
            target.connection.sendall(some)
    for wire in (source, target):
        wire.close()


def _canned(fault: str) -> bytes:
    status, media_type, body = _CANNED[fault]
    return f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
