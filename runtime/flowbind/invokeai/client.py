"""The sync client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, overload

from flowbind.invokeai import images as image_operations
from flowbind.invokeai import queue
from flowbind.invokeai._http import DEFAULT_URL
from flowbind.invokeai._sync import SyncClient
from flowbind.invokeai.app import server_version
from flowbind.invokeai.drift_check import CheckMode
from flowbind.invokeai.fields import Data, Image
from flowbind.invokeai.job import BatchJob, Job
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow


class InvokeAI(SyncClient):
    """A client of one InvokeAI server.

    `url` may have a path; `timeout` is in seconds and holds for each request, not for a run. `check` says what happens
    when a class is submitted for the first time and the server no longer has what it was made for: "warn"
    (`flowbind.errors.DriftWarning`), "error" (`DriftError`, before anything is sent) or "off", which costs no request.
    `events` is whether the server tells by itself what happens to runs, where the extra `events` is installed.
    """

    def __init__(
        self, url: str = DEFAULT_URL, *, timeout: float = 60.0, check: CheckMode = "warn", events: bool = True
    ) -> None:
        super().__init__(url, timeout=timeout, check=check, events=events)
        self.images = Images(self)

    def version(self) -> str:
        """Return the release that the server runs."""
        return self.perform(server_version())

    @overload
    def submit(self, workflow: InvokeAIBatchWorkflow[OutputsT]) -> BatchJob[OutputsT]: ...
    @overload
    def submit(self, workflow: InvokeAIWorkflow[OutputsT]) -> Job[OutputsT]: ...
    @overload
    def submit(self, workflow: Workflow[Any]) -> Any: ...
    def submit(self, workflow: Workflow[Any]) -> Job[Any] | BatchJob[Any]:
        """Queue one run, or those of a batch, and return its job.

        Local images are uploaded; models, boards and images are looked up on the server. Raises
        `flowbind.errors.InputError` or `LookupFailed` before anything is queued.
        """
        submitted = self.perform(queue.submit(workflow, self._lookup, self._drift, self._channels))
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
        """
        job: Job[Any] | BatchJob[Any] = self.submit(workflow)
        return job.wait(timeout)


class Images:
    """The pictures of a server."""

    def __init__(self, server: InvokeAI) -> None:
        self._server = server

    def upload(self, image: Path | Data) -> Image:
        """Upload a picture, a file or its bytes, to the server's assets."""
        content = image if isinstance(image, Data) else image.read_bytes()
        made = self._server.perform(
            image_operations.upload(content, "image" if isinstance(image, Data) else image.stem)
        )
        return Image(made.name, made.width, made.height, self)

    def save(self, image: Image | str, path: str | Path) -> Path:
        """Download a picture to a file, or into a folder under its own name; return the file's path."""
        return self._server.perform(image_operations.save(image, path))

    def bytes(self, image: Image | str) -> Data:
        """Download a picture as the bytes of a PNG file."""
        return self._server.perform(image_operations.content_of(image))
