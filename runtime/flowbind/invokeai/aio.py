"""The async client: the same names, awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, overload

from flowbind.errors import RunError
from flowbind.invokeai import app
from flowbind.invokeai._client import InvokeAIClient
from flowbind.invokeai.result import Result
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.transport.aio import AsyncClient
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.invokeai.awaited.boards import AsyncBoards
    from flowbind.invokeai.awaited.images import AsyncImages
    from flowbind.invokeai.awaited.library import AsyncLibrary
    from flowbind.invokeai.awaited.models import AsyncModels
    from flowbind.invokeai.awaited.queue import AsyncQueue
    from flowbind.invokeai.awaited.quick import AsyncQuick
    from flowbind.invokeai.awaited.videos import AsyncVideos
    from flowbind.invokeai.runs.batch_job import AsyncBatchJob
    from flowbind.invokeai.runs.job import AsyncJob
    from flowbind.invokeai.runs.many_job import AsyncManyJob
    from flowbind.metrics import Metrics


class AsyncInvokeAI(InvokeAIClient, AsyncClient):
    """A client of one InvokeAI server for use in an event loop; see `InvokeAI`."""

    @property
    def boards(self) -> AsyncBoards:
        """The server's boards, and what is on them."""
        from flowbind.invokeai.awaited.boards import AsyncBoards

        return AsyncBoards(self, self._lookup, self._document.supports)

    @property
    def images(self) -> AsyncImages:
        """The server's pictures: lists, uploads, downloads."""
        from flowbind.invokeai.awaited.images import AsyncImages

        return AsyncImages(self, self._lookup, self._document.supports)

    @property
    def library(self) -> AsyncLibrary:
        """The workflows that the server keeps."""
        from flowbind.invokeai.awaited.library import AsyncLibrary

        return AsyncLibrary(self, self._lookup, self._document.supports)

    @property
    def models(self) -> AsyncModels:
        """The server's models, and what installs them."""
        from flowbind.invokeai.awaited.models import AsyncModels

        return AsyncModels(self, self._lookup, self._document.supports)

    @property
    def queue(self) -> AsyncQueue:
        """The server's queue, and jobs that another program submitted."""
        from flowbind.invokeai.awaited.queue import AsyncQueue

        return AsyncQueue(self, self._lookup, self._document.supports, self._channels)

    @property
    def quick(self) -> AsyncQuick:
        """What people reach for first: text to image, image to image, upscaling, copies."""
        from flowbind.invokeai.awaited.quick import AsyncQuick

        return AsyncQuick(self, self._lookup, self._document.supports)

    @property
    def videos(self) -> AsyncVideos:
        """The server's videos (InvokeAI 6.14 and later)."""
        from flowbind.invokeai.awaited.videos import AsyncVideos

        return AsyncVideos(self, self._lookup, self._document.supports)

    async def version(self) -> str:
        """Return the release that the server runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/app/version`.
        """
        return await self.perform(app.server_version())

    async def is_alive(self, timeout: float = 5.0) -> bool:
        """Tell whether an InvokeAI answers within `timeout` seconds; it needs no account for that.

        False where nothing answers, and where something else does; raises nothing because of the server.

        Source: `GET /api/v1/app/version`.
        """
        return await self.perform(app.is_alive(timeout))

    async def metrics(self) -> Metrics:
        """Return how busy the server is; it does not tell of its memory.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/status`.
        """
        return await self.perform(app.metrics())

    async def supports(self, method: str, path: str) -> bool:
        """Tell whether the server has an operation, such as "GET", "/api/v1/queue/{queue_id}/item_ids".

        Values may stand in place of the parameters. Raises `UnexpectedReply` or another `ServerError` where the server
        does not give its document. Source: `GET /openapi.json`, once for each client.
        """
        return await self.perform(self._document.supports(method, path))

    @overload
    async def submit(self, workflow: InvokeAIBatchWorkflow[OutputsT]) -> AsyncBatchJob[OutputsT]: ...
    @overload
    async def submit(self, workflow: InvokeAIWorkflow[OutputsT]) -> AsyncJob[OutputsT]: ...
    @overload
    async def submit(self, workflow: Workflow[Any]) -> Any: ...
    async def submit(self, workflow: Workflow[Any]) -> AsyncJob[Any] | AsyncBatchJob[Any]:
        """Queue one run, or those of a workflow with batch nodes, and return its job.

        Local images are uploaded; models, boards and images are looked up on the server. Sent once: a lost answer is
        looked for on the server. Raises `flowbind.errors.InputError`, `LookupFailed` or `DriftError` before anything is
        queued, `Refused` for what the server does not take, `SubmitUncertain` where nobody can tell whether it is
        queued, and any `ServerError`. Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        from flowbind.invokeai.runs.batch_job import AsyncBatchJob
        from flowbind.invokeai.runs.job import AsyncJob

        submitted = await self.perform(self._submission(workflow))
        return (AsyncBatchJob if isinstance(workflow, InvokeAIBatchWorkflow) else AsyncJob)(self, submitted)

    @overload
    async def run(
        self, workflow: InvokeAIBatchWorkflow[OutputsT], *, timeout: float | None = None
    ) -> list[Result[OutputsT]]: ...
    @overload
    async def run(self, workflow: InvokeAIWorkflow[OutputsT], *, timeout: float | None = None) -> Result[OutputsT]: ...
    @overload
    async def run(self, workflow: Workflow[Any], *, timeout: float | None = None) -> Any: ...
    async def run(self, workflow: Workflow[Any], *, timeout: float | None = None) -> Result[Any] | list[Result[Any]]:
        """Queue one run, wait until it has ended and return its result; `timeout` is in seconds.

        A workflow with batch nodes gives a list: one result for each combination of items, the last list fastest.
        Raises what `submit` raises, and a `flowbind.errors.RunError` for a run that did not end well, or not in time.

        Source: `POST /api/v1/queue/default/enqueue_batch`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        job: AsyncJob[Any] | AsyncBatchJob[Any] = await self.submit(workflow)
        return await job.wait(timeout)

    @overload
    async def submit_many(
        self, workflows: Iterable[InvokeAIBatchWorkflow[OutputsT]], *, at_once: bool = True
    ) -> AsyncManyJob[list[Result[OutputsT]]]: ...
    @overload
    async def submit_many(
        self, workflows: Iterable[InvokeAIWorkflow[OutputsT]], *, at_once: bool = True
    ) -> AsyncManyJob[Result[OutputsT]]: ...
    @overload
    async def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> Any: ...
    async def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> AsyncManyJob[Any]:
        """Queue the runs of many instances of one class in as few requests as possible, and return their job.

        Instances that differ only in texts, numbers and pictures share a request. All values are checked and looked up
        before anything is sent. When the server's queue gets full (`max_queue_size`), this waits for room until all
        runs are queued; with `at_once=False` the rest is queued while the job's outcomes are collected. Raises
        `flowbind.errors.InputError` naming instance and input, and what `submit` raises; what was queued by then is
        canceled. Source: `POST /api/v1/queue/default/enqueue_batch`, `GET .../status`.
        """
        from flowbind.invokeai.runs.many_job import AsyncManyJob

        sending = self._sending(await self.perform(self._plan(workflows)))
        await self.perform(sending.finish() if at_once else sending.fill())
        return AsyncManyJob(self, sending, self._document.supports)

    @overload
    def run_many(
        self, workflows: Iterable[InvokeAIBatchWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> AsyncIterator[list[Result[OutputsT]] | RunError]: ...
    @overload
    def run_many(
        self, workflows: Iterable[InvokeAIWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> AsyncIterator[Result[OutputsT] | RunError]: ...
    @overload
    def run_many(self, workflows: Iterable[Workflow[Any]], *, timeout: float | None = None) -> AsyncIterator[Any]: ...
    async def run_many(self, workflows: Iterable[Workflow[Any]], *, timeout: float | None = None) -> AsyncIterator[Any]:
        """Queue the runs of many instances of one class; return an iterator of their outcomes in the order given.

        They are those of a job of `submit_many` with `at_once=False`, made at the first outcome that is wanted. An
        outcome is a result (a list of them for a workflow with batch nodes), or the `flowbind.errors.RunError` that
        says why there is none. `timeout` is in seconds, from the first outcome that is wanted, for all together. Runs
        that are queued go on when the iterator is left early. Raises what `submit_many` raises, and `WaitTimeout`.
        Source: the same, and `POST /api/v1/queue/default/items_by_ids`.
        """
        job: AsyncManyJob[Any] = await self.submit_many(workflows, at_once=False)
        async for outcome in job.results(timeout):
            yield outcome
