"""Answers without end, large, slow or compressed: an error of our own, in bounded memory and time."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind.errors import ConnectionBroken, NotFound, RequestTimeout, ServerFault, SubmitUncertain, UnexpectedReply
from flowbind.listening import listener
from flowbind.transport import bounds as _bounds

from .both_clients import Script, carry_out
from .fake_server import ENQUEUE, ITEM, PNG, Answer, FakeServer, as_json, item
from .local_server import LocalHandler, LocalServer
from .telling_server import TellingServer

PATH = "/api/v1/thing"
PICTURE = "/api/v1/images/i/here.png/full"
MEBIBYTE = 1 << 20


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which client."""
    found: str = request.param
    return found


class EndlessServer(LocalServer):
    """Answers whatever is asked with a head, and pieces until the client hangs up."""

    def __init__(self, head: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        super().__init__(_Handler)
        self.head, self.pieces = head, pieces
        self.sent_bytes = 0


class _Handler(LocalHandler):
    owner: EndlessServer

    def _serve(self) -> None:
        self.asked()
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.write(f"HTTP/1.1 {self.owner.head}\r\n".encode())
            for piece in self.owner.pieces():
                self.wfile.write(piece)
                self.owner.sent_bytes += len(piece)

    do_GET = do_POST = _serve


def endless(piece: bytes, seconds: float = 0) -> Callable[[], Iterator[bytes]]:
    """Return what says a piece again and again, with a pause in between."""

    def pieces() -> Iterator[bytes]:
        yield b"\r\n"
        while True:
            yield piece
            time.sleep(seconds)

    return pieces


def ask(path: str = PATH, method: str = "GET") -> Script:
    """Return a script that sends one request."""

    async def script(client: Any) -> Any:
        return await client.request(method, path)

    return script


def peak_of(kind: str, url: str, script: Script, error: type[Exception], match: str, **options: Any) -> int:
    """Carry out a script that has to fail; return the bytes that it took at once."""
    with contextlib.suppress(Exception):
        carry_out(kind, "http://127.0.0.1:9", script, check="off")  # loads what is loaded on first use
    tracemalloc.start()
    try:
        with pytest.raises(error, match=match):
            carry_out(kind, url, script, check="off", **options)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small bounds, which are reached soon."""
    monkeypatch.setattr(_bounds, "LARGEST_DOCUMENT", 2 * MEBIBYTE)
    monkeypatch.setattr(_bounds, "LARGEST_CONTENT", 4 * MEBIBYTE)


@pytest.mark.usefixtures("small")
def test_json_without_end(kind: str) -> None:
    with EndlessServer("200 OK\r\ncontent-type: application/json\r\n", endless(b" " * 65536)) as server:
        said = r"GET /api/v1/thing was answered with more than 2 MiB.*document\. Ask for less"
        assert peak_of(kind, server.url, ask(), UnexpectedReply, said) < 12 * MEBIBYTE


@pytest.mark.usefixtures("small")
def test_a_bomb_of_json(kind: str, server: FakeServer) -> None:
    bomb = zlib.compress(bytes(50 * MEBIBYTE), 1, zlib.MAX_WBITS | 16)
    assert len(bomb) < MEBIBYTE
    server.answer("GET", PATH, Answer(bomb, headers={"content-encoding": "gzip"}))
    assert peak_of(kind, server.url, ask(), UnexpectedReply, "more than 2 MiB") < 12 * MEBIBYTE


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "\x01"])
def test_a_compression_that_nobody_asked_for(kind: str, server: FakeServer, encoding: str) -> None:
    server.answer("GET", PATH, Answer(b"[]", headers={"content-encoding": encoding}))
    with pytest.raises(UnexpectedReply, match=r"compressed as .*, which was not asked for"):
        carry_out(kind, server.url, ask(), check="off")


def test_compressed_json_is_read(kind: str, server: FakeServer) -> None:
    server.answer("GET", PATH, Answer(gzip.compress(b'["x"]'), headers={"content-encoding": "GZIP"}))
    assert carry_out(kind, server.url, ask(), check="off") == ["x"]
    assert server.requests[-1].headers["accept-encoding"] == "gzip"


def test_broken_compression_is_a_broken_connection(kind: str, server: FakeServer) -> None:
    server.answer("GET", PATH, Answer(b"[]" * 100, headers={"content-encoding": "gzip"}))
    with pytest.raises(ConnectionBroken, match="broken compression"):
        carry_out(kind, server.url, ask(), check="off")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("head", "error"), [("500 No", ServerFault), ("404 No", NotFound)])
def test_an_error_keeps_its_kind_however_much_it_says(kind: str, head: str, error: type[Exception]) -> None:
    for media_type in ("application/json", "image/png", "text/plain"):
        with EndlessServer(f"{head}\r\ncontent-type: {media_type}\r\n", endless(b"x" * 65536)) as server:
            assert peak_of(kind, server.url, ask(), error, "gives no reason") < 12 * MEBIBYTE


@pytest.mark.usefixtures("small")
def test_a_login_that_is_answered_without_end(kind: str) -> None:
    account = {"email": "a@b.c", "password": "secret"}
    with EndlessServer("401 No\r\ncontent-type: application/json\r\n", endless(b"x" * 65536)) as server:
        assert peak_of(kind, server.url, ask(), Exception, "refuses the login", **account) < 12 * MEBIBYTE


@pytest.mark.usefixtures("small")
def test_a_picture_without_end_in_memory(kind: str) -> None:
    async def content(client: Any) -> Any:
        return await client.images.bytes("here.png")

    with EndlessServer("200 OK\r\ncontent-type: image/png\r\n", endless(b"x" * 65536)) as server:
        assert peak_of(kind, server.url, content, UnexpectedReply, "Save it to a file instead") < 20 * MEBIBYTE


@pytest.mark.usefixtures("small")
def test_a_file_may_be_larger_than_what_is_held_in_memory(kind: str, server: FakeServer, tmp_path: Path) -> None:
    large = PNG * 20
    assert len(large) > _bounds.LARGEST_CONTENT
    server.answer("GET", PICTURE, Answer(large, media_type="image/png"))

    async def save(client: Any) -> Any:
        return await client.images.save("here.png", tmp_path / "a.png")

    assert carry_out(kind, server.url, save, check="off").read_bytes() == large


def test_a_server_that_says_a_byte_now_and_then(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bounds, "PATIENCE", 1.5)
    with EndlessServer("200 OK\r\ncontent-type: application/json\r\n", endless(b" ", 0.05)) as server:
        said = r"GET /api/v1/thing: the answer was not complete after 0\.3 s"
        with pytest.raises(RequestTimeout, match=said):
            carry_out(kind, server.url, ask(), check="off", timeout=0.2)


def test_a_head_without_end(kind: str) -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x-more: " + b"x" * 8000 + b"\r\n"

    with EndlessServer("200 OK", pieces) as server:
        assert peak_of(kind, server.url, ask(), ConnectionBroken, "The connection to") < 4 * MEBIBYTE


@pytest.mark.usefixtures("small")
def test_a_run_whose_answer_is_too_large_is_looked_for(kind: str, server: FakeServer) -> None:
    from generated import Poster

    async def submit(client: Any) -> Any:
        return await client.submit(Poster())

    server.answer("POST", ENQUEUE, as_json({"enqueued": 1, "x": "x" * 3 * MEBIBYTE}))
    with pytest.raises((UnexpectedReply, SubmitUncertain), match=r"may be queued|unknown whether"):
        carry_out(kind, server.url, submit, check="off", events=False)
    assert len(server.sent("POST", ENQUEUE)) == 1
    assert server.sent("GET")


def test_an_event_that_is_too_large_ends_the_telling_and_not_the_wait(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generated import Poster

    monkeypatch.setattr(listener, "LARGEST", MEBIBYTE)

    async def run(client: Any) -> Any:
        return await client.run(Poster(), timeout=30)

    left: list[bool] = []
    with TellingServer() as server:
        server.answer("GET", ITEM, as_json(item("pending")))
        too_large = "42" + json.dumps(["invocation_progress", {"x": "x" * 2 * MEBIBYTE}])
        server.story = [
            lambda: server.send(too_large),
            lambda: left.append(server.left.wait(10)),
            lambda: server.status("completed"),
        ]
        assert carry_out(kind, server.url, run, check="off").item_id == 7
        assert left == [True]
