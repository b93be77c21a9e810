"""What a client hears of its batches: each event of the server goes to the batch that it belongs to."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

STATUS = "queue_item_status_changed"
STARTED, PROGRESS = "invocation_started", "invocation_progress"
COMPLETE, ERROR = "invocation_complete", "invocation_error"
_OF_NODES = frozenset({STARTED, PROGRESS, COMPLETE, ERROR})
# They end runs and do not say whose: whoever waits has to ask.
_OF_ALL = frozenset({"queue_cleared", "queue_items_canceled"})
# Our own: from the first to the second, nothing is heard.
CUT, RECONNECTED = "cut", "reconnected"
_PICTURES = 32
_MOST = 100_000
"""Events that are kept of one batch, thrice what any has: what a server tells beyond them, it has to be asked."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, without what nobody reads: `item_id` is None where it concerns all runs.

    `prepared` is the id of the node in the session, `node` that in the graph.
    """

    name: str
    item_id: int | None = None
    status: str | None = None
    prepared: str | None = None
    node: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Channel:
    """What was heard of one batch, in order; each reader keeps its own place in it.

    Events of nodes are kept only where `keeps_nodes`: thousands of runs have far more of them than anybody reads. Of
    preview pictures only the latest are kept.
    """

    def __init__(self, channels: Channels, keeps_nodes: bool) -> None:
        self._channels = channels
        self._wakers: set[Callable[[], None]] = set()
        self.keeps_nodes = keeps_nodes
        self.heard: list[Heard] = []
        self.statuses: dict[int, str] = {}
        self._pictured: list[int] = []

    @property
    def live(self) -> bool:
        """Whether the server tells at this moment; otherwise it has to be asked."""
        return self._channels.live

    @contextmanager
    def waited_for(self, item_id: int) -> Iterator[None]:
        """Count a run among those that the client waits for, as long as this lasts."""
        waited_for = self._channels.waited_for
        with self._channels.lock:
            insort(waited_for, item_id)
        try:
            yield
        finally:
            with self._channels.lock:
                del waited_for[bisect_left(waited_for, item_id)]

    def ahead_of(self, item_id: int) -> int:
        """Return how many runs that the client waits for were queued before one."""
        return bisect_left(self._channels.waited_for, item_id)

    def hear(self, heard: Heard) -> None:
        """Take in an event and wake who listens."""
        if len(self.heard) >= _MOST:
            return
        if heard.status and heard.item_id is not None:
            self.statuses[heard.item_id] = heard.status
        if self.keeps_nodes or heard.name not in _OF_NODES:
            if "image" in heard.data:
                self._pictured.append(len(self.heard))
            self.heard.append(heard)
            if len(self._pictured) > _PICTURES:
                old = self._pictured.pop(0)
                data = {key: value for key, value in self.heard[old].data.items() if key != "image"}
                self.heard[old] = replace(self.heard[old], data=data)
            # A copy: who is woken in another thread takes itself off the list.
            for waker in tuple(self._wakers):
                waker()

    @contextmanager
    def woken(self, waker: Callable[[], None]) -> Iterator[None]:
        """Call `waker` at each event, as long as this lasts."""
        self._wakers.add(waker)
        try:
            yield
        finally:
            self._wakers.discard(waker)


class Channels:
    """The channels of one client; those that nobody holds any more are forgotten."""

    def __init__(self) -> None:
        self.live = False
        # The item ids of the runs that somebody waits for, in their order.
        self.waited_for: list[int] = []
        # Events come in a thread of their own.
        self.lock = Lock()
        self._channels: WeakValueDictionary[str, Channel] = WeakValueDictionary()

    def of(self, batch_id: str, *, keeps_nodes: bool = True) -> Channel:
        """Return the channel of a batch; it hears what is told from now on."""
        with self.lock:
            channel = self._channels.get(batch_id)
            if channel is None:
                channel = self._channels[batch_id] = Channel(self, keeps_nodes)
            return channel

    def _hear_all(self, name: str) -> None:
        with self.lock:
            channels = tuple(self._channels.values())
        for channel in channels:
            channel.hear(Heard(name))

    def set_live(self, live: bool) -> None:
        """Note that the server has begun to tell, or has stopped; what happened in between, it must be asked."""
        if live != self.live:
            self.live = live
            self._hear_all(RECONNECTED if live else CUT)

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        """Give an event to the channel that it belongs to; others' are dropped."""
        if name in _OF_ALL:
            self._hear_all(name)
        elif name == STATUS or name in _OF_NODES:
            meant = self._channels.get(str(data.get("batch_id")))
            if meant is not None and isinstance(data.get("item_id"), int):
                meant.hear(_heard(name, data))


def _heard(name: str, data: Mapping[str, Any]) -> Heard:
    if name == STATUS:
        return Heard(name, data["item_id"], status=str(data.get("status")))
    invocation = data.get("invocation")
    prepared = invocation.get("id") if isinstance(invocation, dict) else None
    kept = ("message", "percentage", "image", "result", "error_type", "error_message")
    node = data.get("invocation_source_id")
    return Heard(
        name,
        data["item_id"],
        prepared=None if prepared is None else str(prepared),
        node=None if node is None else str(node),
        data={key: data[key] for key in kept if data.get(key) is not None},
    )
