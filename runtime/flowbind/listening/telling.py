"""From what the server tells, or answers when it is asked, to the events of a run: each once, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from flowbind.errors import RunError, WaitTimeout
from flowbind.events import Event, Failed, Finished, Queued
from flowbind.listening.channel import CUT, Channel, Heard
from flowbind.listening.pauses import Pace
from flowbind.listening.watching import Item, ItemT, Question
from flowbind.result import Result
from flowbind.run_status import FINAL
from flowbind.transport.steps import Emit, Listen, Step, Stream

T = TypeVar("T")
ItemT_contra = TypeVar("ItemT_contra", bound=Item, contravariant=True)
_Part = Generator[Step | Emit[Event[Any]], Any, T]


class Story(Protocol[ItemT_contra]):
    """What has been told of one run so far."""

    @property
    def item_id(self) -> int | str:
        """What the server calls the run."""
        ...

    @property
    def run(self) -> int:
        """Its number among those submitted together, from 1."""
        ...

    def hear(self, heard: Heard) -> Iterator[Event[Any]]:
        """Yield the events that an event of the server stands for."""
        ...

    def read(self, item: ItemT_contra) -> Iterator[Event[Any]]:
        """Yield the events that were not told, from the run as the server has it."""
        ...

    def end(self) -> bool:
        """Note that the run has its final status; tell whether more may be told of it."""
        ...

    def rest(self) -> float:
        """Return the seconds in which something may still be told after the end."""
        ...


class Telling(Generic[ItemT]):
    """The events of runs that were submitted together, as one stream.

    `notice` hears each status that is seen, with the number of the run; `finish` makes the result of an ended item, or
    raises the `RunError` that says why there is none.
    """

    def __init__(
        self,
        stories: Sequence[tuple[Story[ItemT], Question[ItemT]]],
        name: str,
        channel: Channel,
        notice: Callable[[int, str], None],
        finish: Callable[[ItemT], Result[Any]],
    ) -> None:
        self._name = name
        self._channel = channel
        self._notice = notice
        self._finish = finish
        self._left = {story.item_id: (story, question) for story, question in stories}
        self._ending: set[int | str] = set()
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

    def _questions(self, *, due: bool) -> Sequence[int | str]:
        """Return the runs to ask for: all in doubt, else those of which nothing more will be told."""
        if due or self._in_doubt:
            return tuple(self._left)
        live = self._channel.live
        return tuple(i for i in self._ending if not live or not self._left[i][0].rest())

    def _ask_in_turn(self, item_ids: Sequence[int | str]) -> _Part[bool]:
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

    def _ask(self, item_id: int | str) -> _Part[str | None]:
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
