"""The runs of many instances, sync and async."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Generic

from flowbind.comfyui.result import Result
from flowbind.comfyui.runs.collecting import outcomes
from flowbind.comfyui.runs.sending import Sending
from flowbind.comfyui.runs.tracked import AsyncServer, Server
from flowbind.errors import RunError
from flowbind.run_status import FINAL, status_of_all
from flowbind.transport.steps import Operation, Stream
from flowbind.workflow import OutputsT

if TYPE_CHECKING:
    from flowbind.downloadable import Pictures


class _Many(Generic[OutputsT]):
    """What a job knows without asking."""

    def __init__(self, sending: Sending) -> None:
        self.workflow = sending.workflow
        self._sending = sending

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the prompts, in the order of the instances."""
        return tuple(run.item_id for run in self._sending.runs)

    @property
    def status(self) -> str:
        """The status last seen of all together: pending, in_progress, completed, failed or canceled."""
        counts = Counter(run.status for run in self._sending.runs)
        counts["canceled"] += self._sending.given_up
        ended = {status: counts[status] for status in FINAL}
        return status_of_all(len(self), ended, started=bool(counts["in_progress"]))

    def __len__(self) -> int:
        return self._sending.total

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.workflow.__name__}, {len(self)} instances: {self.status}>"

    def _outcomes(self, timeout: float | None, source: Pictures[Any] | None) -> Stream[Any]:
        return outcomes(self._sending, timeout, source)

    def _asked(self) -> Operation[str]:
        yield from self._sending.each_open(lambda run: run.asked())
        return self.status

    def _withdrawn(self) -> Operation[str]:
        yield from self._sending.withdraw()
        return self.status


class ManyJob(_Many[OutputsT]):
    """The runs of many instances that `ComfyUI.submit_many` queued."""

    def __init__(self, server: Server, sending: Sending) -> None:
        super().__init__(sending)
        self._server = server

    def results(self, timeout: float | None = None) -> Iterator[Result[OutputsT] | RunError]:
        """Yield the outcome of each instance in the order given, as soon as it and those before it have ended.

        An outcome is a result, or the `flowbind.errors.RunError` that says why there is none. Each is read when it is
        wanted, and not kept. `timeout` is in seconds, from the first outcome that is wanted, for all together. Raises
        `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: `GET
        /api/jobs/{job_id}`.
        """
        return self._server.stream(self._outcomes(timeout, self._server.files))

    def wait(self, timeout: float | None = None) -> list[Result[OutputsT] | RunError]:
        """Wait until all runs have ended and return the outcomes in the order of the instances; see `results`.

        Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: that of `results`.
        """
        return list(self.results(timeout))

    def refresh(self) -> str:
        """Ask the server for the status of the runs that have not ended, one by one, and return that of all together.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/jobs/{job_id}`.
        """
        return self._server.perform(self._asked())

    def cancel(self) -> str:
        """Cancel the runs that have not ended, and no other, queue no more, and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: that of `Job.cancel`.
        """
        return self._server.perform(self._withdrawn())


class AsyncManyJob(_Many[OutputsT]):
    """The runs of many instances that `AsyncComfyUI.submit_many` queued."""

    def __init__(self, server: AsyncServer, sending: Sending) -> None:
        super().__init__(sending)
        self._server = server

    def results(self, timeout: float | None = None) -> AsyncIterator[Result[OutputsT] | RunError]:
        """Yield the outcome of each instance in the order given, as soon as it and those before it have ended.

        An outcome is a result, or the `flowbind.errors.RunError` that says why there is none. Each is read when it is
        wanted, and not kept. `timeout` is in seconds, from the first outcome that is wanted, for all together. Raises
        `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: `GET
        /api/jobs/{job_id}`.
        """
        # One class of outputs serves both clients: what its files return is awaited here.
        return self._server.stream(self._outcomes(timeout, self._server.files))

    async def wait(self, timeout: float | None = None) -> list[Result[OutputsT] | RunError]:
        """Wait until all runs have ended and return the outcomes in the order of the instances; see `results`.

        Raises `flowbind.errors.WaitTimeout`, and a `ServerError` when the server stays away. Source: that of `results`.
        """
        return [outcome async for outcome in self.results(timeout)]

    async def refresh(self) -> str:
        """Ask the server for the status of the runs that have not ended, one by one, and return that of all together.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/jobs/{job_id}`.
        """
        return await self._server.perform(self._asked())

    async def cancel(self) -> str:
        """Cancel the runs that have not ended, and no other, queue no more, and return the status of all together.

        Raises a `flowbind.errors.ServerError`. Source: that of `Job.cancel`.
        """
        return await self._server.perform(self._withdrawn())
