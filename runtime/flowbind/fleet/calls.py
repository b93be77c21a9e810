"""What a fleet has Dask's workers do; each finds there the station that the fleet has opened."""

from __future__ import annotations

import asyncio

from distributed import Worker, get_worker

from flowbind.errors import FlowbindError, ServerUnreachable
from flowbind.fleet.packing import Packed, pack, unpack
from flowbind.fleet.station import Station
from flowbind.fleet.told import Post, State, Told, Work

RESOURCE = "flowbind"
"""What Dask calls a worker's room for one run."""
_PREFIX = "flowbind-"


def attend(fleet: str, packed: Packed) -> Told:
    """Run one piece of work: a task of Dask's."""
    station = _station(get_worker(), fleet)
    if station is None:
        # The worker was started anew since.
        error = ServerUnreachable("The worker serves no server any more.")
        return Told("lost", "", pack(error, stays_here=False), is_failure=True)
    try:
        work: Work = unpack(packed, station.lookout.client)
    except FlowbindError as error:
        return station.unfit(error)
    return station.run(work)


async def open_station(packed: Packed, dask_worker: Worker) -> None:
    """Have a worker serve a server from now on."""
    post: Post = unpack(packed)
    await dask_worker.plugin_add(Station(post), _PREFIX + post.fleet)
    await dask_worker.set_resources(**{RESOURCE: 1})


async def survey(dask_worker: Worker) -> dict[str, State]:
    """Return the servers that a worker serves, by the fleets that they are of."""
    return {
        name.removeprefix(_PREFIX): plugin.lookout.watched()
        for name, plugin in dask_worker.plugins.items()
        if isinstance(plugin, Station)
    }


async def measure(fleet: str, dask_worker: Worker) -> State | None:
    """Look at a worker's server now."""
    station = _station(dask_worker, fleet)
    if station is None:
        return None
    measured: State = await asyncio.wrap_future(station.lookout.beside(station.lookout.look))
    return measured


async def stop(fleet: str, sweep: str, dask_worker: Worker) -> None:
    """Cancel what a worker still runs of a sweep."""
    if station := _station(dask_worker, fleet):
        await asyncio.wrap_future(station.stopped(sweep))


async def close_station(fleet: str, dask_worker: Worker) -> None:
    """Have a worker serve no server of a fleet any more."""
    if _station(dask_worker, fleet):
        await dask_worker.plugin_remove(_PREFIX + fleet)


def _station(worker: Worker, fleet: str) -> Station | None:
    found = worker.plugins.get(_PREFIX + fleet)
    return found if isinstance(found, Station) else None
