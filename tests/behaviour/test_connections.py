"""Connections: one request for each submit, many requests at once, and nothing that waits for what takes long."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from generated import Poster

from flowbind.errors import ClientClosed
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport.connections import CALLS, DOWNLOADS
from flowbind.transport.http import proxy_for

from .both_clients import carry_out
from .fake_server import ENQUEUE, PNG, Answer, FakeServer, as_json

PICTURE = "/api/v1/images/i/here.png/full"
VERSION = "/api/v1/app/version"
SLOW = Answer(PNG, media_type="image/png", seconds=2.0)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_each_submit_is_one_request(server: FakeServer, kind: str) -> None:
    async def submit(client: Any) -> None:
        for number in range(5):
            await client.submit(Poster(sun_size=number))

    carry_out(kind, server.url, submit, check="off")
    assert [(r.method, r.path) for r in server.requests] == [("POST", ENQUEUE)] * 5


class Watched(FakeServer):
    """Counts how many requests it answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._lock = threading.Lock()
        # Many may call at once.
        self._http.socket.listen(128)

    def next_answer(self, request: Any) -> Answer:
        """Take a moment."""
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return super().next_answer(request)


def test_threads_wait_for_their_turn() -> None:
    with Watched() as server, InvokeAI(server.url, check="off", events=False) as client:
        with ThreadPoolExecutor(2 * CALLS) as pool:
            jobs = [*pool.map(lambda _: client.submit(Poster()), range(4 * CALLS))]
        assert len(jobs) == len(server.sent("POST")) == 4 * CALLS
        assert 2 < server.most <= CALLS


def test_tasks_wait_for_their_turn() -> None:
    async def submit_all() -> None:
        async with AsyncInvokeAI(server.url, check="off", events=False) as client:
            await asyncio.gather(*(client.submit(Poster()) for _ in range(4 * CALLS)))

    with Watched() as server:
        asyncio.run(submit_all())
        assert len(server.sent("POST")) == 4 * CALLS
        assert 2 < server.most <= CALLS


def test_long_downloads_do_not_hold_up_a_submit(server: FakeServer, tmp_path: Path) -> None:
    server.answer("GET", PICTURE, SLOW)

    async def save_and_submit() -> list[str]:
        ended: list[str] = []
        async with AsyncInvokeAI(server.url, check="off", events=False) as client:

            async def save(number: int) -> None:
                await client.images.save("here.png", tmp_path / f"{number}.png")
                ended.append("saved")

            saves = [asyncio.create_task(save(number)) for number in range(2 * DOWNLOADS)]
            while len(server.sent("GET")) < DOWNLOADS:
                await asyncio.sleep(0.01)
            await client.submit(Poster())
            ended.append("submitted")
            await asyncio.gather(*saves)
        return ended

    ended = asyncio.run(save_and_submit())
    assert ended[0] == "submitted"
    assert len([*tmp_path.iterdir()]) == 2 * DOWNLOADS


def test_whether_the_server_lives_is_asked_at_once(server: FakeServer) -> None:
    server.answer("GET", PICTURE, SLOW)
    server.answer("GET", VERSION, as_json({"version": "6.14.2"}))

    async def ask() -> bool:
        async with AsyncInvokeAI(server.url, check="off", events=False) as client:
            busy = [asyncio.create_task(client.images.bytes("here.png")) for _ in range(CALLS)]
            while len(server.sent("GET")) < CALLS:
                await asyncio.sleep(0.01)
            alive = await client.is_alive()
            assert not any(task.done() for task in busy)
            await asyncio.gather(*busy)
            return alive

    server._http.socket.listen(128)
    assert asyncio.run(ask())


def test_a_task_that_comes_while_a_client_closes_gets_no_connection_that_is_being_closed(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing: set[int] = set()
    used_too_late: list[int] = []
    handle, aclose = httpx.AsyncHTTPTransport.handle_async_request, httpx.AsyncHTTPTransport.aclose

    async def watched_handle(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        used_too_late.extend({id(self)} & closing)
        return await handle(self, request)

    async def slow_aclose(self: httpx.AsyncHTTPTransport) -> None:
        closing.add(id(self))
        await asyncio.sleep(0.01)
        await aclose(self)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", watched_handle)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "aclose", slow_aclose)

    async def close_and_submit() -> None:
        client = AsyncInvokeAI(server.url, check="off", events=False)
        await asyncio.gather(*(client.submit(Poster()) for _ in range(3)))
        closed = asyncio.ensure_future(client.close())
        await asyncio.sleep(0)
        late = [asyncio.ensure_future(client.submit(Poster())) for _ in range(3)]
        await asyncio.gather(closed, *late, return_exceptions=True)
        await client.close()

    asyncio.run(close_and_submit())
    assert closing
    assert not used_too_late


def test_a_client_that_is_closed_lets_a_request_finish(server: FakeServer, tmp_path: Path) -> None:
    server.answer("GET", PICTURE, SLOW)
    client = InvokeAI(server.url, check="off", events=False)
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(client.images.save, "here.png", tmp_path / "a.png")
        while not server.requests:
            time.sleep(0.01)
        client.close()
        # Whoever began it is told, all the same: the next request would open the client again.
        with pytest.raises(ClientClosed):
            saving.result()
    assert (tmp_path / "a.png").read_bytes() == PNG


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("http://here", {}, None),
        ("http://here", {"http_proxy": "proxy:3128"}, "http://proxy:3128"),
        ("https://here", {"http_proxy": "proxy:3128"}, None),
        ("https://here", {"https_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ("https://here", {"all_proxy": "socks5://proxy"}, "socks5://proxy"),
        ("http://here:9090/x", {"http_proxy": "proxy", "no_proxy": "there,here"}, None),
        ("http://here:9090", {"http_proxy": "proxy", "no_proxy": "here:80"}, "http://proxy"),
        ("http://a.here", {"http_proxy": "proxy", "no_proxy": ".here"}, None),
        ("http://here", {"http_proxy": "proxy", "no_proxy": "*"}, None),
    ],
)
def test_the_proxy_of_the_environment(
    url: str, environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy


def test_requests_go_to_the_proxy(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    with InvokeAI("http://no.such.host", check="off", events=False) as client:
        client.submit(Poster())
    assert server.requests
