"""Which worker serves which server of a fleet, and which servers are there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from flowbind.fleet.calls import close_station, measure, open_station, survey
from flowbind.fleet.ledger import forget_all
from flowbind.fleet.packing import Packed
from flowbind.fleet.told import State
from flowbind.metrics import Metrics

if TYPE_CHECKING:
    from distributed import Client

_NO_WORKER = "No worker of Dask's serves it: start one for each server."
_AGAIN = 2.0
"""Seconds between two looks at the workers."""


class Entry:
    """One server: its worker's address, and since when the server is away, if it is."""

    def __init__(self) -> None:
        self.worker: str | None = None
        self.problem: str | None = _NO_WORKER
        self.since = time.monotonic()
        self.metrics: Metrics | None = None

    def put(self, problem: str | None) -> None:
        """Note how the server does."""
        if (problem is None) != (self.problem is None):
            self.since = time.monotonic()
        self.problem = problem


class Roster:
    """The servers of a fleet, by their addresses; a worker that was started anew gets a server again."""

    def __init__(self, client: Client, fleet: str, posts: Mapping[str, Packed]) -> None:
        self._client = client
        self._fleet = fleet
        self._posts = posts
        self._looked = 0.0
        # Threads may share a fleet: one of them gives servers to workers.
        self._looking = Lock()
        self.entries = {url: Entry() for url in posts}

    def look(self, *, now: bool = False) -> None:
        """Ask all workers, unless that was done just now, and give those servers a worker that have none."""
        if not now and time.monotonic() - self._looked < _AGAIN:
            return
        with self._looking:
            self._look()

    def _look(self) -> None:
        found: Any = self._client.run(survey, on_error="ignore")
        serving = {states[self._fleet].url: worker for worker, states in found.items() if self._fleet in states}
        for url, entry in self.entries.items():
            entry.worker = serving.get(url)
            if entry.worker:
                self.note(found[entry.worker][self._fleet])
            elif entry.problem is None:
                entry.put(_NO_WORKER)
        self._appoint({worker: states for worker, states in found.items() if self._fleet not in states})
        self._looked = time.monotonic()

    def note(self, state: State) -> None:
        """Note what a worker says of its server."""
        entry = self.entries[state.url]
        entry.put(state.problem)
        entry.metrics = state.metrics

    def measure(self) -> None:
        """Have all workers look at their servers now."""
        self.look(now=True)
        measured: Any = self._client.run(measure, self._fleet, on_error="ignore")
        for state in measured.values():
            if state is not None:
                self.note(state)

    def workers(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the workers of those servers that are there."""
        entries = (self.entries[url] for url in urls)
        return tuple(entry.worker for entry in entries if entry.worker and entry.problem is None)

    def longest_away(self, urls: Iterable[str]) -> float:
        """Return for how many seconds all of some servers have been away."""
        return min((time.monotonic() - self.entries[url].since for url in urls), default=0.0)

    def close(self) -> None:
        """Have no worker serve this fleet any more, unless the cluster is gone already."""
        if self._client.status != "running":
            return
        self._client.run(close_station, self._fleet, on_error="ignore")
        self._client.run_on_scheduler(forget_all, self._fleet)

    def _appoint(self, free: dict[str, dict[str, State]]) -> None:
        """Give servers without a worker one of those that have none of this fleet's."""
        for url, entry in self.entries.items():
            if entry.worker or not free:
                continue
            # One that serves the same server for another fleet runs one at a time for both; else one that is idle.
            worker = min(free, key=partial(_strangeness, free, url))
            del free[worker]
            opened: Any = self._client.run(open_station, self._posts[url], workers=[worker], on_error="return")
            (failed,) = opened.values()
            if failed is None:
                entry.worker = worker
                entry.put(None)
            else:
                entry.put(f"Dask's worker {worker} cannot serve it: {failed}")


def _strangeness(free: Mapping[str, Mapping[str, State]], url: str, worker: str) -> tuple[bool, int]:
    served = [state.url for state in free[worker].values()]
    return url not in served, len(served)
