"""A server for measurements, in a process of its own: it answers with ready bytes, before any client could be bored.

    python -m tests.bench.fast_server

Prints its port, and ends with its standard input.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.behaviour.fake_server import ITEM, item
from tests.bench.measuring import ROOT

PICTURE = "/api/v1/images/i/large.png/full"
PICTURE_BYTES = 200_000_000
_PIECE = bytes(1 << 20)


@contextmanager
def fast_server() -> Iterator[str]:
    """Start one; give its address."""
    command = [sys.executable, "-m", "tests.bench.fast_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


def _answer(media_type: str, length: int, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n".encode()


def _json(document: object, status: str = "200 OK") -> bytes:
    body = json.dumps(document).encode()
    return _answer("application/json", len(body), status) + body


_BATCH = {"batch_id": "batch"}
_QUEUED = _json({"queue_id": "default", "enqueued": 1, "requested": 1, "batch": _BATCH, "priority": 0, "item_ids": [7]})
_GIVEN = {ITEM: _json(item()), "/api/v1/boards/none/image_names": _json(["large.png"])}
_MISSING = _json({"detail": "Not Found"}, "404 Not Found")
_BEFORE_PICTURE = _answer("image/png", PICTURE_BYTES)
_LENGTH = b"content-length:"


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(1 << 20))
    with connection, contextlib.suppress(ConnectionError):
        while size := connection.recv_into(buffer):
            head, _, rest = bytes(buffer[:size]).partition(b"\r\n\r\n")
            place = head.lower().find(_LENGTH)
            left = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) - len(rest) if place >= 0 else 0
            while left > 0:
                left -= connection.recv_into(buffer)
            if head.startswith(b"POST"):
                connection.sendall(_QUEUED)
            elif head.startswith(f"GET {PICTURE} ".encode()):
                connection.sendall(_BEFORE_PICTURE)
                for start in range(0, PICTURE_BYTES, len(_PIECE)):
                    connection.sendall(memoryview(_PIECE)[: PICTURE_BYTES - start])
            else:
                path = head.split(b" ", 2)[1].decode().partition("?")[0]
                connection.sendall(_GIVEN.get(path, _MISSING))


def _accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listening.getsockname()[1], flush=True)
    Thread(target=_accept, args=(listening,), daemon=True).start()
    sys.stdin.read()
