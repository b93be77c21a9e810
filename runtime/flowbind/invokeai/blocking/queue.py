# Made from ../awaited/queue.py. Do not edit: run `make twins`.
"""A server's queue, sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.queue import control, items, retrying
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs import attaching, submitting
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.invokeai._rest import (
        BatchStatus,
        DestinationCounts,
        ProcessorStatus,
        QueueItem,
        QueueItemSummary,
        QueueStatus,
    )
    from flowbind.invokeai.runs.batch_job import BatchJob
    from flowbind.invokeai.runs.job import Job
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.many_job import ManyJob
    from flowbind.invokeai.runs.recovery import Supports
    from flowbind.invokeai.runs.tracked import Server
    from flowbind.listening.channel import Channels


class Queue(Handle):
    """A server's queue: what waits for its turn, what runs, and what has ended and was not deleted yet.

    On a server with accounts, items of others are told without what is in them, and whoever is no administrator
    cancels, deletes, clears and prunes only their own.
    """

    def __init__(self, server: Server, lookup: Lookup, supports: Supports, channels: Channels) -> None:
        super().__init__(server, lookup, supports)
        self._channels = channels

    def status(self) -> QueueStatus:
        """Return how many items have which status, whoever's, and whether the processor goes on (`is_started`).

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/status`.
        """
        return self._server.perform(submitting.read_status())

    def current(self) -> QueueItem | None:
        """Return the item that runs, with its session; None when none does. Of several it is any.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/current`.
        """
        return self._server.perform(items.item_at("current"))

    def next(self) -> QueueItem | None:
        """Return the item whose turn it is next, with its session; None when none waits.

        Raises a `flowbind.errors.ServerError`; `ServerFault` where the server cannot read it. Source: `GET
        /api/v1/queue/default/next`.
        """
        return self._server.perform(items.item_at("next"))

    def list(
        self,
        *,
        status: str | None = None,
        destination: str | None = None,
        batch_id: str | None = None,
        origin: str | None = None,
        oldest_first: bool = False,
    ) -> Iterator[QueueItemSummary]:
        """Yield the items, the newest first, without their sessions; only those with what is given.

        They are read in pages as they are wanted; what is queued meanwhile is not among them, nor what is deleted.
        `status` is pending, in_progress, waiting, completed, failed or canceled; flowbind's own runs have the `origin`
        "flowbind" and the `destination` "gallery". Releases before 6.14 send whole items, in smaller pages; those
        before 6.7 cannot begin with the newest, so all are read at first. Raises a `flowbind.errors.ServerError`.

        Source: `GET /api/v1/queue/default/item_ids` with `POST item_summaries_by_ids` or `POST items_by_ids`; before
        6.7 `GET list`.
        """
        wanted = {"status": status, "destination": destination, "batch_id": batch_id, "origin": origin}
        return self._server.stream(items.listed(self._supports, wanted, oldest_first=oldest_first))

    def get(self, item_id: int) -> QueueItem:
        """Return an item with its whole session: the graph, what each node gave, what went wrong.

        Raises a `flowbind.errors.ServerError`; `NotFound` for one that the queue does not have, which before 6.0 is a
        `ServerFault`. Source: `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.perform(submitting.read_item(item_id))

    def by_ids(self, *item_ids: int) -> Sequence[QueueItem]:
        """Return several items with their sessions, in the order given, in as many requests as it takes.

        Those that the queue does not have, and those that the server cannot read, are left out. Raises a
        `flowbind.errors.ServerError`. Source: `POST /api/v1/queue/default/items_by_ids`; before 6.7 `GET i/{item_id}`.
        """
        return self._server.perform(items.items_by_ids(item_ids, self._supports))

    def batch(self, batch_id: str) -> BatchStatus:
        """Return how many items of a batch have which status.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a batch of which the queue has nothing, or nothing that
        this account may see. Source: `GET /api/v1/queue/default/b/{batch_id}/status`.
        """
        return self._server.perform(items.known_batch(batch_id))

    def batches(self) -> Sequence[BatchStatus]:
        """Return the batches that the queue has, counted by status, the one with the newest item first.

        All items are read for it; batches of other accounts are left out. Raises a `flowbind.errors.ServerError`.
        Source: that of `list`.
        """
        return self._server.perform(items.batches(self._supports))

    def counts(self, destination: str) -> DestinationCounts:
        """Return how many items of a destination, such as "gallery" or "canvas", have which status.

        A destination that nobody has used has no items. Raises a `flowbind.errors.ServerError`. Source: `GET
        /api/v1/queue/default/counts_by_destination`.
        """
        return self._server.perform(items.destination_counts(destination))

    def cancel(self, item_id: int) -> str:
        """Cancel an item and return its status; one that has ended stays as it is.

        Raises a `flowbind.errors.ServerError`; `NotFound` for one that the queue does not have, `Forbidden` for
        another's. Source: `PUT /api/v1/queue/default/i/{item_id}/cancel`.
        """
        return self._server.perform(submitting.cancel(item_id))

    def cancel_batch(self, *batch_ids: str) -> int:
        """Cancel the items of batches that have not ended; return how many those were.

        This is also what frees a queue that an item blocks which the server cannot read. Raises a
        `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_batch_ids`.
        """
        return self._server.perform(submitting.cancel_batch(*batch_ids))

    def cancel_destination(self, destination: str) -> int:
        """Cancel the items of a destination that have not ended; return how many those were.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_destination`.
        """
        return self._server.perform(control.cancel_destination(destination))

    def cancel_all_except_current(self) -> int:
        """Cancel the items that wait for their turn; return how many those were.

        Raises a `flowbind.errors.ServerError`; `NotTheApi` for a release before 5.6. Source: `PUT
        /api/v1/queue/default/cancel_all_except_current`.
        """
        return self._server.perform(control.cancel_all_except_current(self._supports))

    def delete(self, item_id: int) -> None:
        """Delete an item, and with it what the server tells of its run; one that has not ended is canceled.

        Pictures stay. Raises a `flowbind.errors.ServerError`; `NotFound` for one that the queue does not have,
        `Forbidden` for another's, `NotTheApi` for a release before 6.0. Source: `DELETE
        /api/v1/queue/default/i/{item_id}`.
        """
        self._server.perform(control.delete(item_id, self._supports))

    def delete_destination(self, destination: str) -> int:
        """Delete all items of a destination, whatever their status; return how many those were.

        Raises a `flowbind.errors.ServerError`; `NotTheApi` for a release before 6.0. Source: `DELETE
        /api/v1/queue/default/d/{destination}`.
        """
        return self._server.perform(control.delete_destination(destination, self._supports))

    def delete_all_except_current(self) -> int:
        """Delete the items that wait for their turn; return how many those were.

        Raises a `flowbind.errors.ServerError`; `NotTheApi` for a release before 6.0. Source: `PUT
        /api/v1/queue/default/delete_all_except_current`.
        """
        return self._server.perform(control.delete_all_except_current(self._supports))

    def retry(self, *item_ids: int) -> Mapping[int, int]:
        """Queue failed and canceled items once more, as they were; return the id of the new item for each.

        Items that are of another status, or gone, and those for which the queue has no room, are not retried and not
        in the answer. Of what a run has called, the run is retried. Raises a `flowbind.errors.ServerError`; `Forbidden`
        for another's, `NotFound` where a new item was deleted at once, `NotTheApi` for a release before 5.7.

        Source: `PUT /api/v1/queue/default/retry_items_by_id`, then that of `list`.
        """
        return self._server.perform(retrying.retry(item_ids, self._supports))

    def clear(self) -> int:
        """Cancel what runs and delete all items, ended ones, too; return how many those were.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/clear`.
        """
        return self._server.perform(control.clear())

    def prune(self) -> int:
        """Delete all items that have ended; return how many those were. Pictures stay, other results are gone.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/prune`.
        """
        return self._server.perform(control.prune())

    def pause(self) -> ProcessorStatus:
        """Have the server begin no other item, for everybody; what runs goes on to its end.

        Raises a `flowbind.errors.ServerError`; `Forbidden` where the account is no administrator's. Source: `PUT
        /api/v1/queue/default/processor/pause`.
        """
        return self._server.perform(control.processor("pause"))

    def resume(self) -> ProcessorStatus:
        """Have the server go on with its queue.

        Raises a `flowbind.errors.ServerError`; `Forbidden` where the account is no administrator's. Source: `PUT
        /api/v1/queue/default/processor/resume`.
        """
        return self._server.perform(control.processor("resume"))

    def wait_until_idle(
        self, timeout: float | None = None, *, progress: Callable[[QueueStatus], None] | None = None
    ) -> QueueStatus:
        """Wait until all items of the queue, whoever's, have ended; return its status.

        `timeout` is in seconds; None waits as long as the server answers, also while its processor is paused.
        `progress` is called with each status that is new. Raises `flowbind.errors.WaitTimeout`, `QueueBlocked` where an
        item that the server cannot read holds the queue up, and a `ServerError` when the server stays away.

        Source: `GET /api/v1/queue/default/status`.
        """
        return self._server.perform(control.idle(timeout, progress))

    def job(self, workflow: type[Workflow[OutputsT]], item_id: int) -> Job[OutputsT]:
        """Return the job of an item that another program submitted, as if it had been submitted here.

        `workflow` is the class that it was made from; `item_id` may be any run of a batch. `drawn` has the numbers of
        all inputs that take `RANDOM`: which were drawn and which set, the server does not know. Raises
        `flowbind.errors.InputError` for an item of another workflow, `RunRedacted` for another account's, and a
        `ServerError`; `NotFound` for one that the queue does not have. Source: `GET
        /api/v1/queue/default/i/{item_id}`.
        """
        from flowbind.invokeai.runs.job import Job

        found = self._server.perform(attaching.attached_run(workflow, item_id, self._channels))
        return Job(self._server, found)

    @overload
    def batch_job(self, workflow: type[InvokeAIBatchWorkflow[OutputsT]], batch_id: str) -> BatchJob[OutputsT]: ...
    @overload
    def batch_job(
        self, workflow: type[InvokeAIWorkflow[OutputsT]], batch_id: str, *more: str
    ) -> ManyJob[Result[OutputsT]]: ...
    @overload
    def batch_job(self, workflow: type[Workflow[Any]], batch_id: str, *more: str) -> Any: ...
    def batch_job(self, workflow: type[Workflow[Any]], batch_id: str, *more: str) -> BatchJob[Any] | ManyJob[Any]:
        """Return the job of a batch that another program submitted, as if it had been submitted here.

        That is the `BatchJob` of a class with batch nodes, and for any other class the `ManyJob` of its runs, which
        takes several batches: those that `ManyJob.batch_ids` told, whose runs then follow each other. A run that was
        retried is its latest retry. Raises what `job` raises, and `ValueError` for several batches of a class with
        batch nodes, each of which has a job of its own. Source: `GET /api/v1/queue/default/b/{batch_id}/status`, that
        of `list`, `GET i/{item_id}`.
        """
        if isinstance(workflow, type) and issubclass(workflow, InvokeAIBatchWorkflow):
            from flowbind.invokeai.runs.batch_job import BatchJob

            if more:
                raise ValueError(f"{workflow.__name__} has batch nodes: take a job for each of its batches.")
            attached = attaching.attached_batch(workflow, batch_id, self._channels, self._supports)
            return BatchJob(self._server, self._server.perform(attached))
        from flowbind.invokeai.runs.many_job import ManyJob

        found = attaching.attached_batches(workflow, (batch_id, *more), self._channels, self._supports)
        return ManyJob(self._server, self._server.perform(found), self._supports)
