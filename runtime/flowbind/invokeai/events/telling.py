"""From what the server tells, or answers when it is asked, to the events of a run: each once, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flowbind.errors import RunError, WaitTimeout
from flowbind.events import Event, Failed, Finished, NodeFinished, Preview, Progress, Queued, Started
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.runs.given_back import Media, node_outputs
from flowbind.invokeai.runs.submitting import FINAL
from flowbind.invokeai.runs.waiting import Pace, Question
from flowbind.invokeai.schema.field_types import mapping
from flowbind.listening.channel import COMPLETE, CUT, ERROR, PROGRESS, STARTED, Channel, Heard
from flowbind.result import NodeOutputs, Result
from flowbind.transport.steps import Emit, Listen, Step, Stream

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem
    from flowbind.invokeai.runs.body import Body

T = TypeVar("T")
_Part = Generator[Step | Emit[Event[Any]], Any, T]
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


class Telling:
    """The events of runs that were submitted together, as one stream.

    `notice` hears each status that is seen, with the number of the run; `finish` makes the result of an ended item, or
    raises the `RunError` that says why there is none.
    """

    def __init__(
        self,
        stories: Sequence[Story],
        name: str,
        channel: Channel,
        notice: Callable[[int, str], None],
        finish: Callable[[QueueItem], Result[Any]],
    ) -> None:
        self._name = name
        self._channel = channel
        self._notice = notice
        self._finish = finish
        lookout = Lookout(name)
        self._left = {s.item_id: (s, Question(s.item_id, name, lookout=lookout)) for s in stories}
        self._ending: set[int] = set()
        self._in_doubt = False
        self._known = 0

    def events(self, timeout: float | None) -> Stream[Event[Any]]:
        """Emit all events until each run has ended; raises `WaitTimeout` after `timeout` seconds."""
        started = time.monotonic()
        pace = Pace(self._channel)
        # Where the server tells, it has told from the beginning.
        due = started + (pace.take() if self._channel.live else 0.0)
        held = 0.0
        for story, _ in self._left.values():
            yield Emit(Queued(story.item_id, story.run))
        while self._left:
            for heard in self._news():
                if heard.name == CUT:
                    due = 0.0
                elif heard.item_id is None:
                    self._in_doubt = True
                for event in self._told(heard):
                    yield Emit(event)
            now = time.monotonic()
            questions = self._questions(due=now >= due) if now >= held else ()
            if questions:
                left = len(self._left)
                answered = yield from self._ask_in_turn(questions)
                pace = pace if len(self._left) == left else Pace(self._channel)
                due = time.monotonic() + pace.take(answered=answered)
                held = 0.0 if answered else due
                continue
            if timeout is not None and now - started >= timeout:
                raise self._too_late(timeout)
            ends = [max(due, held), *(max(held, now + self._left[item_id][0].rest()) for item_id in self._ending)]
            ends += [] if timeout is None else [started + timeout]
            yield Listen(self._channel, self._known, max(0.0, min(ends) - now))

    def _news(self) -> Sequence[Heard]:
        heard = self._channel.heard[self._known :]
        self._known += len(heard)
        return heard

    def _told(self, heard: Heard) -> Iterator[Event[Any]]:
        if heard.item_id not in self._left:
            return
        story, _ = self._left[heard.item_id]
        if heard.status:
            self._notice(story.run, heard.status)
        if heard.status in FINAL:
            self._ending.add(heard.item_id)
        yield from story.hear(heard)

    def _questions(self, *, due: bool) -> Sequence[int]:
        """Return the runs to ask for: all in doubt, else those of which nothing more will be told."""
        if due or self._in_doubt:
            return tuple(self._left)
        live = self._channel.live
        return tuple(i for i in self._ending if not live or not self._left[i][0].rest())

    def _ask_in_turn(self, item_ids: Sequence[int]) -> _Part[bool]:
        """Ask for items, as far as there is something to learn; return False where there was no answer."""
        for item_id in item_ids:
            status = yield from self._ask(item_id)
            if status is None:
                return False
            # The server takes runs in their order: those behind this one have hardly ended, and get their turn.
            if status == "pending" or not (self._in_doubt or status in FINAL):
                break
        self._in_doubt = False
        return True

    def _ask(self, item_id: int) -> _Part[str | None]:
        """Ask for an item; emit what was not told of it, and its end; return its status, None without an answer."""
        story, question = self._left[item_id]
        status = "failed"
        try:
            item = yield from question.ask()
            if item is None:
                return None
            status = item.status
            self._notice(story.run, status)
            for event in story.read(item):
                yield Emit(event)
            if status not in FINAL:
                self._ending.discard(item_id)
                return status
            end: Event[Any] = Finished(item_id, story.run, self._finish(item))
        except RunError as error:
            end = Failed(item_id, story.run, error)
        if self._channel.live and story.end():
            self._ending.add(item_id)
            return status
        # Before it is emitted: whoever stops listening then leaves nothing half done.
        del self._left[item_id]
        self._ending.discard(item_id)
        yield Emit(end)
        return status

    def _too_late(self, timeout: float) -> WaitTimeout:
        first, *others = self._left
        what, cure = f"item {first} has", "it goes on. Listen again, or cancel it."
        if others:
            what = f"{len(self._left)} of its runs (first item {first}) have"
            cure = "they go on. Listen again, or cancel them."
        said = f"{self._name}: {what} not ended after {timeout:g} s; {cure}"
        return WaitTimeout(said, workflow=self._name, item_id=first)


def _preview(image: Any) -> Preview | None:
    match image:
        case {"width": int(width), "height": int(height), "dataURL": str(url)} if ";base64," in url:
            media_type, _, encoded = url.removeprefix("data:").partition(";base64,")
            return Preview(width, height, media_type, encoded)
        case _:
            return None
