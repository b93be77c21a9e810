"""What a client hears of what it submitted: each event of the server goes to the channel that it belongs to."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

# Our own: from the first to the second, nothing is heard.
CUT, RECONNECTED = "cut", "reconnected"
_PICTURES = 32
_MOST = 100_000
"""Events that are kept of one channel, thrice what any has: what a server tells beyond them, it has to be asked."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, without what nobody reads: `item_id` is None where it concerns all runs.

    `name` is the server's, or one of ours. `node` is the id of the node in the graph, None where it is about none;
    `prepared` is that of the node as it runs.
    """

    name: str
    item_id: int | str | None = None
    status: str | None = None
    prepared: str | None = None
    node: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Channel:
    """What was heard of what was submitted together, in order; each reader keeps its own place in it.

    Events of nodes are kept only where `keeps_nodes`: thousands of runs have far more of them than anybody reads. Of
    preview pictures only the latest are kept.
    """

    def __init__(self, channels: Channels, keeps_nodes: bool) -> None:
        self._channels = channels
        self._wakers: set[Callable[[], None]] = set()
        self.keeps_nodes = keeps_nodes
        self.is_told = True
        """Whether the server tells this client of it, when it tells."""
        self.heard: list[Heard] = []
        self.statuses: dict[int | str, str] = {}
        self._pictured: list[int] = []

    @property
    def live(self) -> bool:
        """Whether the server tells at this moment; otherwise it has to be asked."""
        return self.is_told and self._channels.live

    @contextmanager
    def waited_for(self, number: int) -> Iterator[None]:
        """Count a run, by its number in the queue, among those that the client waits for, as long as this lasts."""
        waited_for = self._channels.waited_for
        with self._channels.lock:
            insort(waited_for, number)
        try:
            yield
        finally:
            with self._channels.lock:
                del waited_for[bisect_left(waited_for, number)]

    def ahead_of(self, number: int) -> int:
        """Return how many runs that the client waits for were queued before the one of a number."""
        return bisect_left(self._channels.waited_for, number)

    def hear(self, heard: Heard) -> None:
        """Take in an event and wake who listens."""
        if len(self.heard) >= _MOST:
            return
        if heard.status and heard.item_id is not None:
            self.statuses[heard.item_id] = heard.status
        if self.keeps_nodes or heard.node is None:
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
    """The channels of one client, by what was submitted; those that nobody holds any more are forgotten."""

    def __init__(self) -> None:
        self.live = False
        # The numbers of the runs that somebody waits for, in their order.
        self.waited_for: list[int] = []
        # Events come in a thread of their own.
        self.lock = Lock()
        self._channels: WeakValueDictionary[str, Channel] = WeakValueDictionary()

    def of(self, key: str, *, keeps_nodes: bool = True) -> Channel:
        """Return the channel of a batch or a run; it hears what is told from now on."""
        with self.lock:
            channel = self._channels.get(key)
            if channel is None:
                channel = self._channels[key] = Channel(self, keeps_nodes)
            return channel

    def hear_all(self, name: str) -> None:
        """Give an event that concerns all runs to all channels."""
        with self.lock:
            channels = tuple(self._channels.values())
        for channel in channels:
            channel.hear(Heard(name))

    def set_live(self, live: bool) -> None:
        """Note that the server has begun to tell, or has stopped; what happened in between, it must be asked."""
        if live != self.live:
            self.live = live
            self.hear_all(RECONNECTED if live else CUT)

    def hear(self, name: str, data: Any) -> None:
        """Give an event of the server to the channel that it belongs to; each family has its own events."""
        raise NotImplementedError

    def give(self, key: str, heard: Heard) -> None:
        """Give an event to a channel, where somebody holds it."""
        if (meant := self._channels.get(key)) is not None:
            meant.hear(heard)
