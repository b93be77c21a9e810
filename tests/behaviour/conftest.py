"""The checkout's generated package on the path, a fake server, and both clients as one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind.invokeai import AsyncInvokeAI, InvokeAI, Result
from flowbind.workflow import Workflow

from .both_clients import Script, carry_out
from .fake_server import FakeServer
from .playing import Case
from .spec_document import document_of
from .spec_server import SpecServer

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


class Runner:
    """One of the two clients, each call in a session of its own."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url

    def submit(self, workflow: Workflow[Any]) -> tuple[int, str]:
        """Submit and return the job's item id and batch id."""
        if self.kind == "sync":
            with InvokeAI(self.url, check="off") as server:
                job = server.submit(workflow)
                return job.item_id, job.batch_id

        async def submit() -> tuple[int, str]:
            async with AsyncInvokeAI(self.url, check="off") as server:
                job = await server.submit(workflow)
                return job.item_id, job.batch_id

        return asyncio.run(submit())

    def submit_batch(self, workflow: Workflow[Any]) -> tuple[tuple[int, ...], str]:
        """Submit and return the job's item ids and batch id."""
        if self.kind == "sync":
            with InvokeAI(self.url, check="off") as server:
                job = server.submit(workflow)
                return job.item_ids, job.batch_id

        async def submit() -> tuple[tuple[int, ...], str]:
            async with AsyncInvokeAI(self.url, check="off") as server:
                job = await server.submit(workflow)
                return job.item_ids, job.batch_id

        return asyncio.run(submit())

    def run_batch(self, workflow: Workflow[Any], timeout: float | None = None) -> list[Result[Any]]:
        """Submit a batch, wait and return the results."""
        found: Any = self.run(workflow, timeout)
        assert isinstance(found, list)
        return found

    def run(self, workflow: Workflow[Any], timeout: float | None = None) -> Result[Any]:
        """Submit, wait and return the result."""
        if self.kind == "sync":
            with InvokeAI(self.url, check="off") as server:
                return server.run(workflow, timeout=timeout)

        async def run() -> Result[Any]:
            async with AsyncInvokeAI(self.url, check="off") as server:
                return await server.run(workflow, timeout=timeout)

        return asyncio.run(run())

    def version(self, timeout: float = 60.0) -> str:
        """Ask for the release of the server."""
        if self.kind == "sync":
            with InvokeAI(self.url, timeout=timeout, check="off") as server:
                return server.version()

        async def version() -> str:
            async with AsyncInvokeAI(self.url, timeout=timeout, check="off") as server:
                return await server.version()

        return asyncio.run(version())

    def save(self, name: str, path: Path) -> Path:
        """Download a picture."""
        if self.kind == "sync":
            with InvokeAI(self.url, check="off") as server:
                return server.images.save(name, path)

        async def save() -> Path:
            async with AsyncInvokeAI(self.url, check="off") as server:
                return await server.images.save(name, path)

        return asyncio.run(save())


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that plays InvokeAI: it takes one run, item 7, which completes at once."""
    with FakeServer() as fake:
        yield fake


@pytest.fixture(params=["sync", "async"])
def runner(request: pytest.FixtureRequest, server: FakeServer) -> Runner:
    """Both clients, on the fake server."""
    return Runner(request.param, server.url)


@pytest.fixture
def played(case: Case) -> Iterator[SpecServer]:
    """A server that plays a release; nothing that it was sent or said is against the document."""
    with SpecServer(document_of(case[0]), case[0].partition(",")[0]) as server:
        yield server
    assert server.complaints == []


@pytest.fixture
def use(case: Case, played: SpecServer) -> Callable[[Script], Any]:
    """Calls a script with a client of the server that plays a release."""
    return lambda script: carry_out(case[1], played.url, script, check="off")
