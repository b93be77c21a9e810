"""From an instance to the server's word that it is queued: over a connection, beside httpx that posts ready bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from tests.bench.fast_server import fast_server
from tests.bench.rows import Row
from tests.performance.budgets import CONCURRENT, SUBMIT, Budget

NODES = (16, 1000)
ROUNDS, SUBMITS, AT_ONCE = 15, 128, 32
LIMITS = (1, 2, 4, 8, 16, 32)
"""How many requests httpx is given at once: the best of them is what flowbind is measured by."""

_REASON = "a submit also checks and joins the request and reads the answer"


def submits() -> list[Row]:
    """From an instance to the server's word that it is queued."""
    with fast_server() as url:
        return [row for nodes in NODES for row in _rows(url, nodes)]


def _rows(url: str, nodes: int) -> list[Row]:
    import httpx

    from flowbind.invokeai import AsyncInvokeAI, InvokeAI
    from flowbind.invokeai.runs.preview import preview

    workflow = _workflow(nodes)
    body = preview(workflow)[0]
    size = f"{len(body) / 1000:.0f} kB"
    place = f"{url}/api/v1/queue/default/enqueue_batch"
    posted = {"content": body, "headers": {"content-type": "application/json"}}

    def bare_socket() -> None:
        parts = urlsplit(place)
        head = f"POST {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            for _ in range(SUBMITS):
                connection.sendall(head.encode() + body)
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")

    def ours_async() -> None:
        async def submit_all() -> None:
            async with AsyncInvokeAI(url, check="off", events=False) as client:
                await _at_once(lambda: client.submit(workflow), AT_ONCE)

        asyncio.run(submit_all())

    def bare_async(limit: int) -> None:
        async def post_all() -> None:
            async with httpx.AsyncClient() as client:
                await _at_once(lambda: client.post(place, **posted), limit)

        asyncio.run(post_all())

    with InvokeAI(url, check="off", events=False) as client, httpx.Client() as bare:
        wall, cpu = _rates(
            {
                "ours": lambda: [client.submit(workflow) for _ in range(SUBMITS)],
                "bare": lambda: [bare.post(place, **posted) for _ in range(SUBMITS)],
                "socket": bare_socket,
            }
        )
        with ThreadPoolExecutor(AT_ONCE) as pool:
            _, threaded = _rates(
                {
                    "ours": lambda: [*pool.map(lambda _: client.submit(workflow), range(SUBMITS))],
                    "bare": lambda: [*pool.map(lambda _: bare.post(place, **posted), range(SUBMITS))],
                }
            )
    limited = {str(limit): partial(bare_async, limit) for limit in LIMITS}
    wall_async, cpu_async = _rates({"ours": ours_async, **limited})
    best = max(limited, key=lambda limit: cpu_async[limit])
    together, by_best = f"submit, {AT_ONCE} async at once", f"httpx, {best} at once, the best for it"
    posts = "httpx posting ready bytes"

    def row(what: str, rates: Mapping[str, float], other: str, beside: str, budget: Budget | None = None) -> Row:
        return Row(f"{what}, {size}", rates["ours"], beside, rates[other], budget, "/s", _REASON)

    return [
        row("submit, one after another, by CPU", cpu, "bare", posts, SUBMIT),
        row("submit, one after another, by wall", wall, "bare", posts, SUBMIT),
        row("the same by wall: what the server can", wall, "socket", "a bare socket"),
        row(f"submit, {AT_ONCE} threads at once, by CPU", threaded, "bare", f"httpx, {AT_ONCE} threads", SUBMIT),
        row(f"{together}, by CPU", cpu_async, best, by_best, CONCURRENT),
        row(f"{together}, by wall", wall_async, best, by_best, CONCURRENT),
        row(f"{together}, by CPU", cpu_async, str(LIMITS[-1]), f"httpx, {LIMITS[-1]} at once"),
    ]


async def _at_once(send: Callable[[], Awaitable[object]], limit: int) -> None:
    """Send what one round sends, all at once but for a limit of those in flight."""
    turns = asyncio.Semaphore(limit)

    async def one() -> None:
        async with turns:
            await send()

    await asyncio.gather(*(one() for _ in range(SUBMITS)))


def _rates(cases: Mapping[str, Callable[[], object]]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the submits per second of each case, in turn: by wall time, and by CPU time of this process."""
    wall: dict[str, list[float]] = {name: [] for name in cases}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, send in cases.items():
            started, used = time.perf_counter(), time.process_time()
            send()
            cpu[name].append(SUBMITS / (time.process_time() - used))
            wall[name].append(SUBMITS / (time.perf_counter() - started))
    return {name: median(found) for name, found in wall.items()}, {name: median(found) for name, found in cpu.items()}


def _workflow(nodes: int) -> Any:
    """Return an instance of a class that the generator makes of so many nodes."""
    from tests.unit.exports import form, given, node, workflow

    import flowbind

    steps = [node(f"n{number}", "integer", {"value": given(number)}) for number in range(nodes)]
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "chain.json"
        export.write_text(json.dumps(workflow(*steps, form=form("n0.value"))))
        return flowbind.load(export)(value=3)
