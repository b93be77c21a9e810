"""The async client: the same names, awaited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload

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
from flowbind.invokeai.fields import Data, Downloads, Image
from flowbind.invokeai.job import AsyncBatchJob, AsyncJob
from flowbind.invokeai.lookup import Lookup
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.result import Result
from flowbind.workflow import OutputsT, Workflow

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class AsyncInvokeAI:
    """A client of one InvokeAI server for use in an event loop; see `InvokeAI`."""

    def __init__(self, url: str = DEFAULT_URL, *, timeout: float = 60.0, check: CheckMode = "warn") -> None:
        self.url = base_url(url)
        self.images = AsyncImages(self)
        self._timeout = timeout
        self._lookup = Lookup()
        self._drift = DriftCheck(check)
        self._http: httpx.AsyncClient | None = None

    async def version(self) -> str:
        """Return the release that the server runs."""
        return await self.perform(server_version())

    @overload
    async def submit(self, workflow: InvokeAIBatchWorkflow[OutputsT]) -> AsyncBatchJob[OutputsT]: ...
    @overload
    async def submit(self, workflow: InvokeAIWorkflow[OutputsT]) -> AsyncJob[OutputsT]: ...
    @overload
    async def submit(self, workflow: Workflow[Any]) -> Any: ...
    async def submit(self, workflow: Workflow[Any]) -> AsyncJob[Any] | AsyncBatchJob[Any]:
        """Queue one run and return its job; see `InvokeAI.submit`."""
        item_ids, batch_id, drawn = await self.perform(queue.submit(workflow, self._lookup, self._drift))
        job: AsyncJob[Any] | AsyncBatchJob[Any]
        if isinstance(workflow, InvokeAIBatchWorkflow):
            job = AsyncBatchJob(self, type(workflow), item_ids, batch_id)
        else:
            job = AsyncJob(self, type(workflow), item_ids[0], batch_id)
        job.drawn = drawn
        return job

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
        """
        job: AsyncJob[Any] | AsyncBatchJob[Any] = await self.submit(workflow)
        return await job.wait(timeout)

    async def close(self) -> None:
        """Close the connections to the server."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def perform(self, operation: Operation[T]) -> T:
        """Carry out an operation step by step."""
        try:
            step = next(operation)
            while True:
                try:
                    answer = await self._answer(step)
                except (FlowbindError, OSError) as error:
                    step = operation.throw(error)
                else:
                    step = operation.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value

    async def _answer(self, step: Step) -> Reply | bytes | None:
        if isinstance(step, Sleep):
            from asyncio import sleep

            await sleep(step.seconds)
            return None
        if isinstance(step, ReadFile):
            return await _in_thread(step.path.read_bytes)
        with errors_translated(self.url):
            return await (self._call(step) if isinstance(step, Call) else self._download(step))

    async def _call(self, call: Call) -> Reply:
        response = await self._client().request(**request_of(call))
        return reply_of(call, response, response.content)

    async def _download(self, step: Download) -> Reply:
        async with self._client().stream("GET", step.path.lstrip("/")) as response:
            if not sends_a_picture(response):
                return reply_of(step, response, await response.aread())
            with whole_file(step.target) as part, part.open("wb") as file:
                async for chunk in response.aiter_bytes(1 << 16):
                    await _in_thread(file.write, chunk)
            return reply_of(step, response, b"")

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            import httpx

            self._http = httpx.AsyncClient(**client_options(self.url, self._timeout))
        return self._http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncInvokeAI {self.url}>"


class AsyncImages:
    """The pictures of a server; see `Images`."""

    def __init__(self, server: AsyncInvokeAI) -> None:
        self._server = server

    async def upload(self, image: Path | Data) -> Image:
        """Upload a picture, a file or its bytes, to the server's assets."""
        content = image if isinstance(image, Data) else await _in_thread(image.read_bytes)
        stem = "image" if isinstance(image, Data) else image.stem
        made = await self._server.perform(image_operations.upload(content, stem))
        return Image(made.name, made.width, made.height, cast(Downloads, self))

    async def save(self, image: Image | str, path: str | Path) -> Path:
        """Download a picture to a file, or into a folder under its own name; return the file's path."""
        return await self._server.perform(image_operations.save(image, path))

    async def bytes(self, image: Image | str) -> Data:
        """Download a picture as the bytes of a PNG file."""
        return await self._server.perform(image_operations.content_of(image))


async def _in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Do blocking work beside the event loop."""
    from asyncio import to_thread  # asyncio is a third of what importing flowbind would cost

    return await to_thread(work, *arguments)
