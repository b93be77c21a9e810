"""A large file on its way to the disk: its rate and its memory, beside httpx that streams it there.

    python -m tests.bench.downloads KIND URL FOLDER

downloads it in this process, and prints the CPU seconds, the wall seconds and the MB that this took.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.fast_server import PICTURE, PICTURE_BYTES, fast_server
from tests.bench.measuring import ROOT
from tests.bench.rows import Row
from tests.performance.budgets import DOWNLOAD, WHOLE

DOWNLOADS, ALLOWED = 7, 4.0
"""Processes of each kind; MiB that flowbind may take more than httpx."""


def downloads() -> list[Row]:
    """A large file on its way to the disk."""
    kinds = ("flowbind", "httpx", "flowbind async", "httpx async")
    found: dict[str, list[list[float]]] = {kind: [] for kind in kinds}
    with fast_server() as url, tempfile.TemporaryDirectory() as folder:
        for _ in range(DOWNLOADS):
            for kind in kinds:
                command = [sys.executable, "-m", "tests.bench.downloads", kind, url, folder]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
                found[kind].append([float(word) for word in done.stdout.split()])
    cost = {kind: [median(column) for column in zip(*lines, strict=True)] for kind, lines in found.items()}
    rows: list[Row] = []
    for ours, other in (kinds[:2], kinds[2:]):
        what = f"download {PICTURE_BYTES / 1e6:.0f} MB to a file{ours.removeprefix('flowbind').replace(' ', ', ')}"
        for place, clock in enumerate(("CPU", "wall")):
            rates = [PICTURE_BYTES / 1e6 / cost[kind][place] for kind in (ours, other)]
            beside = f"{other} stream to a file"
            reason = "it writes beside the event loop, which the other holds up" if "async" in ours else ""
            rows.append(Row(f"{what}, MB by {clock}", rates[0], beside, rates[1], DOWNLOAD, "/s", reason))
        memory, allowed = cost[ours][2], cost[other][2] + ALLOWED * 1.048576
        rows.append(Row(f"{what}, memory", memory, f"{other} stream to a file, and 4 MiB", allowed, WHOLE, "MB"))
    return rows


def _ours(url: str, target: Path) -> None:
    from flowbind.invokeai import InvokeAI

    with InvokeAI(url, check="off", events=False) as client:
        client.images.save("large.png", target)


async def _ours_async(url: str, target: Path) -> None:
    from flowbind.invokeai import AsyncInvokeAI

    async with AsyncInvokeAI(url, check="off", events=False) as client:
        await client.images.save("large.png", target)


def _bare(url: str, target: Path) -> None:
    import httpx

    with httpx.Client() as client, client.stream("GET", url + PICTURE) as response, target.open("wb") as file:
        for piece in response.iter_bytes():
            file.write(piece)


async def _bare_async(url: str, target: Path) -> None:
    import httpx

    async with httpx.AsyncClient() as client, client.stream("GET", url + PICTURE) as response:
        with target.open("wb") as file:
            async for piece in response.aiter_bytes():
                file.write(piece)


def _once(kind: str, url: str, folder: str) -> None:
    # What both need, and what a download of nothing loads, is no part of it.
    import httpx

    import flowbind.transport.aio
    import flowbind.transport.connections
    import flowbind.transport.sync  # noqa: F401

    assert httpx.HTTPTransport
    target = Path(folder) / "large.png"
    # What is loaded on the way is no part of it, either: the second one counts.
    for _ in range(2):
        used, started = time.process_time(), time.perf_counter()
        if kind.endswith("async"):
            asyncio.run((_ours_async if kind.startswith("flowbind") else _bare_async)(url, target))
        else:
            (_ours if kind.startswith("flowbind") else _bare)(url, target)
        cpu, wall = time.process_time() - used, time.perf_counter() - started
        assert target.stat().st_size == PICTURE_BYTES
        target.unlink()
    print(cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))


if __name__ == "__main__":
    _once(*sys.argv[1:])
