"""The runs of many instances, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

from flowbind.errors import RunError
from flowbind.invokeai.runs import submitting
from flowbind.invokeai.runs.collecting import outcomes
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.recovery import Supports
from flowbind.invokeai.runs.sending import Sending
from flowbind.invokeai.runs.tracked import AsyncServer, Server
from flowbind.transport.steps import Stream

OutcomeT = TypeVar("OutcomeT")


class _Many(Generic[OutcomeT]):
    """What a job knows without asking."""

    def __init__(self, sending: Sending, supports: Supports) -> None:
        self.workflow = sending.workflow
        self._sending = sending
        self._supports = supports
        self._status = "pending"

    @property
    def item_ids(self) -> tuple[int, ...]:
        """The numbers of the queue items, in the order of the instances; several of each where it has batches."""
        return tuple(chain.from_iterable(self._sending.items))

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches that the runs were queued in, one for each request."""
        return tuple(queued.batch_id for queued in self._sending.batches)

    @property
    def status(self) -> str:
        """The status last asked for: pending, in_progress, completed, failed or canceled."""
        return self._status

    def __len__(self) -> int:
        return len(self._sending.items)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, {len(self)} instances: {self._status}>"

    def _follow(self, status: str) -> str:
        # The server does not know of what was never queued.
        self._status = "canceled" if status == "completed" and self._sending.given_up else status
        return self._status

    def _outcomes(self, timeout: float | None, media: Media) -> Stream[Any]:
        return outcomes(self._sending, timeout, media, self._supports)


class ManyJob(_Many[OutcomeT]):
    """The runs of many instances that `InvokeAI.submit_many` queued."""

    def __init__(self, server: Server, sending: Sending, supports: Supports) -> None:
        super().__init__(sending, supports)
        self._server = server

    def results(self, timeout: float | None = None) -> Iterator[OutcomeT | RunError]:
        """Yield the outcome of each instance in the order given, as soon as it and those before it have ended.

        An outcome is a result, a list of results for a workflow with batch nodes, or the `flowbind.errors.RunError`
        that says why there is none. Each is read when it is wanted, and not kept. `timeout` is in seconds, from the
        first outcome that is wanted, for all together. Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when
        the server stays away.

        Source: `POST /api/v1/queue/default/items_by_ids`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        return self._server.stream(self._outcomes(timeout, Media.of(self._server)))

    def wait(self, timeout: float | None = None) -> list[OutcomeT | RunError]:
        """Wait until all runs have ended and return the outcomes in the order of the instances; see `results`.

        Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: that of `results`.
        """
        return list(self.results(timeout))

    def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/b/{batch_id}/status`, for each batch.
        """
        return self._follow(self._server.perform(submitting.read_batch(*self.batch_ids)))

    def cancel(self) -> str:
        """Cancel the runs that have not ended, queue no more, and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_batch_ids`.
        """
        self._sending.give_up()
        if self.batch_ids:
            self._server.perform(submitting.cancel_batch(*self.batch_ids))
        return self.refresh()


class AsyncManyJob(_Many[OutcomeT]):
    """The runs of many instances that `AsyncInvokeAI.submit_many` queued."""

    def __init__(self, server: AsyncServer, sending: Sending, supports: Supports) -> None:
        super().__init__(sending, supports)
        self._server = server

    def results(self, timeout: float | None = None) -> AsyncIterator[OutcomeT | RunError]:
        """Yield the outcome of each instance in the order given, as soon as it and those before it have ended.

        An outcome is a result, a list of results for a workflow with batch nodes, or the `flowbind.errors.RunError`
        that says why there is none. Each is read when it is wanted, and not kept. `timeout` is in seconds, from the
        first outcome that is wanted, for all together. Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when
        the server stays away.

        Source: `POST /api/v1/queue/default/items_by_ids`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        # One class of outputs serves both clients: what its pictures return is awaited here.
        return self._server.stream(self._outcomes(timeout, Media.of(self._server)))

    async def wait(self, timeout: float | None = None) -> list[OutcomeT | RunError]:
        """Wait until all runs have ended and return the outcomes in the order of the instances; see `results`.

        Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: that of `results`.
        """
        return [outcome async for outcome in self.results(timeout)]

    async def refresh(self) -> str:
        """Ask the server for the status of all runs together and return it.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/b/{batch_id}/status`, for each batch.
        """
        return self._follow(await self._server.perform(submitting.read_batch(*self.batch_ids)))

    async def cancel(self) -> str:
        """Cancel the runs that have not ended, queue no more, and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: `PUT /api/v1/queue/default/cancel_by_batch_ids`.
        """
        self._sending.give_up()
        if self.batch_ids:
            await self._server.perform(submitting.cancel_batch(*self.batch_ids))
        return await self.refresh()
