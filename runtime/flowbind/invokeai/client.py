"""The sync client."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from flowbind.errors import FlowbindError
from flowbind.files import whole_file
from flowbind.invokeai import images as image_operations
from flowbind.invokeai import queue
from flowbind.invokeai._http import (
    DEFAULT_URL,
    base_url,
    client_options,
    errors_translated,
    reply_of,
    request_of,
    sends_a_picture,
)
from flowbind.invokeai._wire import Call, Download, Operation, ReadFile, Reply, Sleep, Step
from flowbind.invokeai.app import server_version
from flowbind.invokeai.drift_check import CheckMode, DriftCheck
from flowbind.invokeai.fields import Data, Image
from flowbind.invokeai.job import BatchJob, Job
from flowbind.invokeai.lookup import Lookup
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class InvokeAI:
    """A client of one InvokeAI server.

    `url` may have a path; `timeout` is in seconds and holds for each request, not for a run. `check` says what happens
    when a class is submitted for the first time and the server no longer has what it was made for: "warn"
    (`flowbind.errors.DriftWarning`), "error" (`DriftError`, before anything is sent) or "off", which costs no request.
    """

    def __init__(self, url: str = DEFAULT_URL, *, timeout: float = 60.0, check: CheckMode = "warn") -> None:
        self.url = base_url(url)
        self.images = Images(self)
        self._timeout = timeout
        self._lookup = Lookup()
        self._drift = DriftCheck(check)
        # Threads may share a client: one of them opens the connections.
        self._opening = threading.Lock()
        self._http: httpx.Client | None = None

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
        item_ids, batch_id, drawn = self.perform(queue.submit(workflow, self._lookup, self._drift))
        job: Job[Any] | BatchJob[Any]
        if isinstance(workflow, InvokeAIBatchWorkflow):
            job = BatchJob(self, type(workflow), item_ids, batch_id)
        else:
            job = Job(self, type(workflow), item_ids[0], batch_id)
        job.drawn = drawn
        return job

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

    def close(self) -> None:
        """Close the connections to the server."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation step by step."""
        try:
            step = next(operation)
            while True:
                try:
                    answer = self._answer(step)
                except (FlowbindError, OSError) as error:
                    step = operation.throw(error)
                else:
                    step = operation.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value

    def _answer(self, step: Step) -> Reply | bytes | None:
        if isinstance(step, Sleep):
            import time

            time.sleep(step.seconds)
            return None
        if isinstance(step, ReadFile):
            return step.path.read_bytes()
        with errors_translated(self.url):
            return self._call(step) if isinstance(step, Call) else self._download(step)

    def _call(self, call: Call) -> Reply:
        response = self._client().request(**request_of(call))
        return reply_of(call, response, response.content)

    def _download(self, step: Download) -> Reply:
        with self._client().stream("GET", step.path.lstrip("/")) as response:
            if not sends_a_picture(response):
                return reply_of(step, response, response.read())
            with whole_file(step.target) as part, part.open("wb") as file:
                for chunk in response.iter_bytes(1 << 16):
                    file.write(chunk)
            return reply_of(step, response, b"")

    def _client(self) -> httpx.Client:
        with self._opening:
            if self._http is None:
                import httpx

                self._http = httpx.Client(**client_options(self.url, self._timeout))
            return self._http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<InvokeAI {self.url}>"


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
