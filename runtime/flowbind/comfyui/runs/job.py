"""A submitted run, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.submitting import Submitted
from flowbind.comfyui.runs.tracked import AsyncServer, Notice, Server, Tracked
from flowbind.events import Event
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.comfyui.known import Known


class Job(Tracked[OutputsT]):
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
        return self.result(self._server.perform(self.ended(timeout, progress)), self._server.files)

    def events(self, timeout: float | None = None) -> Iterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws`, `GET /api/jobs/{job_id}`.
        """
        return self._server.stream(self._events(timeout, self._server.files))

    def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `RunGone` for a run that was deleted. Source: `GET
        /api/jobs/{job_id}`.
        """
        return self._server.perform(self.asked())

    def cancel(self) -> str:
        """Cancel the run, and no other, and return its status; one that has ended stays as it is.

        A run that has begun ends at its next step, which may take a while. Raises a `flowbind.errors.ServerError`;
        `NotFound` for a run that was deleted. Source: `POST /api/jobs/{job_id}/cancel`; where the release lacks that,
        `POST /queue`, `POST /interrupt`.
        """
        return self._server.perform(self.withdrawn())


class AsyncJob(Tracked[OutputsT]):
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
        item = await self._server.perform(self.ended(timeout, progress))
        # One class of outputs serves both clients: what its files return is awaited here.
        return self.result(item, self._server.files)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event[Result[OutputsT]]]:
        """Yield what happens to the run, from the first moment on: the events of `flowbind.events`, in order.

        The last one is `Finished` or `Failed`. With the extra `events` the server tells by itself, progress and
        previews among it; without, it is asked. Raises `flowbind.errors.WaitTimeout` after `timeout` seconds, and a
        `ServerError` when the server stays away. Source: `/ws`, `GET /api/jobs/{job_id}`.
        """
        return self._server.stream(self._events(timeout, self._server.files))

    async def refresh(self) -> str:
        """Ask the server for the status and return it.

        Raises a `flowbind.errors.ServerError`; `RunGone` for a run that was deleted. Source: `GET
        /api/jobs/{job_id}`.
        """
        return await self._server.perform(self.asked())

    async def cancel(self) -> str:
        """Cancel the run, and no other, and return its status; one that has ended stays as it is.

        A run that has begun ends at its next step, which may take a while. Raises a `flowbind.errors.ServerError`;
        `NotFound` for a run that was deleted. Source: `POST /api/jobs/{job_id}/cancel`; where the release lacks that,
        `POST /queue`, `POST /interrupt`.
        """
        return await self._server.perform(self.withdrawn())
