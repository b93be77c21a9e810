"""A submitted run, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from flowbind.events import Event
from flowbind.invokeai import queue, waiting
from flowbind.invokeai._body import body_of
from flowbind.invokeai._wire import Operation, Stream
from flowbind.invokeai.fields import AsyncDownloads, Downloads, Image
from flowbind.invokeai.given_back import MakeImage
from flowbind.invokeai.outcome import all_results, result_of
from flowbind.invokeai.queue import Submitted
from flowbind.invokeai.telling import Story, Telling
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

    def stream(self, operation: Stream[T]) -> Iterator[T]:
        """Carry out an operation that has values on its way."""
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

    def stream(self, operation: Stream[T]) -> AsyncIterator[T]:
        """Carry out an operation that has values on its way."""
        ...


class _Submitted(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, submitted: Submitted) -> None:
        self.workflow: type[Workflow[OutputsT]] = submitted.workflow
        self.batch_id = submitted.batch_id
        self.drawn: Mapping[str, Any] = submitted.drawn
        """The numbers that the run got for `RANDOM`, by attribute; those of a batch are the same for all its runs."""
        self._channel = submitted.channel
        self._status = "pending"

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, waiting, completed, failed or canceled."""
        return self._status

    def _follow(self, status: str) -> None:
        # Who begins to listen late hears of what is over.
        if self._status not in queue.FINAL:
            self._status = status

    def _tell(
        self, item_ids: Sequence[int], timeout: float | None, notice: Callable[[int, str], None], source: Downloads
    ) -> Stream[Event[OutputsT]]:
        body, image = body_of(self.workflow), _image_maker(source)
        stories = [Story(item_id, run, body, image) for run, item_id in enumerate(item_ids, start=1)]
        finish = _maker(self, source)
        return Telling(stories, self.workflow.__name__, self._channel, notice, finish).events(timeout)


class _Run(_Submitted[OutputsT]):
    """A job of one run."""

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(submitted)
        self.item_id = submitted.item_ids[0]

    def _hears(self, notice: Notice | None) -> Notice:
        def hear(status: str) -> None:
            self._follow(status)
            if notice:
                notice(status)

        return hear

    def _events(self, timeout: float | None, source: Downloads) -> Stream[Event[OutputsT]]:
        hear = self._hears(None)
        return self._tell([self.item_id], timeout, lambda _, status: hear(status), source)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, item {self.item_id}: {self._status}>"


class _Runs(_Submitted[OutputsT]):
    """A job of the runs of a batch; `item_ids` are in their order."""

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(submitted)
        self.item_ids = submitted.item_ids
        self._started = False
        self._ended: dict[str, set[int]] = {status: set() for status in queue.FINAL}

    def _hears(self, notice: Notice | None) -> Callable[[int, str], None]:
        def hear(number: int, status: str) -> None:
            self._started |= status != "pending"
            if status in queue.FINAL:
                self._ended[status].add(number)
            ended = {status: len(numbers) for status, numbers in self._ended.items()}
            self._follow(queue.status_of_all(len(self), ended, started=self._started))
            if notice:
                notice(f"run {number} of {len(self)} {status}")

        return hear

    def _events(self, timeout: float | None, source: Downloads) -> Stream[Event[OutputsT]]:
        return self._tell(self.item_ids, timeout, self._hears(None), source)

    def __len__(self) -> int:
        return len(self.item_ids)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, {len(self)} items: {self._status}>"


class Job(_Run[OutputsT]):
    """A run that `InvokeAI.submit` queued."""

    def __init__(self, server: Server, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well.
        """
        name = self.workflow.__name__
        item = self._server.perform(waiting.watch(self.item_id, name, timeout, self._channel, self._hears(progress)))
        return _maker(self, self._server.images)(item)

    def events(self, timeout: float | None = None) -> Iterator[Event[OutputsT]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io` and `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, self._server.images))

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

    def __init__(self, server: Server, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results, in the order in which the page lists the runs.

        That is the order of the combinations: the last list varies fastest. `timeout` is in seconds and holds for all
        runs together; `progress` is called with each status that is seen. Raises `flowbind.errors.BatchFailed`, which
        holds the other results, when a run did not end well.
        """
        make = _maker(self, self._server.images)
        notice = self._hears(progress)
        outcomes = self._server.perform(
            waiting.watch_all(self.item_ids, self.workflow.__name__, timeout, self._channel, notice, make)
        )
        return all_results(self.workflow, outcomes)

    def events(self, timeout: float | None = None) -> Iterator[Event[OutputsT]]:
        """Yield what happens to the runs, from the first moment on: the events of `flowbind.events`, in order.

        The last of each run is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io` and `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, self._server.images))

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

    def __init__(self, server: AsyncServer, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result; see `Job.wait`."""
        name = self.workflow.__name__
        item = await self._server.perform(
            waiting.watch(self.item_id, name, timeout, self._channel, self._hears(progress))
        )
        # One class of outputs serves both clients: what its pictures return is awaited here.
        return _maker(self, cast(Downloads, self._server.images))(item)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[OutputsT]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io` and `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, cast(Downloads, self._server.images)))

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

    def __init__(self, server: AsyncServer, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results; see `BatchJob.wait`."""
        make = _maker(self, cast(Downloads, self._server.images))
        notice = self._hears(progress)
        outcomes = await self._server.perform(
            waiting.watch_all(self.item_ids, self.workflow.__name__, timeout, self._channel, notice, make)
        )
        return all_results(self.workflow, outcomes)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[OutputsT]]:
        """Yield what happens to the runs, from the first moment on: the events of `flowbind.events`, in order.

        The last of each run is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io` and `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, cast(Downloads, self._server.images)))

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
    return lambda item: result_of(job.workflow, item, _image_maker(source), job.drawn)


def _image_maker(source: Downloads) -> MakeImage:
    return lambda name, width, height: Image(name, width, height, source)
