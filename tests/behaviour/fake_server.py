"""A small HTTP server that plays InvokeAI: programmed answers, every request kept."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .local_server import LocalHandler, LocalServer, Request

QUEUE = "/api/v1/queue/default"
ENQUEUE = f"{QUEUE}/enqueue_batch"
ITEM = f"{QUEUE}/i/7"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 40_000

MODEL = {"key": "key-here", "hash": "blake3:here", "name": "Tiny", "base": "sd-1", "type": "main", "format": "x"}
BOARD = {
    "board_id": "board-1",
    "board_name": "Posters",
    "created_at": "2026-01-01 00:00:00.000",
    "updated_at": "2026-01-01 00:00:00.000",
    "archived": False,
    "image_count": 0,
    "asset_count": 0,
    "video_count": 0,
}


@dataclass(frozen=True)
class Answer:
    """What the server says; `cut` is the number of bytes of the body after which it hangs up."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    cut: int | None = None
    headers: Mapping[str, str] | None = None
    seconds: float = 0
    """How long the server rests in the middle of the body."""


HANG_UP = Answer(b"", cut=-1)


def as_json(document: object, status: int = 200) -> Answer:
    """Return a document as an answer."""
    return Answer(json.dumps(document).encode(), status)


def item(status: str = "completed", session: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a queue item as `GET i/7` has it: members that are null are left out."""
    times = {"created_at": "2026-11-21 03:42:45.825", "updated_at": "2026-11-21 03:42:45.864"}
    fixed = {"item_id": 7, "status": status, "status_sequence": 2, "priority": 0, "batch_id": "batch"}
    return {
        **fixed,
        **times,
        "session_id": "session",
        "queue_id": "default",
        "user_id": "system",
        "session": dict(session or {"id": "session", "results": {}, "errors": {}, "source_prepared_mapping": {}}),
        **more,
    }


def enqueued(item_ids: Sequence[int] = (7,), **more: Any) -> Answer:
    """Return the answer to `enqueue_batch`."""
    size = len(item_ids)
    return as_json(
        {"queue_id": "default", "enqueued": size, "requested": 1, "batch": {}, "priority": 0, "item_ids": [*item_ids]}
        | more
    )


class AnsweringServer(LocalServer):
    """Has an answer to each request."""

    def __init__(self) -> None:
        super().__init__(_Handler)

    def next_answer(self, request: Request) -> Answer:
        """Return what to say to a request."""
        raise NotImplementedError


class FakeServer(AnsweringServer):
    """Answers by path; of several answers to one path the last is repeated."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self.answer("GET", "/api/v2/models/", as_json({"models": [MODEL]}))
        self.answer("GET", "/api/v1/boards/", as_json([BOARD]))
        self.answer("POST", ENQUEUE, enqueued())
        self.answer("GET", ITEM, as_json(item()))

    def answer(self, method: str, path: str, *answers: Answer) -> None:
        """Program what a path is answered with, one after the other."""
        self._answers[method, path] = [*answers]

    def next_answer(self, request: Request) -> Answer:
        """Return what to say to a request, which is kept."""
        if request.path.startswith("/ws/"):
            # Somebody wants to listen, whenever that is; this server does not tell.
            return as_json({"detail": "Not Found"}, 404)
        self.requests.append(request)
        answers = self._answers.get((request.method, request.path))
        if not answers:
            return as_json({"detail": "Not Found"}, 404)
        return answers[0] if len(answers) == 1 else answers.pop(0)


class _Handler(LocalHandler):
    owner: AnsweringServer

    def _serve(self) -> None:
        answer = self.owner.next_answer(self.asked())
        if answer.cut is not None:
            self.close_connection = True
        if answer.cut == -1:
            return
        self.send_response(answer.status)
        self.send_header("content-type", answer.media_type)
        self.send_header("content-length", str(len(answer.body)))
        for name, value in (answer.headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        half = len(answer.body) // 2 if answer.seconds else 0
        with contextlib.suppress(OSError):  # the client has given up
            self.wfile.write(answer.body[:half])
            self.wfile.flush()
            time.sleep(answer.seconds)
            self.wfile.write(answer.body[half : answer.cut])

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve
