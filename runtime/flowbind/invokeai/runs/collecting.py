"""The outcomes of many instances, in their order: read as they are wanted, several at once where they have ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from flowbind.errors import RunError, RunUnreadable, ServerError, WaitTimeout
from flowbind.invokeai.queue.blockade import Lookout
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs.body import QUEUE
from flowbind.invokeai.runs.given_back import Media, python_value
from flowbind.invokeai.runs.outcome import result_of
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.sending import Sending
from flowbind.invokeai.runs.waiting import Question
from flowbind.listening.watching import watch
from flowbind.outcomes import all_results, not_queued
from flowbind.run_status import FINAL
from flowbind.transport.steps import Emit, Operation, Sleep, Stream
from flowbind.transport.wire import read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem

Outcome = Result[Any] | RunError

_BY_IDS = "/api/v1/queue/{queue_id}/items_by_ids"
_MOST = 64
"""As many items as are read at once; each comes with its whole session."""
_WORTH = 8
"""With fewer runs to come it is not worth asking whether the server has a way to read several at once."""


def outcomes(
    sending: Sending, timeout: float | None, media: Media, supports: Supports
) -> Stream[Outcome | list[Result[Any]]]:
    """Emit what became of each instance: a result, a list of them where it has batches, or the `RunError`.

    What is left to queue is queued meanwhile. `timeout` is in seconds, for all together. Raises `WaitTimeout`.
    """
    collector = _Collector(sending, timeout, media, supports)
    for place in range(len(sending.items)):
        found = yield from collector.of(place)
        if not sending.workflow.__flowbind__.batches:
            yield Emit(found[0])
            continue
        try:
            yield Emit(all_results(sending.workflow, found))
        except RunError as error:
            yield Emit(error)


class _Collector:
    """Reads ended runs, and waits for those that have not ended."""

    def __init__(self, sending: Sending, timeout: float | None, media: Media, supports: Supports) -> None:
        self._sending = sending
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._media = media
        self._supports = supports
        self._reads_several: bool | None = None
        # How many runs to read at once: those read already wait here.
        self._size = 1
        self._ahead: dict[int, QueueItem] = {}
        self._patience: float | None = None
        self._lookout = Lookout(sending.workflow.__name__)
        self._ended = 0

    def of(self, place: int) -> Operation[list[Outcome]]:
        """Return the outcomes of an instance's runs."""
        while self._sending.lacks(place):
            pause = self._sending.wait()
            left = self._left()
            if left == 0:
                raise self._timed_out(0)
            yield Sleep(pause if left is None else min(pause, left))
            yield from self._sending.fill()
        found: list[Outcome] = []
        items = self._sending.items[place]
        for number, item_id in enumerate(items):
            later = chain.from_iterable(self._sending.items[place + 1 : place + self._size])
            coming = islice(chain(items[number:], later), self._size)
            found.append((yield from self._outcome(item_id, [*coming])))
            self._ended += 1
        if place in self._sending.given_up:
            found.append(not_queued(self._sending.workflow, 0))
        return found

    def _outcome(self, item_id: int, coming: Sequence[int]) -> Operation[Outcome]:
        """Return what became of a run; those coming after it are read along where they have ended, too."""
        try:
            item = yield from self._item(item_id, coming)
            shared = self._sending.queued[item_id].given
            given = {name: python_value(value, self._media) for name, value in shared.items()}
            return result_of(self._sending.workflow, item, self._media, given, self._sending.lookup)
        except WaitTimeout:
            raise self._timed_out(item_id) from None
        except RunError as error:
            if isinstance(error, RunUnreadable):
                # What blocks one run often blocks all: the patience is spent once.
                self._patience = 0.0
            return error

    def _item(self, item_id: int, coming: Sequence[int]) -> Operation[QueueItem]:
        if item_id not in self._ahead and len(coming) > 1:
            yield from self._read_ahead(coming)
        if item_id in self._ahead:
            return self._ahead.pop(item_id)
        seen: list[str] = []
        name = self._sending.workflow.__name__
        channel = self._sending.queued[item_id].channel
        question = Question(item_id, name, self._patience, self._lookout)
        watching = watch(question, self._left(), channel, seen.append)
        item = yield from self._sending.beside(watching)
        if len(seen) == 1 and (yield from self._may_read_several()):
            self._size = 2
        return item

    def _may_read_several(self) -> Operation[bool]:
        if self._reads_several is None and len(self._sending.queued) - self._ended > _WORTH:
            try:
                self._reads_several = yield from self._supports("POST", _BY_IDS)
            except ServerError:
                # Its document may be hidden by a proxy.
                self._reads_several = False
        return bool(self._reads_several)

    def _read_ahead(self, item_ids: Sequence[int]) -> Operation[None]:
        """Read some runs at once, and next time more of them if all have ended; what is missing is asked for alone."""
        from flowbind.invokeai._rest import QueueItem

        try:
            listed = yield from send("POST", f"{QUEUE}/items_by_ids", {"item_ids": item_ids})
            items = [read(QueueItem, item) for item in listed or ()]
        except ServerError:
            # The wait for a single run bears it, or says what is wrong.
            self._size = 1
            return
        batches = {queued.batch_id for queued in self._sending.batches}
        ended = {item.item_id: item for item in items if item.status in FINAL and item.batch_id in batches}
        self._ahead.update(ended)
        self._size = min(_MOST, self._size * 2) if len(ended) == len(item_ids) else 1

    def _left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _timed_out(self, item_id: int) -> WaitTimeout:
        name, total = self._sending.workflow.__name__, self._sending.total
        left = total - len(self._sending.queued)
        others = f"{left} were not queued, the others go on" if left else "the others go on"
        return WaitTimeout(
            f"{name}: {self._ended} of {total} runs have ended after {self._timeout:g} s; {others}. "
            "Wait again, or cancel them.",
            workflow=name,
            item_id=item_id,
        )
