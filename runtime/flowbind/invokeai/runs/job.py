"""A submitted run, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from flowbind.events import Event
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs import submitting
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.submitting import Submitted
from flowbind.invokeai.runs.tracked import AsyncServer, Notice, Server, Tracked
from flowbind.invokeai.runs.waiting import Question
from flowbind.listening.watching import watch
from flowbind.transport.steps import Operation, Stream
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.invokeai._rest import QueueItem


class _Run(Tracked[OutputsT]):
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

    def _end(self, timeout: float | None, progress: Notice | None) -> Operation[QueueItem]:
        question = Question(self.item_id, self.workflow.__name__)
        return watch(question, timeout, self._channel, self._hears(progress))

    def _events(self, timeout: float | None, media: Media) -> Stream[Event[Result[OutputsT]]]:
        hear = self._hears(None)
        return self._tell([self.item_id], timeout, lambda _, status: hear(status), media)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, item {self.item_id}: {self._status}>"


class Job(_Run[OutputsT]):
    """A run that `InvokeAI.submit` queued."""

    def __init__(self, server: Server, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well, `WaitTimeout` when
        it still goes on, and a `ServerError` when the server stays away.

        Source: `GET /api/v1/queue/default/i/{item_id}`.
        """
        item = self._server.perform(self._end(timeout, progress))
        return self._maker(Media.of(self._server))(item)

    def events(self, timeout: float | None = None) -> Iterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, Media.of(self._server)))

    def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted. Source: `GET
        /api/v1/queue/default/i/{item_id}`.
        """
        self._status = (self._server.perform(submitting.read_item(self.item_id))).status
        return self._status

    def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted, `Forbidden` for another's.
        Source: `PUT /api/v1/queue/default/i/{item_id}/cancel`.
        """
        self._status = self._server.perform(submitting.cancel(self.item_id))
        return self._status


class AsyncJob(_Run[OutputsT]):
    """A run that `AsyncInvokeAI.submit` queued."""

    def __init__(self, server: AsyncServer, submitted: Submitted) -> None:
        super().__init__(submitted)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well, `WaitTimeout` when
        it still goes on, and a `ServerError` when the server stays away.

        Source: `GET /api/v1/queue/default/i/{item_id}`.
        """
        item = await self._server.perform(self._end(timeout, progress))
        # One class of outputs serves both clients: what its pictures return is awaited here.
        return self._maker(Media.of(self._server))(item)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws/socket.io`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._events(timeout, Media.of(self._server)))

    async def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted. Source: `GET
        /api/v1/queue/default/i/{item_id}`.
        """
        self._status = (await self._server.perform(submitting.read_item(self.item_id))).status
        return self._status

    async def cancel(self) -> str:
        """Cancel the run and return its status; one that has ended stays as it is.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted, `Forbidden` for another's.
        Source: `PUT /api/v1/queue/default/i/{item_id}/cancel`.
        """
        self._status = await self._server.perform(submitting.cancel(self.item_id))
        return self._status
