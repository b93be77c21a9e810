"""The runs of a submitted workflow with batch nodes, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from flowbind.errors import RunError
from flowbind.events import Event
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs import submitting
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.submitting import Submitted
from flowbind.invokeai.runs.tracked import AsyncServer, Notice, Server, Tracked
from flowbind.invokeai.runs.waiting import watch_all
from flowbind.outcomes import all_results
from flowbind.run_status import FINAL, status_of_all
from flowbind.transport.steps import Operation, Stream
from flowbind.workflow import OutputsT


class _Runs(Tracked[OutputsT]):
    """A job of the runs of a batch; `item_ids` are in their order."""

    def __init__(self, submitted: Submitted) -> None:
        super().__init__(submitted)
        self.item_ids = submitted.item_ids
        self._started = False
        self._ended: dict[str, set[int]] = {status: set() for status in FINAL}

    def _hears(self, notice: Notice | None) -> Callable[[int, str], None]:
        def hear(number: int, status: str) -> None:
            self._started |= status != "pending"
            if status in FINAL:
                self._ended[status].add(number)
            ended = {status: len(numbers) for status, numbers in self._ended.items()}
            self._follow(status_of_all(len(self), ended, started=self._started))
            if notice:
                notice(f"run {number} of {len(self)} {status}")

        return hear

    def _ends(
        self, timeout: float | None, progress: Notice | None, media: Media
    ) -> Operation[list[Result[OutputsT] | RunError]]:
        name, make = self.workflow.__name__, self._maker(media)
        return watch_all(self.item_ids, name, timeout, self._channel, self._hears(progress), make)

    def _events(self, timeout: float | None, media: Media) -> Stream[Event[Result[OutputsT]]]:
        return self._tell(self.item_ids, timeout, self._hears(None), media)

    def __len__(self) -> int:
        return len(self.item_ids)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, {len(self)} items: {self._status}>"


class BatchJob(_Runs[OutputsT]):
    """The runs of a workflow with batch nodes that `InvokeAI.submit` queued."""

    def __init__(self, server: Server, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results, in the order in which the page lists the runs.

        That is the order of the combinations: the last list varies fastest. `timeout` is in seconds and holds for all
        runs together; `progress` is called with each status that is seen. Raises `flowbind.errors.BatchFailed`, which
        holds the other results, when a run did not end well, `WaitTimeout` when some go on, and a `ServerError` when
        the server stays away. Source: `GET /api/v1/queue/default/i/{item_id}`.
        """
        outcomes = self._server.perform(self._ends(timeout, progress, Media.of(self._server)))
        return all_results(self.workflow, outcomes)

    def events(self, timeout: float | None = None) -> Iterator[Event[Result[OutputsT]]]:
        """Yield what happens to the runs, from the first moment on: the events of `flowbind.events`, in order.

        The last of each run is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, Media.of(self._server)))

    def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/b/{batch_id}/status`.
        """
        self._status = self._server.perform(submitting.read_batch(self.batch_id))
        return self._status

    def cancel(self) -> str:
        """Cancel the runs that have not ended and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_batch_ids`.
        """
        self._server.perform(submitting.cancel_batch(self.batch_id))
        return self.refresh()


class AsyncBatchJob(_Runs[OutputsT]):
    """The runs of a workflow with batch nodes that `AsyncInvokeAI.submit` queued."""

    def __init__(self, server: AsyncServer, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> list[Result[OutputsT]]:
        """Wait until all runs have ended and return their results, in the order in which the page lists the runs.

        That is the order of the combinations: the last list varies fastest. `timeout` is in seconds and holds for all
        runs together; `progress` is called with each status that is seen. Raises `flowbind.errors.BatchFailed`, which
        holds the other results, when a run did not end well, `WaitTimeout` when some go on, and a `ServerError` when
        the server stays away. Source: `GET /api/v1/queue/default/i/{item_id}`.
        """
        return all_results(
            self.workflow,
            await self._server.perform(self._ends(timeout, progress, Media.of(self._server))),
        )

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[Result[OutputsT]]]:
        """Yield what happens to the runs, from the first moment on: the events of `flowbind.events`, in order.

        The last of each run is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, Media.of(self._server)))

    async def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/b/{batch_id}/status`.
        """
        self._status = await self._server.perform(submitting.read_batch(self.batch_id))
        return self._status

    async def cancel(self) -> str:
        """Cancel the runs that have not ended and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_batch_ids`.
        """
        await self._server.perform(submitting.cancel_batch(self.batch_id))
        return await self.refresh()
