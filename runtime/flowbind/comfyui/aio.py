"""The async client: the same names, awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

from flowbind.comfyui import app
from flowbind.comfyui._client import ComfyUIClient
from flowbind.comfyui.result import Result
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.errors import RunError
from flowbind.transport.aio import AsyncClient
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.awaited.files import AsyncFiles
    from flowbind.comfyui.awaited.history import AsyncHistory
    from flowbind.comfyui.awaited.models import AsyncModels
    from flowbind.comfyui.awaited.queue import AsyncQueue
    from flowbind.comfyui.runs.job import AsyncJob
    from flowbind.comfyui.runs.many_job import AsyncManyJob
    from flowbind.comfyui.stats import SystemStats
    from flowbind.loaded import LoadedWorkflow
    from flowbind.metrics import Metrics


class AsyncComfyUI(ComfyUIClient, AsyncClient):
    """A client of one ComfyUI server for use in an event loop; see `ComfyUI`."""

    @property
    def files(self) -> AsyncFiles:
        """The server's files: uploads and downloads."""
        from flowbind.comfyui.awaited.files import AsyncFiles

        return AsyncFiles(self, self._known.files)

    @property
    def history(self) -> AsyncHistory:
        """What has ended on the server."""
        from flowbind.comfyui.awaited.history import AsyncHistory

        return AsyncHistory(self)

    @property
    def models(self) -> AsyncModels:
        """The files of models that the server has."""
        from flowbind.comfyui.awaited.models import AsyncModels

        return AsyncModels(self)

    @property
    def queue(self) -> AsyncQueue:
        """The server's queue, and jobs that another program submitted."""
        from flowbind.comfyui.awaited.queue import AsyncQueue

        return AsyncQueue(self, self._known, self._prompts)

    async def version(self) -> str:
        """Return the release that the server runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /system_stats`.
        """
        return await self.perform(app.server_version())

    async def is_alive(self, timeout: float = 5.0) -> bool:
        """Tell whether a ComfyUI answers within `timeout` seconds.

        False where nothing answers, and where something else does; raises nothing because of the server. Source: `GET
        /system_stats`.
        """
        return await self.perform(app.is_alive(timeout))

    async def system_stats(self) -> SystemStats:
        """Return the memory and devices of the server's machine, in bytes, and the releases of what it runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /system_stats`.
        """
        return await self.perform(app.system_stats())

    async def metrics(self) -> Metrics:
        """Return how busy the server is, the memory of its devices, and the load of its machine.

        The latter where it has the custom node `comfyui_metrics`, which comes with flowbind: `docs/comfyui.md` says how
        it is installed. Raises a `flowbind.errors.ServerError`. Source: `GET /prompt`, `GET /system_stats`,
        `GET /flowbind/metrics`.
        """
        return await self.perform(app.metrics())

    async def features(self) -> dict[str, Any]:
        """Return what the server says that it can do; nothing of releases that do not say.

        Raises a `flowbind.errors.ServerError`. Source: `GET /features`.
        """
        return await self.perform(app.features())

    async def free(self, *, unload_models: bool = True, free_memory: bool = True) -> None:
        """Have the server unload its models and forget what it has kept of earlier runs, before its next run.

        Raises a `flowbind.errors.ServerError`. Source: `POST /free`.
        """
        await self.perform(app.free(unload_models, free_memory))

    @overload
    async def submit(
        self, workflow: ComfyUIWorkflow[OutputsT], *, front: bool = False, only: Sequence[str] = ()
    ) -> AsyncJob[OutputsT]: ...
    @overload
    async def submit(
        self, workflow: LoadedWorkflow, *, front: bool = False, only: Sequence[str] = ()
    ) -> AsyncJob[Any]: ...
    async def submit(
        self, workflow: ComfyUIWorkflow[Any] | LoadedWorkflow, *, front: bool = False, only: Sequence[str] = ()
    ) -> AsyncJob[Any]:
        """Queue one run and return its job.

        Local files are uploaded. `front` queues it before all that wait. `only` names the outputs to run for: what they
        do not need does not run, and the result lacks the others. Sent once: a lost answer is looked for on the server.
        Raises `flowbind.errors.InputError` or `DriftError` before anything is queued, `Refused` for what the server
        does not take, in whole or in part, `SubmitUncertain` where nobody can tell whether it is queued, and any
        `ServerError`. Source: `POST /prompt`.
        """
        from flowbind.comfyui.runs.job import AsyncJob

        return AsyncJob(self, await self.perform(self._submission(workflow, front, only)), self._known)

    @overload
    async def run(
        self,
        workflow: ComfyUIWorkflow[OutputsT],
        *,
        timeout: float | None = None,
        front: bool = False,
        only: Sequence[str] = (),
    ) -> Result[OutputsT]: ...
    @overload
    async def run(
        self,
        workflow: LoadedWorkflow,
        *,
        timeout: float | None = None,
        front: bool = False,
        only: Sequence[str] = (),
    ) -> Result[Any]: ...
    async def run(
        self,
        workflow: ComfyUIWorkflow[Any] | LoadedWorkflow,
        *,
        timeout: float | None = None,
        front: bool = False,
        only: Sequence[str] = (),
    ) -> Result[Any]:
        """Queue one run, wait until it has ended and return its result; `timeout` is in seconds.

        `front` and `only` are those of `submit`. Raises what `submit` raises, and a `flowbind.errors.RunError` for a
        run that did not end well, or not in time. Source: `POST /prompt`, `GET /api/jobs/{job_id}`.
        """
        job: AsyncJob[Any] = await self.submit(workflow, front=front, only=only)
        return await job.wait(timeout)

    @overload
    async def submit_many(
        self, workflows: Iterable[ComfyUIWorkflow[OutputsT]], *, at_once: bool = True
    ) -> AsyncManyJob[OutputsT]: ...
    @overload
    async def submit_many(self, workflows: Iterable[LoadedWorkflow], *, at_once: bool = True) -> AsyncManyJob[Any]: ...
    async def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> AsyncManyJob[Any]:
        """Queue the runs of many instances of one class, each by a request of its own, and return their job.

        All are checked and their files uploaded before anything is queued. With `at_once=False` a few dozen runs are
        queued at a time, others while the job's outcomes are collected: a long queue slows the server and its editor
        down. Raises `flowbind.errors.InputError` naming instance and input, and what `submit` raises; what was queued
        by then is canceled. Source: `POST /prompt`.
        """
        from flowbind.comfyui.runs.many_job import AsyncManyJob

        sending = self._sending(await self.perform(self._plan(workflows)))
        await self.perform(sending.finish() if at_once else sending.fill())
        return AsyncManyJob(self, sending)

    @overload
    def run_many(
        self, workflows: Iterable[ComfyUIWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> AsyncIterator[Result[OutputsT] | RunError]: ...
    @overload
    def run_many(
        self, workflows: Iterable[LoadedWorkflow], *, timeout: float | None = None
    ) -> AsyncIterator[Result[Any] | RunError]: ...
    async def run_many(
        self, workflows: Iterable[Any], *, timeout: float | None = None
    ) -> AsyncIterator[Result[Any] | RunError]:
        """Queue the runs of many instances of one class; return an iterator of their outcomes in the order given.

        They are those of a job of `submit_many` with `at_once=False`, made at the first outcome that is wanted. An
        outcome is a result, or the `flowbind.errors.RunError` that says why there is none. `timeout` is in seconds,
        from the first outcome that is wanted, for all together. Runs that are queued go on when the iterator is left
        early. Raises what `submit_many` raises, and `WaitTimeout`. Source: `POST /prompt`, `GET /api/jobs/{job_id}`.
        """
        job: AsyncManyJob[Any] = await self.submit_many(workflows, at_once=False)
        async for outcome in job.results(timeout):
            yield outcome
