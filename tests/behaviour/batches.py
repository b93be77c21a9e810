"""What the tests of batches share: a server that takes a batch, and the classes of the golden workflows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import flowbind
from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import Workflow

from .fake_server import ENQUEUE, QUEUE, FakeServer, as_json, enqueued, item

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "batches" / "workflows"
SAMPLE = "36f675cc-81e7-4ef5-a8e2-5d940ed90475"
SIX = (12, 11, 10, 9, 8, 7)
DYNAMIC = "/api/v1/utilities/dynamicprompts"


@cache
def golden(name: str) -> Any:
    """Return one of the golden workflows with batches, of which calling makes instances."""
    return flowbind.load(GOLDEN / f"{name}.json")


def path_of(item_id: int) -> str:
    """Return the path of a queue item."""
    return f"{QUEUE}/i/{item_id}"


def ended(item_id: int, status: str = "completed", **more: Any) -> dict[str, Any]:
    """Return an ended item of a grain study, whose picture is called after it."""
    output = {"type": "image_output", "image": {"image_name": f"{item_id}.png"}, "width": 96, "height": 64}
    session = {"results": {"x": output}, "errors": {}, "source_prepared_mapping": {SAMPLE: ["x"]}}
    return item(status, session, item_id=item_id, **more)


def take(server: FakeServer, item_ids: tuple[int, ...] = SIX, **answers: Any) -> None:
    """Let the server take a batch, whose ids it lists newest first; all items complete at once."""
    server.answer("POST", ENQUEUE, enqueued(item_ids, requested=len(item_ids), **answers))
    for item_id in item_ids:
        server.answer("GET", path_of(item_id), as_json(ended(item_id)))


def status(**counts: int) -> dict[str, Any]:
    """Return what the server says of a batch: how many of its items have which status."""
    words = ("pending", "in_progress", "waiting", "completed", "failed", "canceled")
    about = {"queue_id": "default", "batch_id": "batch", "origin": "flowbind", "destination": "gallery"}
    return {**about, **dict.fromkeys(words, 0), **counts, "total": sum(counts.values())}


def posted(server: FakeServer) -> Any:
    """Return the batch of the one request that was posted to the queue."""
    (request,) = server.sent("POST", ENQUEUE)
    return request.json["batch"]


def items(batch: Any) -> list[list[Any]]:
    """Return the items of the lists that are posted, one for each that advances on its own."""
    return [[datum["items"] for datum in inner] for inner in batch["data"]]


def previewed(workflow: Workflow[Any]) -> Any:
    """Return the batch that would be posted, without a server."""
    return json.loads(preview(workflow)[0])["batch"]
