"""One client of a real server, shared by threads and by tasks: each result is that of its own run, also as files."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from generated import Poster

from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from live_tools import QUEUE, Live, size_of

THREADS, TASKS = 16, 40


def poster(number: int) -> Poster:
    """Return a run whose picture is told from all others by its size."""
    return Poster(width=64 + 8 * (number % 8), height=64 + 8 * (number // 8))


def check(number: int, result: Any, content: bytes) -> None:
    """Check that a result and its picture are those of a run."""
    own = poster(number)
    assert (result.outputs.image.width, result.outputs.image.height) == (own.width, own.height)
    assert size_of(content) == (own.width, own.height)


def test_threads(live: Live, requests: list[str]) -> None:
    with InvokeAI(live.url) as client, ThreadPoolExecutor(THREADS) as pool:

        def run(number: int) -> tuple[int, Any, bytes]:
            result = client.run(poster(number), timeout=120)
            return number, result, client.images.bytes(result.outputs.image)

        found = list(pool.map(run, range(THREADS)))
    for one in found:
        check(*one)
    assert requests.count(f"POST {QUEUE}/enqueue_batch") == THREADS
    assert requests.count("GET /openapi.json") == 1


def test_tasks(live: Live, requests: list[str]) -> None:
    async def run_all() -> list[tuple[int, Any, bytes]]:
        async with AsyncInvokeAI(live.url) as client:

            async def run(number: int) -> tuple[int, Any, bytes]:
                result = await client.run(poster(number), timeout=120)
                return number, result, await client.images.bytes(result.outputs.image)

            return list(await asyncio.gather(*map(run, range(TASKS))))

    for one in asyncio.run(run_all()):
        check(*one)
    assert requests.count(f"POST {QUEUE}/enqueue_batch") == TASKS
    assert requests.count("GET /openapi.json") == 1
