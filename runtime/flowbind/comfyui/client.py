"""The sync client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from flowbind.comfyui import app
from flowbind.comfyui._client import ComfyUIClient
from flowbind.comfyui.result import Result
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.errors import RunError
from flowbind.transport.sync import SyncClient
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.comfyui.blocking.files import Files
    from flowbind.comfyui.blocking.history import History
    from flowbind.comfyui.blocking.models import Models
    from flowbind.comfyui.blocking.queue import Queue
    from flowbind.comfyui.runs.job import Job
    from flowbind.comfyui.runs.many_job import ManyJob
    from flowbind.comfyui.stats import SystemStats
    from flowbind.loaded import LoadedWorkflow
    from flowbind.metrics import Metrics


class ComfyUI(ComfyUIClient, SyncClient):
    """A client of one ComfyUI server.

    `url` may have a path (a reverse proxy's), and a user name and password for HTTP Basic of a proxy, which are told
    nowhere. `verify` says whom to trust for TLS: a file or folder of authorities, an `ssl.SSLContext`, or False for
    anybody; `cert` is the client's own certificate, a file, or a pair of files with its key. `timeout` is in seconds
    and holds for each request, not for a run.

    `check` says what happens when a class is submitted for the first time and the server no longer has what it was made
    for: "warn" (`flowbind.errors.DriftWarning`), "error" (`DriftError`, before anything is sent) or "off". `events` is
    whether the server tells by itself what happens to runs, where the extra `events` is installed. `previews` is how
    the server makes the previews of these runs ("auto", "latent2rgb", "taesd", "none"); None leaves it to how it was
    started. `api_key` is a key of ComfyUI's own platform, for nodes that run at its partners.
    """

    @property
    def files(self) -> Files:
        """The server's files: uploads and downloads."""
        from flowbind.comfyui.blocking.files import Files

        return Files(self, self._known.files)

    @property
    def history(self) -> History:
        """What has ended on the server."""
        from flowbind.comfyui.blocking.history import History

        return History(self)

    @property
    def models(self) -> Models:
        """The files of models that the server has."""
        from flowbind.comfyui.blocking.models import Models

        return Models(self)

    @property
    def queue(self) -> Queue:
        """The server's queue, and jobs that another program submitted."""
        from flowbind.comfyui.blocking.queue import Queue

        return Queue(self, self._known, self._prompts)

    def version(self) -> str:
        """Return the release that the server runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /system_stats`.
        """
        return self.perform(app.server_version())

    def is_alive(self, timeout: float = 5.0) -> bool:
        """Tell whether a ComfyUI answers within `timeout` seconds.

        False where nothing answers, and where something else does; raises nothing because of the server. Source: `GET
        /system_stats`.
        """
        return self.perform(app.is_alive(timeout))

    def system_stats(self) -> SystemStats:
        """Return the memory and devices of the server's machine, in bytes, and the releases of what it runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /system_stats`.
        """
        return self.perform(app.system_stats())

    def metrics(self) -> Metrics:
        """Return how busy the server is, the memory of its devices, and the load of its machine.

        The latter where it has the custom node `comfyui_metrics`, which comes with flowbind: `docs/comfyui.md` says how
        it is installed. Raises a `flowbind.errors.ServerError`. Source: `GET /prompt`, `GET /system_stats`,
        `GET /flowbind/metrics`.
        """
        return self.perform(app.metrics())

    def features(self) -> dict[str, Any]:
        """Return what the server says that it can do; nothing of releases that do not say.

        Raises a `flowbind.errors.ServerError`. Source: `GET /features`.
        """
        return self.perform(app.features())

    def free(self, *, unload_models: bool = True, free_memory: bool = True) -> None:
        """Have the server unload its models and forget what it has kept of earlier runs, before its next run.

        Raises a `flowbind.errors.ServerError`. Source: `POST /free`.
        """
        self.perform(app.free(unload_models, free_memory))

    @overload
    def submit(
        self, workflow: ComfyUIWorkflow[OutputsT], *, front: bool = False, only: Sequence[str] = ()
    ) -> Job[OutputsT]: ...
    @overload
    def submit(self, workflow: LoadedWorkflow, *, front: bool = False, only: Sequence[str] = ()) -> Job[Any]: ...
    def submit(
        self, workflow: ComfyUIWorkflow[Any] | LoadedWorkflow, *, front: bool = False, only: Sequence[str] = ()
    ) -> Job[Any]:
        """Queue one run and return its job.

        Local files are uploaded. `front` queues it before all that wait. `only` names the outputs to run for: what they
        do not need does not run, and the result lacks the others. Sent once: a lost answer is looked for on the server.
        Raises `flowbind.errors.InputError` or `DriftError` before anything is queued, `Refused` for what the server
        does not take, in whole or in part, `SubmitUncertain` where nobody can tell whether it is queued, and any
        `ServerError`. Source: `POST /prompt`.
        """
        from flowbind.comfyui.runs.job import Job

        return Job(self, self.perform(self._submission(workflow, front, only)), self._known)

    @overload
    def run(
        self,
        workflow: ComfyUIWorkflow[OutputsT],
        *,
        timeout: float | None = None,
        front: bool = False,
        only: Sequence[str] = (),
    ) -> Result[OutputsT]: ...
    @overload
    def run(
        self,
        workflow: LoadedWorkflow,
        *,
        timeout: float | None = None,
        front: bool = False,
        only: Sequence[str] = (),
    ) -> Result[Any]: ...
    def run(
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
        return self.submit(workflow, front=front, only=only).wait(timeout)

    @overload
    def submit_many(
        self, workflows: Iterable[ComfyUIWorkflow[OutputsT]], *, at_once: bool = True
    ) -> ManyJob[OutputsT]: ...
    @overload
    def submit_many(self, workflows: Iterable[LoadedWorkflow], *, at_once: bool = True) -> ManyJob[Any]: ...
    def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> ManyJob[Any]:
        """Queue the runs of many instances of one class, each by a request of its own, and return their job.

        All are checked and their files uploaded before anything is queued. With `at_once=False` a few dozen runs are
        queued at a time, others while the job's outcomes are collected: a long queue slows the server and its editor
        down. Raises `flowbind.errors.InputError` naming instance and input, and what `submit` raises; what was queued
        by then is canceled. Source: `POST /prompt`.
        """
        from flowbind.comfyui.runs.many_job import ManyJob

        sending = self._sending(self.perform(self._plan(workflows)))
        self.perform(sending.finish() if at_once else sending.fill())
        return ManyJob(self, sending)

    @overload
    def run_many(
        self, workflows: Iterable[ComfyUIWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> Iterator[Result[OutputsT] | RunError]: ...
    @overload
    def run_many(
        self, workflows: Iterable[LoadedWorkflow], *, timeout: float | None = None
    ) -> Iterator[Result[Any] | RunError]: ...
    def run_many(self, workflows: Iterable[Any], *, timeout: float | None = None) -> Iterator[Result[Any] | RunError]:
        """Queue the runs of many instances of one class; return an iterator of their outcomes in the order given.

        They are those of a job of `submit_many` with `at_once=False`. An outcome is a result, or the
        `flowbind.errors.RunError` that says why there is none. `timeout` is in seconds, from the first outcome that is
        wanted, for all together. Runs that are queued go on when the iterator is left early. Raises what `submit_many`
        raises, and `WaitTimeout`. Source: `POST /prompt`, `GET /api/jobs/{job_id}`.
        """
        return self.submit_many(workflows, at_once=False).results(timeout)
