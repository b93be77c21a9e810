"""A submitted run, sync and async."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from flowbind.invokeai import queue, waiting
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.fields import AsyncDownloads, Downloads, Image
from flowbind.invokeai.outcome import all_results, result_of
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.invokeai._rest import SessionQueueItem

Notice = Callable[[str], None]
T = TypeVar("T")


class Server(Protocol):
    """What a job needs of the client that made it."""

    @property
    def images(self) -> Downloads:
        """Where its pictures are downloaded from."""
        ...

    def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation."""
        ...


class AsyncServer(Protocol):
    """What an async job needs of the client that made it."""

    @property
    def images(self) -> AsyncDownloads:
        """Where its pictures are downloaded from."""
        ...

    async def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation."""
        ...


class _Submitted(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, workflow: type[Workflow[OutputsT]], batch_id: str) -> None:
        self.workflow = workflow
        self.batch_id = batch_id
        self.drawn: Mapping[str, Any] = {}
        """The numbers that the run got for `RANDOM`, by attribute; those of a batch are the same for all its runs."""
        self._status = "pending"

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, waiting, completed, failed or canceled."""
        return self._status


class _Run(_Submitted[OutputsT]):
    """A job of one run."""

    def __init__(self, workflow: type[Workflow[OutputsT]], item_id: int, batch_id: str) -> None:
        super().__init__(workflow, batch_id)
        self.item_id = item_id

    def _hears(self, notice: Notice | None) -> Notice:
        def hear(status: str) -> None:
            self._status = status
            if notice:
                notice(status)

        return hear

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, item {self.item_id}: {self._status}>"


class _Runs(_Submitted[OutputsT]):
    """A job of the runs of a batch; `item_ids` are in their order."""

    def __init__(self, workflow: type[Workflow[OutputsT]], item_ids: Sequence[int], batch_id: str) -> None:
        super().__init__(workflow, batch_id)
        self.item_ids = tuple(item_ids)

    def _hears(self, notice: Notice | None) -> Callable[[int, str], None]:
        seen: dict[int, str] = {}

        def hear(number: int, status: str) -> None:
            seen[number] = status
            ended = Counter(s for s in seen.values() if s in queue.FINAL)
            started = any(s != "pending" for s in seen.values())
            self._status = queue.status_of_all(len(self), ended, started=started)
            if notice:
                notice(f"run {number} of {len(self)} {status}")

        return hear

    def __len__(self) -> int:
        return len(self.item_ids)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, {len(self)} items: {self._status}>"


class Job(_Run[OutputsT]):
    """A run that `InvokeAI.submit` queued."""

    def __init__(self, server: Server, workflow: type[Workflow[OutputsT]], item_id: int, batch_id: str) -> None:
        super().__init__(workflow, item_id, batch_id)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well.
        """
        name = self.workflow.__name__
        item = self._server.perform(waiting.watch(self.item_id, name, timeout, self._hears(progress)))
        return _maker(self, self._server.images)(item)

    def refresh(self) -> str:
        """Ask the server for the status and return it."""
        self._status = self._server.perform(queue.read_item(self.item_id)).status
        return self._status

    def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is."""
        self._status = self._server.perform(queue.cancel(self.item_id))
        return self._status


class BatchJob(_Runs[OutputsT]):
    """The runs of a workflow with batch nodes that `InvokeAI.submit` queued."""

    def __init__(
        self, server: Server, workflow: type[Workflow[OutputsT]], item_ids: Sequence[int], batch_id: str
    ) -> None:
        super().__init__(workflow, item_ids, batch_id)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results, in the order in which the page lists the runs.

        That is the order of the combinations: the last list varies fastest. `timeout` is in seconds and holds for all
        runs together; `progress` is called with each status that is seen. Raises `flowbind.errors.BatchFailed`, which
        holds the other results, when a run did not end well.
        """
        make = _maker(self, self._server.images)
        notice = self._hears(progress)
        outcomes = self._server.perform(waiting.watch_all(self.item_ids, self.workflow.__name__, timeout, notice, make))
        return all_results(self.workflow, outcomes)

    def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it."""
        self._status = self._server.perform(queue.read_batch(self.batch_id))
        return self._status

    def cancel(self) -> str:
        """Cancel the runs that have not ended and return the status of all together."""
        self._server.perform(queue.cancel_batch(self.batch_id))
        return self.refresh()


class AsyncJob(_Run[OutputsT]):
    """A run that `AsyncInvokeAI.submit` queued."""

    def __init__(self, server: AsyncServer, workflow: type[Workflow[OutputsT]], item_id: int, batch_id: str) -> None:
        super().__init__(workflow, item_id, batch_id)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result; see `Job.wait`."""
        name = self.workflow.__name__
        item = await self._server.perform(waiting.watch(self.item_id, name, timeout, self._hears(progress)))
        # One class of outputs serves both clients: what its pictures return is awaited here.
        return _maker(self, cast(Downloads, self._server.images))(item)

    async def refresh(self) -> str:
        """Ask the server for the status and return it."""
        self._status = (await self._server.perform(queue.read_item(self.item_id))).status
        return self._status

    async def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is."""
        self._status = await self._server.perform(queue.cancel(self.item_id))
        return self._status


class AsyncBatchJob(_Runs[OutputsT]):
    """The runs of a workflow with batch nodes that `AsyncInvokeAI.submit` queued."""

    def __init__(
        self, server: AsyncServer, workflow: type[Workflow[OutputsT]], item_ids: Sequence[int], batch_id: str
    ) -> None:
        super().__init__(workflow, item_ids, batch_id)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results; see `BatchJob.wait`."""
        make = _maker(self, cast(Downloads, self._server.images))
        notice = self._hears(progress)
        outcomes = await self._server.perform(
            waiting.watch_all(self.item_ids, self.workflow.__name__, timeout, notice, make)
        )
        return all_results(self.workflow, outcomes)

    async def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it."""
        self._status = await self._server.perform(queue.read_batch(self.batch_id))
        return self._status

    async def cancel(self) -> str:
        """Cancel the runs that have not ended and return the status of all together."""
        await self._server.perform(queue.cancel_batch(self.batch_id))
        return await self.refresh()


def _maker(job: _Submitted[OutputsT], source: Downloads) -> Callable[[SessionQueueItem], Result[OutputsT]]:
    """Return what makes a result of an ended item, with pictures that are downloaded from `source`."""
    return lambda item: result_of(job.workflow, item, lambda n, w, h: Image(n, w, h, source), job.drawn)
