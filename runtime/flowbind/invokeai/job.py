"""A submitted run, sync and async."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, cast

from flowbind.invokeai import queue
from flowbind.invokeai._wire import Operation
from flowbind.invokeai.fields import AsyncDownloads, Downloads, Image
from flowbind.invokeai.outcome import result_of
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

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


class _Run(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, workflow: type[Workflow[OutputsT]], item_id: int, batch_id: str) -> None:
        self.workflow = workflow
        self.item_id = item_id
        self.batch_id = batch_id
        self._status = "pending"

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, waiting, completed, failed or canceled."""
        return self._status

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, item {self.item_id}: {self._status}>"

    def _hears(self, notice: Notice | None) -> Notice:
        def hear(status: str) -> None:
            self._status = status
            if notice:
                notice(status)

        return hear


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
        item = self._server.perform(queue.watch(self.item_id, name, timeout, self._hears(progress)))
        source = self._server.images
        return result_of(self.workflow, item, lambda n, w, h: Image(n, w, h, source))

    def refresh(self) -> str:
        """Ask the server for the status and return it."""
        self._status = self._server.perform(queue.read_item(self.item_id)).status
        return self._status

    def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is."""
        self._status = self._server.perform(queue.cancel(self.item_id))
        return self._status


class AsyncJob(_Run[OutputsT]):
    """A run that `AsyncInvokeAI.submit` queued."""

    def __init__(self, server: AsyncServer, workflow: type[Workflow[OutputsT]], item_id: int, batch_id: str) -> None:
        super().__init__(workflow, item_id, batch_id)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result; see `Job.wait`."""
        name = self.workflow.__name__
        item = await self._server.perform(queue.watch(self.item_id, name, timeout, self._hears(progress)))
        # One class of outputs serves both clients: what its pictures return is awaited here.
        source = cast(Downloads, self._server.images)
        return result_of(self.workflow, item, lambda n, w, h: Image(n, w, h, source))

    async def refresh(self) -> str:
        """Ask the server for the status and return it."""
        self._status = (await self._server.perform(queue.read_item(self.item_id))).status
        return self._status

    async def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is."""
        self._status = await self._server.perform(queue.cancel(self.item_id))
        return self._status
