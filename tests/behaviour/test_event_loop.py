"""The event loop is never blocked: whatever waits for a disk or a network does so in another thread."""

from __future__ import annotations

import asyncio
import builtins
import gzip
import io
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated import ImageToImageSd15, Poster

import flowbind.drift
from flowbind import pinned
from flowbind.invokeai import AsyncInvokeAI
from flowbind.listening import pauses
from flowbind_generator.invokeai.shipped import shipped_document

from .fake_server import PNG, Answer, as_json
from .telling_server import TellingServer, told_server
from .test_archives import ORDER, packed
from .test_images import UPLOAD, picture

PICTURE = "/api/v1/images/i/a.png"
LARGE = 1 << 17
"""Bytes of JSON that take about a millisecond."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TellingServer]:
    """A server that tells, has the real document, and takes its time with a picture."""
    # All runs are item 7 here, and the server tells of the latest batch: the others ask.
    monkeypatch.setattr(pauses, "_TRUST", 0.2)
    with told_server() as fake:
        fake.answer("GET", "/openapi.json", Answer(gzip.decompress(shipped_document())))
        fake.answer("GET", f"{PICTURE}/full", Answer(PNG, media_type="image/png", seconds=0.05))
        fake.answer("GET", PICTURE, as_json(picture("a.png")))
        fake.answer("POST", UPLOAD, as_json(picture("b.png"), 201))
        fake.answer("GET", f"{PICTURE}/thumbnail", Answer(b"small", media_type="image/webp"))
        fake.answer("POST", ORDER, as_json({"bulk_download_item_name": "all.zip"}, 202))
        growing = Answer(b"", 416, headers={"content-range": "*/1000"})
        whole = Answer(packed(["a.png"]), media_type="application/zip")
        fake.answer("GET", f"{ORDER}/all.zip", growing, growing, whole)
        yield fake


@pytest.fixture
def fresh() -> None:
    """Forget what earlier tests have read from disk."""
    for workflow in (Poster, ImageToImageSd15):
        workflow.__flowbind__.cache.clear()
        workflow.__flowbind__.loaded.clear()
    pinned._entries.cache_clear()


class Watch:
    """Notes what blocks in the thread of the event loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[str] = []
        self._thread: threading.Thread | None = None
        self._patch = monkeypatch
        for owner, name in (
            *((builtins, name) for name in ("open",)),
            *((io, name) for name in ("open",)),
            *((os, name) for name in ("replace", "unlink", "stat", "scandir", "mkdir", "open")),
            *(
                (Path, name)
                for name in ("read_bytes", "read_text", "write_bytes", "unlink", "mkdir", "exists", "is_dir")
            ),
            *((time, name) for name in ("sleep",)),
            *((flowbind.drift, name) for name in ("workflow_drift",)),
        ):
            self._watch(owner, name, lambda *_: True)
        for name in ("connect", "recv", "recv_into", "send", "sendall"):
            self._watch(socket.socket, name, lambda own, *_: own.gettimeout() != 0)
        self._watch(json, "loads", lambda text, *_: len(text) > LARGE)

    def __enter__(self) -> None:
        self._thread = threading.current_thread()

    def __exit__(self, *_: object) -> None:
        self._thread = None

    def _watch(self, owner: Any, name: str, blocks: Callable[..., bool]) -> None:
        real = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            if threading.current_thread() is self._thread and blocks(*args):
                self.found.append(f"{name} {args[:1]!r:.80}")
            return real(*args, **options)

        self._patch.setattr(owner, name, watched)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch what is called in the thread of the event loop."""
    # What is imported on first use is no matter of a program that goes on.
    import httpx
    import websockets.asyncio.client

    assert httpx
    assert websockets.asyncio.client
    return Watch(monkeypatch)


async def everything(url: str, folder: Path, check: Any) -> None:
    """Submit, wait, listen, upload and download, all at once."""
    async with AsyncInvokeAI(url, check=check) as client:

        async def listen() -> None:
            job = await client.submit(Poster())
            async for _ in job.events(20):
                pass

        async def change() -> None:
            result = await client.run(ImageToImageSd15(source_image=folder / "own.png", model="Tiny"), timeout=20)
            assert result.item_id == 7

        async def save(number: int) -> None:
            await client.images.save("a.png", folder / "saved" / f"{number}.png")
            await client.images.save("a.png", folder)

        await listen()
        await asyncio.gather(
            *(client.run(Poster(), timeout=20) for _ in range(8)),
            *(listen() for _ in range(8)),
            *(change() for _ in range(4)),
            *(save(number) for number in range(8)),
            client.images.upload(folder / "own.png"),
            client.images.upload(io.BytesIO(PNG), again=True),
            client.images.thumbnail("a.png", folder),
            client.images.download(folder / "all.zip", images=["a.png"]),
        )


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("check", ["off", "warn"])
def test_nothing_blocks_in_the_thread_of_the_loop(
    server: TellingServer, watch: Watch, tmp_path: Path, check: str
) -> None:
    async def watched() -> None:
        with watch:
            await everything(server.url, tmp_path, check)

    (tmp_path / "own.png").write_bytes(PNG)
    asyncio.run(watched())
    assert watch.found == []
    assert len([*(tmp_path / "saved").iterdir()]) == 8


@pytest.mark.usefixtures("fresh")
def test_the_loop_goes_on_meanwhile(server: TellingServer, tmp_path: Path) -> None:
    async def ticked() -> float:
        longest, last = 0.0, time.monotonic()

        async def tick() -> None:
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.001)
                now = time.monotonic()
                longest, last = max(longest, now - last), now

        ticker = asyncio.create_task(tick())
        await everything(server.url, tmp_path, "warn")
        ticker.cancel()
        return longest

    (tmp_path / "own.png").write_bytes(PNG)
    # Generous, for a machine that has much else to do: a request of this server alone takes 50 ms.
    assert asyncio.run(ticked()) < 2
