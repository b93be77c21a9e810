"""Canceling one prompt, and no other."""

from __future__ import annotations

from flowbind.comfyui.runs.item import place_in_queue
from flowbind.comfyui.runs.reading import Reader
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, send


def cancel(item_id: str, reader: Reader) -> Operation[str]:
    yield from send("POST", "/queue", {"delete": [item_id]})
    if place_in_queue(item_id, (yield from get("/queue"))) == "in_progress":
        yield from send("POST", "/interrupt", {"prompt_id": item_id})
    item = yield from reader.item(item_id)
    return "canceled" if item is None or item.status == "in_progress" else item.status
