"""Queueing the requests of many instances: each run once, and never more than the server's queue has room for."""

from __future__ import annotations

import time
import uuid
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeVar

from flowbind.errors import (
    ConnectionBroken,
    FlowbindError,
    ServerError,
    ServerFault,
    ServerUnreachable,
    SubmitUncertain,
)
from flowbind.invokeai.runs.enqueue import BatchRequest, enqueue
from flowbind.invokeai.runs.grouping import Plan, Request
from flowbind.invokeai.runs.lookup import Lookup
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.refusals import refused
from flowbind.invokeai.runs.submitting import cancel_batch, read_pending
from flowbind.listening.channel import Channel, Channels
from flowbind.transport.pausing import beside
from flowbind.transport.steps import Operation, Sleep, Subscribe

T = TypeVar("T")

_SHORTEST, _LONGEST = 0.02, 1.0
"""Seconds between two looks for room in the queue: at first, and later."""
_AWAY = 120.0
"""Seconds for which the server may be away, once something is queued."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What one request made: the batch, where its events are heard, and what its runs share, by attribute."""

    batch_id: str
    channel: Channel
    given: Mapping[str, Any]


class Sending:
    """What is queued of many instances, and what is left to queue as soon as there is room."""

    def __init__(self, plan: Plan, channels: Channels, supports: Supports, lookup: Lookup | None = None) -> None:
        self.workflow = plan.workflow
        self.lookup = lookup
        """What the client knows of the server; None where somebody else has queued the runs."""
        self.batches: list[Queued] = []
        # The item ids of each instance, and the request that each item was queued by. Tuples, since thousands of lists
        # would have the garbage collector look through the whole program.
        self.items: list[tuple[int, ...]] = [()] * plan.count
        self.queued: dict[int, Queued] = {}
        self.total = sum(map(len, plan.requests))
        self._left = deque(request for request in plan.requests if len(request))
        self.given_up: frozenset[int] = frozenset()
        """The instances of which runs are never queued."""
        self._wanted: Counter[int] | None = None
        self._channels = channels
        self._supports = supports
        # How many may be pending, as far as that is known; since when the server is away.
        self._size: int | None = None
        self._away: float | None = None
        self._pause = _SHORTEST
        self._looked = self._sent = 0.0

    def take_over(self, batch: Queued, item_ids: Sequence[int]) -> None:
        """Add runs that are queued already, each as an instance of its own."""
        self.batches.append(batch)
        self.items += [(item_id,) for item_id in item_ids]
        self.queued |= dict.fromkeys(item_ids, batch)
        self.total += len(item_ids)

    def lacks(self, place: int) -> bool:
        """Tell whether runs of an instance are left to queue."""
        if not self._left:
            return False
        if self._wanted is None:
            self._wanted = Counter(place for request in self._left for place in request.places)
            self._wanted.update({place: len(items) for place, items in enumerate(self.items)})
        return len(self.items[place]) < self._wanted[place]

    def give_up(self) -> None:
        """Queue nothing more."""
        self.given_up |= {place for request in self._left for place in request.places}
        self._left.clear()

    def wait(self) -> float:
        """Return the seconds until it is time to look for room again."""
        return max(0.0, self._looked + self._pause - time.monotonic())

    def finish(self) -> Operation[None]:
        """Queue everything, however long it takes until there is room."""
        yield from self.fill()
        while self._left:
            yield Sleep(self.wait())
            yield from self.fill()

    def beside(self, operation: Operation[T]) -> Operation[T]:
        """Carry out an operation, and queue what is left during its pauses."""
        return beside(operation, self._fill_in_between)

    def _fill_in_between(self) -> Operation[float | None]:
        if not self._left:
            return None
        yield from self.fill()
        return max(self.wait(), _SHORTEST)

    def fill(self) -> Operation[None]:
        """Queue what there is room for, if something is left and it is time to look.

        When that fails, what was queued is canceled and the error raised.
        """
        if not self._left or self.wait():
            return
        try:
            while self._left and (yield from self._sent_some()):
                self._pause = _SHORTEST
        except FlowbindError as error:
            yield from self._withdraw(error)
            raise
        self._looked = time.monotonic()
        self._pause = min(_LONGEST, self._pause * 1.5)

    def _sent_some(self) -> Operation[bool]:
        """Queue some runs of the next request; tell whether it is worth trying again at once."""
        try:
            room = yield from self._room()
            if room:
                yield from self._send(self._left[0].part(0, room))
        except (ConnectionBroken, ServerFault, ServerUnreachable):
            # Before the first request nothing is lost, and the caller should hear of it at once.
            self._away = self._away or time.monotonic()
            if not self.batches or time.monotonic() - self._away > _AWAY:
                raise
            return False
        self._away = None
        return room > 0

    def _room(self) -> Operation[int]:
        """Return how many runs to queue now: few are not worth a request, unless room is long in coming."""
        if self._size is None:
            return len(self._left[0])
        pending = yield from read_pending()
        # Those that had started by the first look were not counted.
        self._size = max(self._size, pending)
        room = self._size - pending
        worth = min(sum(map(len, self._left)), max(1, self._size // 4))
        return room if room >= worth or time.monotonic() - self._sent >= _LONGEST else 0

    def _send(self, part: Request) -> Operation[None]:
        """Queue what the server takes of a part of the next request: the first runs of it, if its queue gets full."""
        batch_id = str(uuid.uuid4())
        if not self.batches:
            yield Subscribe()
        queued = Queued(batch_id, self._channels.of(batch_id, keeps_nodes=False), part.given)
        content = part.content(batch_id)
        request = BatchRequest(self.workflow.__name__, batch_id, content, len(part))
        made = yield from enqueue(request, self._supports, lambda reply: refused(self.workflow, reply, content))
        taken = min(len(made.item_ids), len(part))
        self._sent = time.monotonic()
        if taken < len(part):
            self._size = max(taken, 1)
        if taken:
            self.batches.append(queued)
        self.queued.update(zip(made.item_ids, repeat(queued)))
        # A request is for all runs of one instance, or for one run of each.
        if part.places[0] == part.places[-1]:
            self.items[part.places[0]] += made.item_ids[:taken]
        else:
            for place, own in zip(part.places, zip(made.item_ids), strict=False):
                self.items[place] = own
        whole = self._left.popleft()
        if taken < len(whole):
            self._left.appendleft(whole.part(taken))

    def _withdraw(self, error: FlowbindError) -> Operation[None]:
        """Cancel what was queued, and let an error say so."""
        batch_ids = [queued.batch_id for queued in self.batches]
        if not self.queued:
            return
        if isinstance(error, SubmitUncertain) and error.batch_id:
            batch_ids.append(error.batch_id)
        try:
            yield from cancel_batch(*batch_ids)
            became = "what of them had not ended was canceled"
        except ServerError as problem:
            became = f"they go on, as they could not be canceled ({problem}): batches {', '.join(batch_ids)}"
        error.add_note(f"{len(self.queued)} of {self.total} runs had been queued; {became}.")
