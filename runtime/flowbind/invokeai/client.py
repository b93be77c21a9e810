"""The sync client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, overload

from flowbind.errors import RunError
from flowbind.invokeai import app
from flowbind.invokeai._client import InvokeAIClient
from flowbind.invokeai.result import Result
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.transport.sync import SyncClient
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    from flowbind.invokeai.blocking.boards import Boards
    from flowbind.invokeai.blocking.images import Images
    from flowbind.invokeai.blocking.library import Library
    from flowbind.invokeai.blocking.models import Models
    from flowbind.invokeai.blocking.queue import Queue
    from flowbind.invokeai.blocking.quick import Quick
    from flowbind.invokeai.blocking.videos import Videos
    from flowbind.invokeai.runs.batch_job import BatchJob
    from flowbind.invokeai.runs.job import Job
    from flowbind.invokeai.runs.many_job import ManyJob
    from flowbind.metrics import Metrics


class InvokeAI(InvokeAIClient, SyncClient):
    """A client of one InvokeAI server.

    `url` may have a path (a reverse proxy's), and a user name and password for HTTP Basic of a proxy, which are told
    nowhere. `email` and `password` are an account of the server, for servers with accounts; without them, one is looked
    for in the netrc file when the server wants it. `verify` says whom to trust for TLS: a file or folder of
    authorities, an `ssl.SSLContext`, or False for anybody; `cert` is the client's own certificate, a file, or a pair of
    files with its key. `timeout` is in seconds and holds for each request, not for a run.

    `check` says what happens when a class is submitted for the first time and the server no longer has what it was made
    for: "warn" (`flowbind.errors.DriftWarning`), "error" (`DriftError`, before anything is sent) or "off", which costs
    no request. `events` is whether the server tells by itself what happens to runs, where the extra `events` is
    installed.
    """

    @property
    def boards(self) -> Boards:
        """The server's boards, and what is on them."""
        from flowbind.invokeai.blocking.boards import Boards

        return Boards(self, self._lookup, self._document.supports)

    @property
    def images(self) -> Images:
        """The server's pictures: lists, uploads, downloads."""
        from flowbind.invokeai.blocking.images import Images

        return Images(self, self._lookup, self._document.supports)

    @property
    def library(self) -> Library:
        """The workflows that the server keeps."""
        from flowbind.invokeai.blocking.library import Library

        return Library(self, self._lookup, self._document.supports)

    @property
    def models(self) -> Models:
        """The server's models, and what installs them."""
        from flowbind.invokeai.blocking.models import Models

        return Models(self, self._lookup, self._document.supports)

    @property
    def queue(self) -> Queue:
        """The server's queue, and jobs that another program submitted."""
        from flowbind.invokeai.blocking.queue import Queue

        return Queue(self, self._lookup, self._document.supports, self._channels)

    @property
    def quick(self) -> Quick:
        """What people reach for first: text to image, image to image, upscaling, copies."""
        from flowbind.invokeai.blocking.quick import Quick

        return Quick(self, self._lookup, self._document.supports)

    @property
    def videos(self) -> Videos:
        """The server's videos (InvokeAI 6.14 and later)."""
        from flowbind.invokeai.blocking.videos import Videos

        return Videos(self, self._lookup, self._document.supports)

    def version(self) -> str:
        """Return the release that the server runs.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/app/version`.
        """
        return self.perform(app.server_version())

    def is_alive(self, timeout: float = 5.0) -> bool:
        """Tell whether an InvokeAI answers within `timeout` seconds; it needs no account for that.

        False where nothing answers, and where something else does; raises nothing because of the server.

        Source: `GET /api/v1/app/version`.
        """
        return self.perform(app.is_alive(timeout))

    def metrics(self) -> Metrics:
        """Return how busy the server is; it does not tell of its memory.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/queue/default/status`.
        """
        return self.perform(app.metrics())

    def supports(self, method: str, path: str) -> bool:
        """Tell whether the server has an operation, such as "GET", "/api/v1/queue/{queue_id}/item_ids".

        Values may stand in place of the parameters. Raises `UnexpectedReply` or another `ServerError` where the server
        does not give its document. Source: `GET /openapi.json`, once for each client.
        """
        return self.perform(self._document.supports(method, path))

    @overload
    def submit(self, workflow: InvokeAIBatchWorkflow[OutputsT]) -> BatchJob[OutputsT]: ...
    @overload
    def submit(self, workflow: InvokeAIWorkflow[OutputsT]) -> Job[OutputsT]: ...
    @overload
    def submit(self, workflow: Workflow[Any]) -> Any: ...
    def submit(self, workflow: Workflow[Any]) -> Job[Any] | BatchJob[Any]:
        """Queue one run, or those of a workflow with batch nodes, and return its job.

        Local images are uploaded; models, boards and images are looked up on the server. Sent once: a lost answer is
        looked for on the server. Raises `flowbind.errors.InputError`, `LookupFailed` or `DriftError` before anything is
        queued, `Refused` for what the server does not take, `SubmitUncertain` where nobody can tell whether it is
        queued, and any `ServerError`. Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        from flowbind.invokeai.runs.batch_job import BatchJob
        from flowbind.invokeai.runs.job import Job

        submitted = self.perform(self._submission(workflow))
        return (BatchJob if isinstance(workflow, InvokeAIBatchWorkflow) else Job)(self, submitted)

    @overload
    def run(
        self, workflow: InvokeAIBatchWorkflow[OutputsT], *, timeout: float | None = None
    ) -> list[Result[OutputsT]]: ...
    @overload
    def run(self, workflow: InvokeAIWorkflow[OutputsT], *, timeout: float | None = None) -> Result[OutputsT]: ...
    @overload
    def run(self, workflow: Workflow[Any], *, timeout: float | None = None) -> Any: ...
    def run(self, workflow: Workflow[Any], *, timeout: float | None = None) -> Result[Any] | list[Result[Any]]:
        """Queue one run, wait until it has ended and return its result; `timeout` is in seconds.

        A workflow with batch nodes gives a list: one result for each combination of items, the last list fastest.
        Raises what `submit` raises, and a `flowbind.errors.RunError` for a run that did not end well, or not in time.

        Source: `POST /api/v1/queue/default/enqueue_batch`, `GET /api/v1/queue/default/i/{item_id}`.
        """
        job: Job[Any] | BatchJob[Any] = self.submit(workflow)
        return job.wait(timeout)

    @overload
    def submit_many(
        self, workflows: Iterable[InvokeAIBatchWorkflow[OutputsT]], *, at_once: bool = True
    ) -> ManyJob[list[Result[OutputsT]]]: ...
    @overload
    def submit_many(
        self, workflows: Iterable[InvokeAIWorkflow[OutputsT]], *, at_once: bool = True
    ) -> ManyJob[Result[OutputsT]]: ...
    @overload
    def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> Any: ...
    def submit_many(self, workflows: Iterable[Workflow[Any]], *, at_once: bool = True) -> ManyJob[Any]:
        """Queue the runs of many instances of one class in as few requests as possible, and return their job.

        Instances that differ only in texts, numbers and pictures share a request. All values are checked and looked up
        before anything is sent. When the server's queue gets full (`max_queue_size`), this waits for room until all
        runs are queued; with `at_once=False` the rest is queued while the job's outcomes are collected. Raises
        `flowbind.errors.InputError` naming instance and input, and what `submit` raises; what was queued by then is
        canceled. Source: `POST /api/v1/queue/default/enqueue_batch`, `GET .../status`.
        """
        from flowbind.invokeai.runs.many_job import ManyJob

        sending = self._sending(self.perform(self._plan(workflows)))
        self.perform(sending.finish() if at_once else sending.fill())
        return ManyJob(self, sending, self._document.supports)

    @overload
    def run_many(
        self, workflows: Iterable[InvokeAIBatchWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> Iterator[list[Result[OutputsT]] | RunError]: ...
    @overload
    def run_many(
        self, workflows: Iterable[InvokeAIWorkflow[OutputsT]], *, timeout: float | None = None
    ) -> Iterator[Result[OutputsT] | RunError]: ...
    @overload
    def run_many(self, workflows: Iterable[Workflow[Any]], *, timeout: float | None = None) -> Iterator[Any]: ...
    def run_many(self, workflows: Iterable[Workflow[Any]], *, timeout: float | None = None) -> Iterator[Any]:
        """Queue the runs of many instances of one class; return an iterator of their outcomes in the order given.

        They are those of a job of `submit_many` with `at_once=False`. An outcome is a result (a list of them for a
        workflow with batch nodes), or the `flowbind.errors.RunError` that says why there is none. `timeout` is in
        seconds, from the first outcome that is wanted, for all together. Runs that are queued go on when the iterator
        is left early. Raises what `submit_many` raises, and `WaitTimeout`. Source: the same, and `POST
        /api/v1/queue/default/items_by_ids`.
        """
        job: ManyJob[Any] = self.submit_many(workflows, at_once=False)
        return job.results(timeout)
