"""A server's queue, async."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from flowbind.comfyui.queue import control, reading
from flowbind.comfyui.queue.reading import QueueStatus
from flowbind.comfyui.queue.records import QueueItem
from flowbind.comfyui.runs import attaching
from flowbind.comfyui.runs.tracked import AsyncServer
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.transport.part import Part
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known
    from flowbind.comfyui.runs.job import AsyncJob
    from flowbind.listening.channel import Channels


class AsyncQueue(Part[AsyncServer]):
    """A server's queue: what runs and what waits for its turn, whoever's; what has ended is in the history."""

    def __init__(self, server: AsyncServer, known: Known, channels: Channels) -> None:
        super().__init__(server)
        self._known = known
        self._channels = channels

    async def job(self, workflow: type[ComfyUIWorkflow[OutputsT]], item_id: str) -> AsyncJob[OutputsT]:
        """Return the job of an item that another program submitted, as if it had been submitted here.

        `workflow` is the class that it was made from. `drawn` has the numbers of all inputs that take `RANDOM`: which
        were drawn and which set, the server does not know. What happens to the item the server tells only whoever has
        submitted it, so it is asked here. Raises `flowbind.errors.InputError` for an item of another workflow, as far
        as the server tells, and a `ServerError`; `NotFound` for one that it does not have. Source: `GET
        /api/jobs/{job_id}`.
        """
        from flowbind.comfyui.runs.job import AsyncJob

        attached = await self._server.perform(attaching.attached_run(workflow, item_id, self._known, self._channels))
        return AsyncJob(self._server, attached, self._known)

    async def status(self) -> QueueStatus:
        """Return how many items wait and how many run.

        All of them are read for it, see `remaining`. Raises a `flowbind.errors.ServerError`. Source: `GET /queue`.
        """
        return await self._server.perform(reading.status())

    async def remaining(self) -> int:
        """Return how many items have not ended.

        Raises a `flowbind.errors.ServerError`. Source: `GET /prompt`.
        """
        return await self._server.perform(reading.remaining())

    async def list(self) -> builtins.list[QueueItem]:
        """Return what runs and what waits, in the order of their turns.

        Raises a `flowbind.errors.ServerError`. Source: `GET /queue`.
        """
        return await self._server.perform(reading.queued())

    async def get(self, item_id: str) -> QueueItem:
        """Return an item; one that has ended is a `HistoryItem`.

        Raises a `flowbind.errors.ServerError`; `NotFound` for one that neither the queue nor the history has. Source:
        `GET /queue`, `GET /history/{prompt_id}`.
        """
        found = await self._server.perform(reading.found(item_id))
        if found is None:
            raise reading.unknown(item_id, "queue or history")
        return found

    async def cancel(self, item_id: str) -> str:
        """Cancel an item and no other, and return its status; one that has ended stays as it is.

        What waited is canceled at once; what runs is in_progress until its next step, and then canceled. Raises a
        `flowbind.errors.ServerError`; `NotFound` for one that neither the queue nor the history has. Source: `GET
        /queue`, `POST /api/jobs/{job_id}/cancel`; in releases without it `POST /queue` and `POST /interrupt`.
        """
        return await self._server.perform(control.cancel(item_id))

    async def interrupt(self, item_id: str) -> bool:
        """Interrupt an item if it runs; tell whether it did. It ends at its next step, as canceled.

        Raises a `flowbind.errors.ServerError`. Source: `GET /queue`, `POST /interrupt`.
        """
        return await self._server.perform(control.interrupt(item_id))

    async def clear(self) -> None:
        """Delete all items that wait, those of all clients; what runs goes on to its end.

        Raises a `flowbind.errors.ServerError`. Source: `POST /queue`.
        """
        await self._server.perform(control.clear())
