"""A submitted run, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Generic

from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.submitting import Submitted
from flowbind.comfyui.runs.tracked import AsyncServer, Notice, Server, Tracked
from flowbind.events import Event
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known


class _Job(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, submitted: Submitted, known: Known) -> None:
        self._run: Tracked[OutputsT] = Tracked(submitted, known)
        self.workflow = self._run.workflow
        self.item_id = self._run.item_id
        """The id of the prompt."""
        self.drawn = self._run.drawn
        """The numbers that the run got for `RANDOM`, by attribute."""

    @property
    def status(self) -> str:
        """The status last seen: pending, in_progress, completed, failed or canceled."""
        return self._run.status

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, item {self.item_id}: {self.status}>"


class Job(_Job[OutputsT]):
    """A run that `ComfyUI.submit` queued."""

    def __init__(self, server: Server, submitted: Submitted, known: Known) -> None:
        super().__init__(submitted, known)
        self._server = server

    def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well, `WaitTimeout` when
        it still goes on, and a `ServerError` when the server stays away.

        Source: `GET /api/jobs/{job_id}`; before 0.6, `GET /history/{prompt_id}` and `GET /queue`.
        """
        return self._run.result(self._server.perform(self._run.ended(timeout, progress)), self._server.files)

    def events(self, timeout: float | None = None) -> Iterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws`, `GET /api/jobs/{job_id}`.
        """
        return self._server.stream(self._run.events(timeout, self._server.files))

    def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted. Source: `GET
        /api/jobs/{job_id}`.
        """
        return self._server.perform(self._run.asked())

    def cancel(self) -> str:
        """Cancel the run, and no other, and return its status; one that has ended stays as it is.

        A run that has begun ends at its next step, which may take a while. Raises a `flowbind.errors.ServerError`;
        `NotFound` for a run that was deleted. Source: `POST /api/jobs/{job_id}/cancel`; where the release lacks that,
        `POST /queue`, `POST /interrupt`.
        """
        return self._server.perform(self._run.withdrawn())


class AsyncJob(_Job[OutputsT]):
    """A run that `AsyncComfyUI.submit` queued."""

    def __init__(self, server: AsyncServer, submitted: Submitted, known: Known) -> None:
        super().__init__(submitted, known)
        self._server = server

    async def wait(self, timeout: float | None = None, *, progress: Notice | None = None) -> Result[OutputsT]:
        """Wait until the run has ended and return its result.

        `timeout` is in seconds; None waits as long as the server answers and has the run. `progress` is called with
        each status that is seen. Raises a `flowbind.errors.RunError` when the run did not end well, `WaitTimeout` when
        it still goes on, and a `ServerError` when the server stays away.

        Source: `GET /api/jobs/{job_id}`; before 0.6, `GET /history/{prompt_id}` and `GET /queue`.
        """
        item = await self._server.perform(self._run.ended(timeout, progress))
        # One class of outputs serves both clients: what its files return is awaited here.
        return self._run.result(item, self._server.files)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws`, `GET /api/jobs/{job_id}`.
        """
        return self._server.stream(self._run.events(timeout, self._server.files))

    async def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `NotFound` for a run that was deleted. Source: `GET
        /api/jobs/{job_id}`.
        """
        return await self._server.perform(self._run.asked())

    async def cancel(self) -> str:
        """Cancel the run, and no other, and return its status; one that has ended stays as it is.

        A run that has begun ends at its next step, which may take a while. Raises a `flowbind.errors.ServerError`;
        `NotFound` for a run that was deleted. Source: `POST /api/jobs/{job_id}/cancel`; where the release lacks that,
        `POST /queue`, `POST /interrupt`.
        """
        return await self._server.perform(self._run.withdrawn())
