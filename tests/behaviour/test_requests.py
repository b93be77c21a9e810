"""What clients ask of a server besides runs: requests of the user's own, and what the server supports."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from generated import Poster

from flowbind.errors import ConnectionBroken, NotFound, UnexpectedReply
from flowbind.invokeai import AsyncInvokeAI, InvokeAI

from .fake_server import HANG_UP, PNG, Answer, FakeServer, as_json
from .test_drift_check import shipped

PATH, DOCUMENT = "/api/v1/thing", "/openapi.json"


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, server: FakeServer) -> Any:
    """The method `request` of both clients, as a function."""

    def ask_sync(*arguments: Any, **options: Any) -> Any:
        with InvokeAI(server.url) as client:
            return client.request(*arguments, **options)

    async def awaited(*arguments: Any, **options: Any) -> Any:
        async with AsyncInvokeAI(server.url) as client:
            return await client.request(*arguments, **options)

    return ask_sync if request.param == "sync" else lambda *a, **o: asyncio.run(awaited(*a, **o))


def test_what_is_sent(server: FakeServer, ask: Any) -> None:
    server.answer("POST", PATH, as_json({"a": [1]}))
    assert ask("post", PATH, params={"n": 1, "on": True, "names": ["x", "y"]}, json={"b": None}) == {"a": [1]}
    (sent,) = server.requests
    assert (sent.method, sent.query, sent.body) == ("POST", "n=1&on=true&names=x&names=y", b'{"b": null}')
    assert sent.headers["content-type"] == "application/json"
    ask("POST", PATH, content=b"abc", headers={"Content-Type": "text/plain", "X-Own": "1"})
    sent = server.requests[-1]
    assert (sent.body, sent.headers["content-type"], sent.headers["x-own"]) == (b"abc", "text/plain", "1")


def test_what_comes_back(server: FakeServer, ask: Any) -> None:
    server.answer("GET", PATH, Answer(PNG, media_type="image/png"))
    assert ask("GET", PATH) == PNG
    server.answer("GET", PATH, Answer(b"", media_type="text/plain"))
    assert ask("GET", PATH) == b""
    server.answer("DELETE", PATH, Answer(b"", 204))
    assert ask("DELETE", PATH) is None
    large = [{"n": n} for n in range(30_000)]
    server.answer("GET", PATH, as_json(large))
    assert ask("GET", PATH) == large


def test_answers_that_are_none(server: FakeServer, ask: Any) -> None:
    with pytest.raises(NotFound):
        ask("GET", PATH)
    for answer in (
        Answer(b"<html>", media_type="text/html; charset=utf-8"),
        Answer(b"", 307, headers={"location": PATH}),
        Answer(b'{"a', media_type="application/json"),
        Answer(b"[" * 200_000, media_type="application/json"),
    ):
        server.answer("GET", PATH, answer)
        with pytest.raises(UnexpectedReply):
            ask("GET", PATH)


def test_only_reading_is_repeated(server: FakeServer, ask: Any) -> None:
    server.answer("GET", PATH, HANG_UP, as_json(1))
    assert ask("GET", PATH) == 1
    server.answer("POST", PATH, HANG_UP, as_json(1))
    with pytest.raises(ConnectionBroken) as caught:
        ask("POST", PATH, json={})
    assert len(server.sent("POST")) == 1
    # What httpx raised holds the request.
    assert caught.value.__context__ is caught.value.__cause__ is None


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:9/x",
        "//127.0.0.1:9/x",
        "api/v1/thing",
        "",
        "/api/../../x",
        "/api/%2e%2E/x",
        "/api/./x",
        "/..",
        "/api\\x",
        "/api?x=1",
        "/api#x",
        "/api\n",
        "/api\u202e",
    ],
)
def test_paths_that_lead_elsewhere(server: FakeServer, ask: Any, path: str) -> None:
    with pytest.raises(ValueError, match=r"path|query|quote"):
        ask("GET", path)
    assert server.requests == []


def test_a_path_that_looks_like_an_address_stays_on_the_server(server: FakeServer, ask: Any) -> None:
    with FakeServer() as other:
        with pytest.raises(NotFound):
            ask("GET", f"/{other.url}/x")
        assert other.requests == []
    assert [r.path for r in server.requests] == [f"/{other.url}/x"]


def test_one_body_and_no_header_of_the_clients(ask: Any) -> None:
    with pytest.raises(ValueError, match="one body"):
        ask("POST", PATH, json={}, content=b"")
    with pytest.raises(ValueError, match="give it an account"):
        ask("GET", PATH, headers={"AUTHORIZATION": "Bearer x"})


def test_the_document_is_read_once(server: FakeServer) -> None:
    server.answer("GET", DOCUMENT, Answer(as_json(shipped()).body, seconds=0.1))
    queue = "/api/v1/queue/{queue_id}/enqueue_batch"
    found: list[bool] = []
    with InvokeAI(server.url, check="error") as client:
        threads = [
            threading.Thread(target=lambda: found.append(client.supports("POST", queue))),
            threading.Thread(target=lambda: client.submit(Poster())),
        ]
        threads += [threading.Thread(target=lambda: found.append(client.supports("GET", queue))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [False] * 6 + [True]
    assert len(server.sent("GET", DOCUMENT)) == 1

    async def many() -> None:
        async with AsyncInvokeAI(server.url, check="error") as other:
            await asyncio.gather(*(other.submit(Poster()) for _ in range(8)), other.supports("POST", queue))

    asyncio.run(many())
    assert len(server.sent("GET", DOCUMENT)) == 2


def test_who_gives_up_lets_others_read_the_document(server: FakeServer) -> None:
    server.answer("GET", DOCUMENT, Answer(as_json(shipped()).body, seconds=0.3))

    async def run() -> bool:
        async with AsyncInvokeAI(server.url) as client:
            first = asyncio.create_task(client.supports("GET", PATH))
            second = asyncio.create_task(client.supports("GET", "/api/v1/app/version"))
            while not server.requests:
                await asyncio.sleep(0.01)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await second

    assert asyncio.run(run()) is True


@pytest.mark.parametrize("document", [{}, {"paths": []}, {"paths": {"/x": []}}, {"paths": {"/x": {"get": 1}}}])
def test_the_document_of_another_program(server: FakeServer, document: object) -> None:
    server.answer("GET", DOCUMENT, as_json(document))
    with InvokeAI(server.url) as client:
        assert client.supports("GET", "/api/v1/app/version") is False


def test_without_a_document_nothing_is_known(server: FakeServer) -> None:
    with InvokeAI(server.url) as client, pytest.raises(NotFound):
        client.supports("GET", PATH)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>", media_type="text/html"),
        as_json({"detail": "Not Found"}, 404),
        as_json({}),
        as_json([1]),
        as_json({"version": "6.14.2"}, 500),
        Answer(b"", 302, headers={"location": "/login"}),
        Answer(b"{", 200),
        HANG_UP,
    ],
)
def test_what_is_not_alive(server: FakeServer, answer: Answer) -> None:
    server.answer("GET", "/api/v1/app/version", answer)
    with InvokeAI(server.url) as client:
        assert client.is_alive() is False
