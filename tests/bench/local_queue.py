"""A server that answers with ready bytes, in a process of its own: what it costs is nobody's.

    python -m tests.bench.local_queue

Prints its address, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.behaviour.fake_server import ENQUEUE, ITEM, item
from tests.bench.measuring import ROOT

PICTURE_SIZE = 200_000_000
_BATCH = {"batch_id": "batch"}
_MADE = {"queue_id": "default", "enqueued": 1, "requested": 1, "batch": _BATCH, "priority": 0, "item_ids": [7]}


def _answer(body: bytes, media_type: str = "application/json", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def _answers() -> dict[str, bytes]:
    return {
        f"POST {ENQUEUE}": _answer(json.dumps(_MADE).encode()),
        f"GET {ITEM}": _answer(json.dumps(item()).encode()),
        "GET /api/v1/boards/none/image_names": _answer(b'["large.png"]'),
        "GET /api/v1/images/i/large.png/full": _answer(bytes(PICTURE_SIZE), "image/png"),
    }


@contextmanager
def local_queue() -> Iterator[str]:
    """Give the address of such a server."""
    command = [sys.executable, "-m", "tests.bench.local_queue"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


async def _main() -> None:
    answers, missing = _answers(), _answer(b'{"detail":"Not Found"}', status="404 Not Found")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *rest = head.decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(":", 1) for line in rest if ":" in line)
                await reader.readexactly(int(headers.get("content-length", 0)))
                method, target, _ = first.split(" ")
                writer.write(answers.get(f"{method} {target.partition('?')[0]}", missing))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=128)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
