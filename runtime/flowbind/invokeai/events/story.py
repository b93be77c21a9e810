"""From what InvokeAI tells of a run, or answers when it is asked, to the events of that run: each once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowbind.events import Event, NodeFinished, Preview, Progress, Started
from flowbind.invokeai.events.hearing import COMPLETE, ERROR, PROGRESS, STARTED
from flowbind.invokeai.runs.given_back import Media, node_outputs
from flowbind.invokeai.schema.field_types import mapping
from flowbind.listening.channel import Heard
from flowbind.result import NodeOutputs
from flowbind.run_status import FINAL

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.runs.body import Body

_AFTERWARDS = 1.0
"""Seconds in which a node that was running when its run was canceled, or failed, may still tell something."""


class Story:
    """What has been told of one run so far."""

    def __init__(self, item_id: int, run: int, body: Body, media: Media) -> None:
        self.item_id = item_id
        self.run = run
        self._body = body
        self._media = media
        self._started = False
        self._running: set[str] = set()
        self._finished: set[str] = set()
        self._steps: dict[str, tuple[float, int]] = {}
        self._end = 0.0

    def hear(self, heard: Heard) -> Iterator[Event[Any]]:
        """Yield the events that an event of the server stands for."""
        if heard.status in FINAL:
            self.end()
        elif heard.status != "pending":
            yield from self._start()
        if heard.prepared is None or heard.node is None:
            return
        if heard.name == STARTED:
            self._running |= {heard.prepared} - self._finished
        elif heard.name == PROGRESS and heard.prepared not in self._finished:
            yield self._progress(heard, heard.prepared, heard.node)
        elif heard.name in (COMPLETE, ERROR):
            self._running.discard(heard.prepared)
            if heard.name == COMPLETE:
                yield from self._finish(heard.prepared, heard.node, heard.data.get("result"))

    def read(self, item: QueueItem) -> Iterator[Event[Any]]:
        """Yield the events that were not told, from the item as the server has it."""
        if item.status not in ("pending", "canceled") or item.started_at is not None:
            yield from self._start()
        self._running -= mapping(item.session.get("errors")).keys()
        nodes = mapping(item.session.get("prepared_source_mapping"))
        for prepared, result in mapping(item.session.get("results")).items():
            yield from self._finish(prepared, str(nodes.get(prepared, prepared)), result)

    def end(self) -> bool:
        """Note that the run has its final status; tell whether more may be told of it."""
        self._end = self._end or time.monotonic()
        return self.rest() > 0

    def rest(self) -> float:
        """Return the seconds in which a node that was running at the end may still tell something."""
        return max(0.0, self._end + _AFTERWARDS - time.monotonic()) if self._end and self._running else 0.0

    def _start(self) -> Iterator[Event[Any]]:
        if not self._started:
            self._started = True
            yield Started(self.item_id, self.run)

    def _finish(self, prepared: str, node: str, result: Any) -> Iterator[Event[Any]]:
        if prepared not in self._finished and isinstance(result, dict):
            self._finished.add(prepared)
            self._running.discard(prepared)
            # What is nothing, an event has as null; the item leaves it out.
            known = {name: value for name, value in result.items() if value is not None}
            given = node_outputs([known], self._body.node_types.get(node), self._media)
            output = NodeOutputs(**{name: held[0] for name, held in given.items()})
            yield NodeFinished(self.item_id, self.run, self._label(node), node, output)

    def _progress(self, heard: Heard, prepared: str, node: str) -> Progress:
        share = heard.data.get("percentage")
        percentage = 100.0 * min(share, 1) if isinstance(share, int | float) and share >= 0 else None
        last, step = self._steps.get(prepared, (0.0, 0))
        if percentage and percentage != last:
            last, step = self._steps[prepared] = percentage, step + 1
        message, preview = str(heard.data.get("message") or ""), _preview(heard.data.get("image"))
        return Progress(self.item_id, self.run, self._label(node), node, message, percentage, step, preview)

    def _label(self, node: str) -> str:
        return self._body.node_labels.get(node, node)


def _preview(image: Any) -> Preview | None:
    match image:
        case {"width": int(width), "height": int(height), "dataURL": str(url)} if ";base64," in url:
            media_type, _, encoded = url.removeprefix("data:").partition(";base64,")
            return Preview(width, height, media_type, encoded)
        case _:
            return None
