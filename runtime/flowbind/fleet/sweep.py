"""One iterable on its way through a fleet: what is handed out, and the outcomes in their order."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from distributed import as_completed

from flowbind.errors import FlowbindError, InputError, NoServer
from flowbind.fleet.calls import RESOURCE, attend, stop
from flowbind.fleet.carried import with_contents
from flowbind.fleet.ledger import forget
from flowbind.fleet.packing import pack, unpack
from flowbind.fleet.told import Told, Work, ran_on
from flowbind.fleet.trip import Trip
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from distributed import Future

    from flowbind.fleet.crew import Crew

_WITH_DASK = 4
"""Instances for each server that Dask has at a time: it moves them to whoever is free."""
_AHEAD = 32
"""Instances for each server that were begun and whose outcomes are not wanted yet."""
_FORGET = 256
"""Outcomes after which Dask's scheduler is told to forget where those runs were."""
_REST = 0.005
"""Seconds between two looks at what has ended."""


class Sweep:
    """Goes through an iterable once."""

    def __init__(self, crew: Crew, workflows: Iterable[Workflow[Any]]) -> None:
        self._crew = crew
        self._left = enumerate(workflows)
        self._name = uuid.uuid4().hex[:12]
        self._waiting: list[Trip] = []
        self._handed_out: dict[Future[Any], Trip] = {}
        self._ended: dict[int, Any] = {}
        self._known: list[str] = []
        self._pulled = 0
        self._tries = 0
        self._is_all = False
        self._arriving = as_completed(with_results=True, raise_errors=False, loop=crew.client.loop)

    def outcomes(self) -> Iterator[Any]:
        """Yield the outcome of each instance, in their order; what goes on is canceled when nobody wants more."""
        place = 0
        self._crew.sweeps.add(self)
        try:
            while True:
                self._crew.check_open()
                self._pull(place)
                if place in self._ended:
                    yield self._ended.pop(place)
                    self._forget(place)
                    place += 1
                elif self._is_all and place == self._pulled:
                    return
                else:
                    self._collect()
        finally:
            self._crew.sweeps.discard(self)
            self.cancel()

    def _forget(self, place: int) -> None:
        """Have Dask's scheduler forget where the runs were whose outcomes are known."""
        if self._crew.stays_here:
            return
        self._known.append(self._key(place))
        if len(self._known) >= _FORGET:
            self._crew.client.run_on_scheduler(forget, self._crew.name, self._known)
            self._known = []

    def _key(self, place: int) -> str:
        return f"{self._name}-{place}"

    def _pull(self, place: int) -> None:
        """Take as many instances as servers have room for, and hand them out."""
        servers = len(self._crew.roster.entries)
        while (
            not self._is_all
            and self._pulled - place < _AHEAD * servers
            and len(self._waiting) + len(self._handed_out) < _WITH_DASK * servers
        ):
            following = next(self._left, None)
            if following is None:
                self._is_all = True
                break
            number, workflow = following
            self._pulled += 1
            if not isinstance(workflow, Workflow):
                raise TypeError(f"workflows[{number}] is a {type(workflow).__name__}, no workflow.")
            self._waiting.append(Trip(number, workflow))
        self._hand_out()

    def _hand_out(self) -> None:
        """Give Dask what some server may run, those first that a server has died with."""
        ready: list[Trip] = []
        waiting, self._waiting = sorted(self._waiting, key=lambda trip: trip.place), []
        for trip in waiting:
            fitting = trip.fitting(self._crew)
            trip.workers = self._crew.roster.workers(fitting)
            if trip.workers:
                ready.append(trip)
            elif fitting and self._crew.roster.longest_away(fitting) <= self._crew.patience:
                self._waiting.append(trip)
            else:
                self._ended[trip.place] = trip.nowhere(self._crew)
        for workers, trips in groupby(ready, key=lambda trip: trip.workers):
            self._submit(workers, [*trips])

    def _submit(self, workers: tuple[str, ...], trips: list[Trip]) -> None:
        packed = []
        going = []
        for trip in trips:
            try:
                packed.append(self._packed(trip))
            except InputError as error:
                self._ended[trip.place] = error
            else:
                going.append(trip)
        keys = []
        for trip in going:
            self._tries += 1
            keys.append((f"{trip.name}-{self._name}", self._tries))
        if not going:
            return
        futures = self._crew.client.map(
            attend,
            [self._crew.name] * len(going),
            packed,
            key=keys,
            workers=[*workers],
            resources={RESOURCE: 1},
            priority=int(any(trip.losses for trip in going)),
            pure=False,
            retries=0,
        )
        self._handed_out.update(zip(futures, going, strict=True))
        self._arriving.update(futures)

    def _packed(self, trip: Trip) -> Any:
        here = self._crew.stays_here
        workflow = trip.workflow if here else with_contents(trip.workflow)
        return pack(Work(self._key(trip.place), self._name, workflow, trip.tickets), stays_here=here)

    def _collect(self) -> None:
        """Wait until something has ended, or for a while."""
        self._crew.roster.look()
        until = time.monotonic() + 1.0
        while not (batch := self._arriving.next_batch(block=False)) and time.monotonic() < until:
            if not self._handed_out:
                until = min(until, time.monotonic() + 0.1)
            time.sleep(_REST)
        for future, told in batch:
            trip = self._handed_out.pop(future, None)
            if trip is not None:
                self._heard(future, trip, told)
        if not batch:
            self._take_back()

    def _heard(self, future: Future[Any], trip: Trip, told: Any) -> None:
        if future.status in ("cancelled", "lost"):
            self._crew.check_open()
            self._waiting.append(trip)
        elif future.status == "error":
            self._ended[trip.place] = self._failed(trip, told)
        else:
            self._arrived(trip, told)
        # Whoever holds a future has Dask hold what became of it.
        future.release()

    def _failed(self, trip: Trip, told: Any) -> NoServer:
        """Return the outcome of an instance whose worker died again and again; raises what is a mistake of ours."""
        from distributed import KilledWorker

        error = told[1] if isinstance(told, tuple) else told
        if not isinstance(error, KilledWorker):
            raise error
        return NoServer(f"{trip.name}: Dask's workers died one after the other while they ran it.", {})

    def _arrived(self, trip: Trip, told: Told) -> None:
        crew = self._crew
        # Whatever `connect` calls it: files in an outcome are on the server that told.
        outcome = unpack(told.outcome, lambda _: crew.server(told.url))
        crew.tally.add(trip.name, told)
        if told.kind == "ended":
            self._ended[trip.place] = ran_on(told.url, outcome)
            return
        if told.kind == "unfit":
            reasons = crew.unfit.setdefault(type(trip.workflow), {}) if told.of_class else trip.reasons
            reasons[told.url] = str(outcome)
        elif not told.url:
            crew.roster.look(now=True)
        else:
            crew.roster.entries[told.url].put(str(outcome))
            # What fitted before may not fit a server that was started anew, nor the other way round.
            for known in crew.unfit.values():
                known.pop(told.url, None)
        if told.kind == "lost" and (given_up := trip.lose(told, str(outcome))):
            self._ended[trip.place] = given_up
        else:
            self._waiting.append(trip)

    def _take_back(self) -> None:
        """Take back what Dask has for workers that are no more."""
        serving = {entry.worker for entry in self._crew.roster.entries.values()}
        stranded = [future for future, trip in self._handed_out.items() if serving.isdisjoint(trip.workers)]
        if stranded:
            self._crew.client.cancel(stranded)
            for future in stranded:
                self._waiting.append(self._handed_out.pop(future))

    def cancel(self) -> None:
        """Cancel what is handed out."""
        if not self._handed_out:
            return
        with suppress(OSError, FlowbindError):
            self._crew.client.cancel([*self._handed_out])
            self._crew.client.run(stop, self._crew.name, self._name, on_error="ignore")
        self._handed_out.clear()
