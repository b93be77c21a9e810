"""Jobs of prompts that another program has submitted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.errors import InputError, NotFound
from flowbind.events import Finished, NodeFinished, Queued, Started

from ..both_clients import Script, awaited
from .fake_comfyui import FakeComfyUI
from .prompts import by_hand

Carry = Callable[[str, Script], Any]


def carry_out(kind: str, url: str, script: Script) -> Any:
    """Carry out a script with a client that listens."""
    if kind == "async":

        async def run() -> Any:
            async with AsyncComfyUI(url, check="off") as client:
                return await script(client)

        return asyncio.run(run())
    with ComfyUI(url, check="off") as client:
        return awaited(client, script)


@pytest.fixture(params=["sync", "async"])
def carried(request: pytest.FixtureRequest) -> Carry:
    """What carries out a script, with either client."""
    return partial(carry_out, request.param)


@pytest.fixture(params=["jobs", "history"])
def server(request: pytest.FixtureRequest) -> Iterator[FakeComfyUI]:
    """A server with and without /api/jobs."""
    with FakeComfyUI(has_jobs=request.param == "jobs") as running:
        yield running


def submitted(server: FakeComfyUI, **values: Any) -> str:
    """Return the id of a run that another client has submitted."""
    with ComfyUI(server.url, check="off", events=False) as other:
        return other.submit(ComfyTextToImage(**values)).item_id


def test_a_run_that_has_ended(server: FakeComfyUI, carried: Carry) -> None:
    item_id = submitted(server, seed=41)

    async def script(client: Any) -> Any:
        job = await client.queue.job(ComfyTextToImage, item_id)
        return job.item_id, (await job.wait(10)), job.drawn

    found, result, drawn = carried(server.url, script)
    assert found == result.item_id == item_id
    assert [picture.type for picture in result.outputs.picture] == ["output"]
    assert drawn == result.varied == {"seed": 41}


def test_a_run_that_goes_on_is_asked_for_and_not_waited_to_be_told_of(server: FakeComfyUI, carried: Carry) -> None:
    server.course = by_hand
    item_id = submitted(server)
    prompt = server.running()
    prompt.start()

    async def script(client: Any) -> Any:
        # Whoever listens is told of runs of its own alone.
        own = await client.submit(ComfyTextToImage())
        job = await client.queue.job(ComfyTextToImage, item_id)
        found = []
        async for event in job.events(20):
            found.append(type(event))
            if event.__class__ is Started:
                prompt.begin("9")
                prompt.end({"images": [server.files.put("a.png", b"a")]})
                prompt.succeed()
        await own.cancel()
        return found

    assert carried(server.url, script) == [Queued, Started, NodeFinished, Finished]


def test_what_the_server_does_not_have(server: FakeComfyUI, carried: Carry) -> None:
    async def script(client: Any) -> Any:
        await client.queue.job(ComfyTextToImage, str(uuid4()))

    with pytest.raises(NotFound, match="has no prompt"):
        carried(server.url, script)


def test_a_run_of_another_workflow(server: FakeComfyUI, carried: Carry) -> None:
    from generated import ComfyImageToImage

    item_id = submitted(server)

    async def script(client: Any) -> Any:
        await client.queue.job(ComfyImageToImage, item_id)

    with pytest.raises(InputError, match="not made from this class"):
        carried(server.url, script)
