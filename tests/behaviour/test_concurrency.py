"""One client for many at once: every result belongs to its own run, nothing is sent twice, nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from generated import ImageToImageSd15, Poster, TextToImageSd15
from tests.fuzz.studio import Studio, pixel

from flowbind.errors import ClientClosed
from flowbind.invokeai import AsyncInvokeAI, InvokeAI

from .fake_server import ENQUEUE
from .local_server import LocalHandler, LocalServer, Request
from .test_drift_check import ROOT

# The server in memory knows few node types.
pytestmark = pytest.mark.filterwarnings("ignore::flowbind.errors.DriftWarning")
THREADS, TASKS = 16, 100
DOCUMENT, LOGIN, UPLOAD = "/openapi.json", "/api/v1/auth/login", "/api/v1/images/upload"
ACCOUNT = {"email": "a@example.org", "password": "x"}


class Busy(LocalServer):
    """Answers when it likes, and so out of order; what runs made bears the value that they were given."""

    def __init__(self, *, has_accounts: bool = False) -> None:
        super().__init__(_Handler)
        self.studio = Studio(has_accounts=has_accounts)
        self._lock = threading.Lock()
        self._random = random.Random(8)
        # Many connect at once.
        self._http.socket.listen(200)

    def answer(self, request: Request) -> Any:
        """Return what to say."""
        with self._lock:
            self.requests.append(request)
            said = self.studio.answer(request)
            rest = self._random.random() * 0.02
        time.sleep(rest)
        return said

    def count(self, method: str, path: str) -> int:
        """Return how often something was asked for."""
        return len([r for r in self.requests if (r.method, r.path) == (method, path)])


class _Handler(LocalHandler):
    owner: Busy

    def _serve(self) -> None:
        request = self.asked()
        said = self.owner.answer(request)
        self.send_response(said.status)
        for name, value in {**said.headers, "content-length": str(len(said.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(said.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve


@pytest.fixture
def busy() -> Iterator[Busy]:
    """A server without accounts."""
    with Busy() as server:
        yield server


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do something in so many threads, which begin together; return what each returned."""
    ready = threading.Barrier(count)

    def begin(number: int) -> Any:
        ready.wait()
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def values_of(server: Busy) -> dict[int, Any]:
    """Return which series each item of the queue was submitted with."""
    (slot,) = (s for s in Poster.__flowbind__.slots if s.attribute == "series")
    return {run.item_id: run.batch["graph"]["nodes"][slot.node].get(slot.field) for run in server.studio.runs}


def check_own(server: Busy, results: dict[str, Any]) -> None:
    """Check that each result is that of its own run, and that each was submitted once."""
    values = values_of(server)
    assert {result.item_id: series for series, result in results.items()} == values
    for result in results.values():
        assert result.outputs.image.name.startswith(f"{result.item_id}-")
    batches = Counter(request.json["batch"]["batch_id"] for request in server.sent("POST", ENQUEUE))
    assert set(batches.values()) == {1}
    assert {result.batch_id for result in results.values()} == set(batches)


def test_threads_do_not_mix_their_results(busy: Busy) -> None:
    with InvokeAI(busy.url, events=False) as client:

        def run(number: int) -> dict[str, Any]:
            return {f"{number}-{n}": client.run(Poster(series=f"{number}-{n}"), timeout=60) for n in range(3)}

        found = at_once(THREADS, run)
    results = {series: result for own in found for series, result in own.items()}
    assert len(results) == THREADS * 3
    check_own(busy, results)
    assert busy.count("GET", DOCUMENT) == 1


def test_tasks_do_not_mix_their_results(busy: Busy) -> None:
    async def run_all() -> dict[str, Any]:
        async with AsyncInvokeAI(busy.url, events=False) as client:

            async def run(number: int) -> tuple[str, Any]:
                series = str(number)
                return series, await client.run(Poster(series=series), timeout=60)

            return dict(await asyncio.gather(*map(run, range(TASKS))))

    check_own(busy, asyncio.run(run_all()))
    assert busy.count("GET", DOCUMENT) == 1


def test_what_all_need_is_asked_for_once(busy: Busy) -> None:
    content = pixel()

    def submit(client: InvokeAI) -> None:
        client.submit(TextToImageSd15(model="Tiny"))
        client.submit(ImageToImageSd15(source_image=content, model="Tiny"))
        client.submit(Poster(board="Posters"))

    with InvokeAI(busy.url, events=False) as client:
        at_once(THREADS, lambda _: submit(client))
    assert busy.count("POST", ENQUEUE) == 3 * THREADS
    once = {path: busy.count(verb, path) for verb, path in ONCE}
    assert once == dict.fromkeys(once, 1)


def test_what_all_tasks_need_is_asked_for_once(busy: Busy) -> None:
    async def submit_all() -> None:
        async with AsyncInvokeAI(busy.url, events=False) as client:
            runs = [ImageToImageSd15(source_image=pixel(), model="Tiny", board="Posters") for _ in range(TASKS)]
            await asyncio.gather(*map(client.submit, runs))

    asyncio.run(submit_all())
    assert busy.count("POST", ENQUEUE) == TASKS
    once = {path: busy.count(verb, path) for verb, path in ONCE}
    assert once == dict.fromkeys(once, 1)


ONCE = [("GET", DOCUMENT), ("POST", UPLOAD), ("GET", "/api/v2/models/"), ("GET", "/api/v1/boards/")]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_one_login_and_one_more_when_the_token_expires(kind: str) -> None:
    with Busy(has_accounts=True) as server:
        if kind == "sync":
            with InvokeAI(server.url, **ACCOUNT, check="off", events=False) as client:
                at_once(THREADS, lambda number: client.submit(Poster(series=str(number))))
        else:

            async def submit_all() -> None:
                async with AsyncInvokeAI(server.url, **ACCOUNT, check="off", events=False) as client:
                    await asyncio.gather(*(client.submit(Poster(series=str(n))) for n in range(TASKS)))

            asyncio.run(submit_all())
        # The first token has expired before anybody can use it.
        assert server.count("POST", LOGIN) == 2
        assert len(server.studio.runs) == (THREADS if kind == "sync" else TASKS)
        assert len(set(values_of(server).values())) == len(server.studio.runs)


def test_closing_while_others_run_ends_them_with_an_error_of_ours(busy: Busy) -> None:
    client = InvokeAI(busy.url, check="off", events=False)
    ended: list[Any] = []

    def run(number: int) -> None:
        for n in range(40):
            try:
                client.run(Poster(series=f"{number}-{n}"), timeout=20)
            except ClientClosed as error:
                ended.append(error)
                return

    closing = threading.Timer(0.15, client.close)
    closing.start()
    at_once(8, run)
    client.close()
    assert ended
    batches = Counter(request.json["batch"]["batch_id"] for request in busy.sent("POST", ENQUEUE))
    assert set(batches.values()) == {1}


def test_closing_while_tasks_run_ends_them_with_an_error_of_ours(busy: Busy) -> None:
    async def run_all() -> list[Any]:
        client = AsyncInvokeAI(busy.url, check="off", events=False)

        async def run(number: int) -> None:
            for n in range(40):
                await client.run(Poster(series=f"{number}-{n}"), timeout=20)

        tasks = [asyncio.ensure_future(run(number)) for number in range(8)]
        await asyncio.sleep(0.15)
        await client.close()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()
        return found

    for found in asyncio.run(run_all()):
        assert found is None or isinstance(found, ClientClosed), repr(found)


def test_modules_may_be_loaded_by_many_threads_at_once(busy: Busy) -> None:
    script = f"""
import sys, threading
sys.setswitchinterval(1e-5)
from flowbind.invokeai import InvokeAI
client = InvokeAI({busy.url!r}, check="off")
ready = threading.Barrier({THREADS})
asks = [
    lambda: client.boards.list(), lambda: client.images.names(), lambda: client.models.list(), lambda: client.version(),
    lambda: client.queue.status(), lambda: client.library.tags(), lambda: client.videos.names(),
    lambda: client.submit(__import__("generated").Poster()),
]
failed = []
def ask(number):
    ready.wait()
    for ask in asks[number % len(asks):] + asks[:number % len(asks)]:
        try:
            ask()
        except BaseException as error:
            failed.append(error)
threads = [threading.Thread(target=ask, args=(n,)) for n in range({THREADS})]
[t.start() for t in threads]
[t.join(60) for t in threads]
assert not any(t.is_alive() for t in threads), "somebody waits for ever"
assert not failed, failed
print("done")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "done\n", done.stderr
