"""Answers that once made the runtime fail: what was found by changing answers at random, each by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.behaviour.fake_server import BOARD
from tests.behaviour.local_server import Request
from tests.fuzz.asking import Operation
from tests.fuzz.comfyui_operations import COMFYUI_OPERATIONS
from tests.fuzz.operations import OPERATIONS
from tests.fuzz.played import Player, Said
from tests.fuzz.studio import JSON
from tests.fuzz.test_answers import carried_out

from flowbind.errors import (
    BoardNotFound,
    ModelNotFound,
    NotTheApi,
    Refused,
    RunFailed,
    UnexpectedReply,
    WorkflowNotFound,
)

Change = Callable[[Said], Said]
MANY_PROBLEMS = {"detail": [{"loc": ["body", "batch", n % 40], "msg": f"{n}" * 300} for n in range(400)]}
STRANGE = "\u202e\x1b[31mTiny\n" * 999
ITEM = "/api/v1/queue/default/i/1"


def saying(document: Any, status: int = 200) -> Change:
    """Return a change to another answer."""
    return lambda _: Said(status, json.dumps(document).encode(), JSON)


def with_session(**changed: Any) -> Change:
    """Return a change of some of what an item tells of its nodes."""

    def change(said: Said) -> Said:
        item = json.loads(said.body)
        item["session"] |= changed
        return Said(200, json.dumps(item).encode(), JSON)

    return change


def with_key(key: str, value: Any) -> Change:
    """Return a change of one key."""
    return lambda said: Said(200, json.dumps({**json.loads(said.body), key: value}).encode(), JSON)


def redirect(place: str) -> Change:
    """Return a change to a redirect."""
    return lambda _: Said(307, b"", {"location": place})


FOUND = [
    # httpx reads the address of a redirect, even of one that is not followed.
    ("boards.list", "/api/v1/boards/", redirect("https:x"), NotTheApi),
    ("boards.list", "/api/v1/boards/", redirect("http://[::1"), NotTheApi),
    ("queue.clear", "/api/v1/queue/default/clear", redirect("javascript:alert(1)"), NotTheApi),
    ("images.save", "/api/v1/images/i/", redirect("https:x"), UnexpectedReply),
    ("videos.delete_uncategorized", "/api/v1/videos/uncategorized", with_key("failed_videos", [[]]), UnexpectedReply),
    ("videos.delete_uncategorized", "/api/v1/videos/uncategorized", with_key("failed_videos", 5), UnexpectedReply),
    ("models.list", "/api/v2/models/", saying({"models": 7}), UnexpectedReply),
    ("models.find", "/api/v2/models/", saying([]), UnexpectedReply),
    ("boards.by_name", "/api/v1/boards/", saying(True), UnexpectedReply),
    ("queue.by_ids", "/api/v1/queue/default/items_by_ids", saying(5), UnexpectedReply),
    ("images.open", "/api/v1/images/i/", lambda _: Said(200, b"GIF8", {"content-type": "image/gif"}), UnexpectedReply),
    ("quick.upscale", ITEM, with_session(results={}), UnexpectedReply),
    ("run", ITEM, with_session(source_prepared_mapping={"a": [["p0"]]}), UnexpectedReply),
    ("run", ITEM, with_session(execution_graph={"nodes": {"p0": []}}), UnexpectedReply),
    ("Job.events", ITEM, with_session(results=True), UnexpectedReply),
    ("run, failing", ITEM, with_session(errors=[1]), RunFailed),
    ("run, failing", ITEM, with_session(prepared_source_mapping=["p0"]), RunFailed),
    ("run, failing", ITEM, with_session(workflow_call_history=[1]), RunFailed),
    ("models.install", "/api/v2/models/", saying({"models": [{"key": "k", "source": {}}]}), None),
    (
        "run with models",
        "/api/v2/models/",
        saying({"models": [{"key": "k", "name": "Tiny", "base": "sd-1", "type": "main"}]}),
        UnexpectedReply,
    ),
    ("models.find", "/api/v2/models/", saying({"models": [{"key": "k", "name": STRANGE}] * 2}), ModelNotFound),
    ("boards.by_name", "/api/v1/boards/", saying([{**BOARD, "board_name": STRANGE}]), BoardNotFound),
    # More and more pages, of which each is like the last.
    ("library.get by name", "/api/v1/workflows/", with_key("pages", 10**9), WorkflowNotFound),
    ("library.tags", "/api/v1/workflows/", with_key("pages", 10**9), None),
    ("videos.list", "/api/v1/videos/", with_key("total", 10**9), None),
    ("submit", "/api/v1/queue/default/enqueue_batch", saying(MANY_PROBLEMS, 422), Refused),
]


def with_end(**changed: Any) -> Change:
    """Return a change of what ComfyUI told of the end of a prompt."""

    def change(said: Said) -> Said:
        job = json.loads(said.body)
        if "execution_status" in job:
            job["execution_status"]["messages"][-1][1] |= changed
        return Said(said.status, json.dumps(job).encode(), JSON)

    return change


def showing(**shown: Any) -> Change:
    """Return a change of what the nodes of a prompt show."""

    def change(said: Said) -> Said:
        job = json.loads(said.body)
        if "outputs" in job:
            job["outputs"] = dict.fromkeys(job["outputs"], shown)
        return Said(said.status, json.dumps(job).encode(), JSON)

    return change


def deep(levels: int) -> list[Any]:
    """Return a list within lists."""
    return [deep(levels - 1)] if levels else []


JOB = "/api/jobs/"
FOUND_IN_COMFYUI = [
    # What the server does not tell, it is asked for.
    ("submit", "/prompt", with_key("number", float("nan")), None),
    ("submit", "/prompt", with_key("number", float("inf")), None),
    ("queue.job", "/prompt", with_key("prompt_id", "\u2028\ufeff"), None),
    ("queue.job", "/prompt", with_key("prompt_id", "x" * 9000), None),
    ("run, failing", JOB, with_end(executed=7), RunFailed),
    ("run, failing", JOB, with_end(exception_type="\x1b" * 9999, node_id="\ud800", current_inputs=[1]), RunFailed),
    ("run", JOB, showing(images=deep(600)), None),
    ("Job.events", JOB, showing(x=deep(600)), None),
]
ALL = [(OPERATIONS, *row) for row in FOUND] + [(COMFYUI_OPERATIONS, *row) for row in FOUND_IN_COMFYUI]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("operations", "name", "path", "change", "error"), ALL, ids=[f"{n}-{i}" for i, (_, n, *_) in enumerate(ALL)]
)
def test_what_was_found(
    player: Player,
    kind: str,
    operations: Sequence[Operation],
    name: str,
    path: str,
    change: Change,
    error: type[Exception] | None,
) -> None:
    operation = next(one for one in operations if one.name == name)
    studio = operation.studio()

    def server(request: Request) -> Said:
        said = studio.answer(request)
        meant = request.path == path or (path.endswith(("/i/", JOB)) and path in request.path)
        return change(said) if meant and said.body else said

    found = carried_out(player, kind, operation, server)
    assert not isinstance(found, Exception) if error is None else isinstance(found, error), repr(found)
