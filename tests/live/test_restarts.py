"""A real server that ends and starts again while runs are waited for."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from generated import Poster, TextToImageSd15

from flowbind.errors import RunCanceled
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from live_tools import Live
from throwaway import ThrowawayServer

pytestmark = pytest.mark.timeout(300)

LONG = 150.0
SHORT = Poster(width=64, height=64)


def endless(live: Live) -> TextToImageSd15:
    """Return a run that takes minutes."""
    return TextToImageSd15(model=live.model["name"], steps=5000)


def until_it_runs(live: Live, item_id: int) -> None:
    """Wait until a run has left the queue."""
    deadline = time.monotonic() + 60
    while live.item(item_id)["status"] == "pending":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def check(live: Live, before: int, first: int, second: int, ends: tuple[Any, Any]) -> None:
    """What ran is canceled, what waited went on; both were told, and the queue has nothing else."""
    assert isinstance(ends[0], RunCanceled)
    assert (ends[0].item_id, ends[1].item_id) == (first, second)
    assert [live.item(item_id)["status"] for item_id in (first, second)] == ["canceled", "completed"]
    assert live.newest_item() == before + 2


def test_a_server_that_is_stopped_and_started(mortal: tuple[ThrowawayServer, Live]) -> None:
    server, live = mortal
    before = live.newest_item()
    with InvokeAI(live.url) as client, ThreadPoolExecutor() as threads:
        first, second = client.submit(endless(live)), client.submit(SHORT)
        until_it_runs(live, first.item_id)
        ends = [threads.submit(job.wait, LONG) for job in (first, second)]
        server.restart()
        ended = ends[0].exception(LONG), ends[1].result(LONG)
    check(live, before, first.item_id, second.item_id, ended)


def test_a_server_that_is_killed_and_started(mortal: tuple[ThrowawayServer, Live]) -> None:
    server, live = mortal
    before = live.newest_item()

    async def run() -> None:
        async with AsyncInvokeAI(live.url) as client:
            first, second = await client.submit(endless(live)), await client.submit(SHORT)
            await asyncio.to_thread(until_it_runs, live, first.item_id)
            ends = asyncio.gather(first.wait(LONG), second.wait(LONG), return_exceptions=True)
            await asyncio.to_thread(server.restart, kill=True)
            check(live, before, first.item_id, second.item_id, tuple(await ends))

    asyncio.run(run())
