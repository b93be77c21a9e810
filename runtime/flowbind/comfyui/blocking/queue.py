# Made from ../awaited/queue.py. Do not edit: run `make twins`.
"""A server's queue, sync."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from flowbind.comfyui.queue import control, reading
from flowbind.comfyui.queue.reading import QueueStatus
from flowbind.comfyui.queue.records import QueueItem
from flowbind.comfyui.runs import attaching
from flowbind.comfyui.runs.tracked import Server
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.transport.part import Part
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known
    from flowbind.comfyui.runs.job import Job
    from flowbind.listening.channel import Channels


class Queue(Part[Server]):
    """A server's queue: what runs and what waits for its turn, whoever's; what has ended is in the history."""

    def __init__(self, server: Server, known: Known, channels: Channels) -> None:
        super().__init__(server)
        self._known = known
        self._channels = channels

    def job(self, workflow: type[ComfyUIWorkflow[OutputsT]], item_id: str) -> Job[OutputsT]:
        """Return the job of an item that another program submitted, as if it had been submitted here.

        `workflow` is the class that it was made from. `drawn` has the numbers of all inputs that take `RANDOM`: which
        were drawn and which set, the server does not know. What happens to the item the server tells only whoever has
        submitted it, so it is asked here. Raises `flowbind.errors.InputError` for an item of another workflow, as far
        as the server tells, and a `ServerError`; `NotFound` for one that it does not have. Source: `GET
        /api/jobs/{job_id}`.
        """
        from flowbind.comfyui.runs.job import Job

        attached = self._server.perform(attaching.attached_run(workflow, item_id, self._known, self._channels))
        return Job(self._server, attached, self._known)

    def status(self) -> QueueStatus:
        """Return how many items wait and how many run.

        All of them are read for it, see `remaining`. Raises a `flowbind.errors.ServerError`. Source: `GET /queue`.
        """
        return self._server.perform(reading.status())

    def remaining(self) -> int:
        """Return how many items have not ended.

        Raises a `flowbind.errors.ServerError`. Source: `GET /prompt`.
        """
        return self._server.perform(reading.remaining())

    def list(self) -> builtins.list[QueueItem]:
        """Return what runs and what waits, in the order of their turns.

        Raises a `flowbind.errors.ServerError`. Source: `GET /queue`.
        """
        return self._server.perform(reading.queued())

    def get(self, item_id: str) -> QueueItem:
        """Return an item; one that has ended is a `HistoryItem`.

        Raises a `flowbind.errors.ServerError`; `NotFound` for one that neither the queue nor the history has. Source:
        `GET /queue`, `GET /history/{prompt_id}`.
        """
        found = self._server.perform(reading.found(item_id))
        if found is None:
            raise reading.unknown(item_id, "queue or history")
        return found

    def cancel(self, item_id: str) -> str:
        """Cancel an item and no other, and return its status; one that has ended stays as it is.

        What waited is canceled at once; what runs is in_progress until its next step, and then canceled. Raises a
        `flowbind.errors.ServerError`; `NotFound` for one that neither the queue nor the history has. Source: `GET
        /queue`, `POST /api/jobs/{job_id}/cancel`; in releases without it `POST /queue` and `POST /interrupt`.
        """
        return self._server.perform(control.cancel(item_id))

    def interrupt(self, item_id: str) -> bool:
        """Interrupt an item if it runs; tell whether it did. It ends at its next step, as canceled.

        Raises a `flowbind.errors.ServerError`. Source: `GET /queue`, `POST /interrupt`.
        """
        return self._server.perform(control.interrupt(item_id))

    def clear(self) -> None:
        """Delete all items that wait, those of all clients; what runs goes on to its end.

        Raises a `flowbind.errors.ServerError`. Source: `POST /queue`.
        """
        self._server.perform(control.clear())
