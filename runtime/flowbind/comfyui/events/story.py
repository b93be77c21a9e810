"""From what ComfyUI tells of a prompt, or answers when it is asked, to the events of that run: each once."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.comfyui.body import Body
from flowbind.comfyui.events.frames import PREVIEW, TEXT
from flowbind.comfyui.events.hearing import EXECUTED, EXECUTING, PROGRESS
from flowbind.comfyui.runs.item import Item
from flowbind.comfyui.runs.shown import node_outputs
from flowbind.downloadable import Pictures
from flowbind.events import Event, NodeFinished, Preview, Progress, Started
from flowbind.image_size import image_size
from flowbind.listening.channel import Heard

_MOST = 2**53
"""Whoever counts further does not count steps."""


class Story:
    """What has been told of one run so far."""

    def __init__(self, item_id: str, run: int, body: Body, source: Pictures[Any] | None) -> None:
        self.item_id = item_id
        self.run = run
        self._body = body
        self._source = source
        self._started = False
        self._finished: set[str] = set()
        self._shares: dict[str, tuple[float, int]] = {}

    def hear(self, heard: Heard) -> Iterator[Event[Any]]:
        """Yield the events that an event of the server stands for."""
        if heard.item_id is not None:
            yield from self._start()
        if heard.prepared is None or heard.node is None:
            return
        if heard.name == EXECUTED:
            yield from self._finish(heard.prepared, heard.node, heard.data.get("output"))
        elif heard.name in (EXECUTING, PROGRESS, PREVIEW, TEXT):
            yield self._progress(heard, heard.prepared, heard.node)

    def read(self, item: Item) -> Iterator[Event[Any]]:
        """Yield the events that were not told, from the prompt as the server has it."""
        if item.status != "pending":
            yield from self._start()
        for prepared, output in item.outputs.items():
            yield from self._finish(prepared, item.shown_for.get(prepared, prepared), output)

    def end(self) -> bool:
        """Tell that nothing more is told: the server is silent about a run after its end."""
        return False

    def rest(self) -> float:
        """Return that no time is to pass."""
        return 0.0

    def _start(self) -> Iterator[Event[Any]]:
        if not self._started:
            self._started = True
            yield Started(self.item_id, self.run)

    def _finish(self, prepared: str, node: str, output: Any) -> Iterator[Event[Any]]:
        if prepared not in self._finished and isinstance(output, dict):
            self._finished.add(prepared)
            shown = node_outputs([output], self._source)
            yield NodeFinished(self.item_id, self.run, self._body.label(node), node, shown)

    def _progress(self, heard: Heard, prepared: str, node: str) -> Progress:
        last, step = self._shares.get(prepared, (None, 0))
        if (share := _percentage(heard.data)) is not None and share != last:
            last, step = self._shares[prepared] = share, step + 1
        message = heard.data.get("text")
        said = message if isinstance(message, str) else ""
        return Progress(self.item_id, self.run, self._body.label(node), node, said, last, step, _preview(heard.data))


def _percentage(data: Mapping[str, Any]) -> float | None:
    match data.get("value"), data.get("max"):
        case (int() | float() as value, int() | float() as most) if 0 < most <= _MOST and 0 <= value <= _MOST:
            return 100.0 * min(value / most, 1)
        case _:
            return None


def _preview(data: Mapping[str, Any]) -> Preview | None:
    content, media_type = data.get("image"), data.get("media_type")
    if not isinstance(content, bytes) or (size := image_size(content)) is None:
        return None
    said = media_type if isinstance(media_type, str) else "image/png" if content[:1] == b"\x89" else "image/jpeg"
    return Preview(*size, said, base64.b64encode(content).decode("ascii"))
