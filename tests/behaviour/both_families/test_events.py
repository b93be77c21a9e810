"""Events: each once, in order, with an end that nothing follows, whatever becomes of the websocket."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.errors import RunCanceled, RunFailed, RunGone, WaitTimeout
from flowbind.events import Failed, Finished, NodeFinished, Progress, Queued, Started

from .family import CANCELED, HOLDS, Side

ENDS = (Finished, Failed)


def without_repeats(events: list[Any]) -> list[type[Any]]:
    """Return the classes of events, those that follow each other once."""
    kinds = [type(event) for event in events]
    return [kind for kind, before in zip(kinds, [None, *kinds], strict=False) if kind is not before]


def test_a_run_that_ends_well(side: Side) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(side.made())
        return job, [event async for event in job.events(20)]

    job, events = side.use(script)
    assert without_repeats(events) == [Queued, Started, Progress, NodeFinished, Finished]
    assert {(event.item_id, event.run) for event in events} == {(job.item_id, 1)}
    (progress,) = [e for e in events if isinstance(e, Progress) and e.percentage == 50]
    assert progress.node_id == side.family.node
    # ComfyUI tells the picture and the number one after the other.
    (preview,) = [e.preview for e in events if isinstance(e, Progress) and e.preview]
    assert (preview.width, preview.height) == (64, 64)
    assert preview.bytes().startswith(b"\x89PNG")
    node = events[-2]
    assert (node.node_id, node.node) == (progress.node_id, progress.node)
    assert side.family.pictures(events[-1].result)[0].name
    assert job.status == "completed"


def test_what_a_real_server_tells(any_side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        # A number that no run has had, or all is taken from the server's cache.
        job = await client.submit(any_side.made(seed=any_side.fresh))
        return [event async for event in job.events(60)]

    events = any_side.use(script)
    kinds = without_repeats(events)
    assert kinds[:2] == [Queued, Started]
    assert kinds[-2:] == [NodeFinished, Finished]
    assert Progress in kinds
    assert [type(e) for e in events if isinstance(e, ENDS)] == [Finished]


@pytest.mark.parametrize(("text", "kind"), [("fails", RunFailed), (CANCELED, RunCanceled)], ids=["failed", "canceled"])
@pytest.mark.parametrize("events", [True, False])
def test_a_run_that_does_not_end_well(side: Side, text: str, kind: type[Exception], events: bool) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(side.made(side.family.fails if text == "fails" else text))
        told = [event async for event in job.events(20)]
        with pytest.raises(kind) as caught:
            await job.wait(20)
        return told, caught.value

    told, error = side.use(script, events=events)
    # Of a canceled run that was not seen to run, InvokeAI does not say that it did.
    assert [type(e) for e in told if not isinstance(e, Progress | Started)] == [Queued, Failed]
    assert type(told[-1].error) is kind
    assert str(told[-1].error) == str(error)


@pytest.mark.parametrize("events", [True, False])
def test_a_run_that_is_deleted(side: Side, events: bool) -> None:
    async def script(client: Any) -> list[Any]:
        with side.stand_in.be_busy():
            job = await client.submit(side.made())
            side.stand_in.delete_waiting()
            return [event async for event in job.events(20)]

    told = side.use(script, events=events)
    assert [type(event) for event in told] == [Queued, Failed]
    assert isinstance(told[-1].error, RunGone)


def test_without_events_all_but_progress_is_the_same(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        job = await client.submit(side.made())
        return [event async for event in job.events(20)]

    assert without_repeats(side.use(script, events=False)) == [Queued, Started, NodeFinished, Finished]


@pytest.mark.parametrize("trouble", ["tell_nobody", "stall"])
def test_a_server_that_does_not_tell_is_asked(side: Side, trouble: str) -> None:
    getattr(side.stand_in, trouble)()

    async def script(client: Any) -> list[Any]:
        job = await client.submit(side.made())
        return [event async for event in job.events(20)]

    assert without_repeats(side.use(script)) == [Queued, Started, NodeFinished, Finished]
    assert side.stand_in.posts() == 1


@pytest.mark.parametrize("trouble", ["fall_silent", "cut"])
@pytest.mark.parametrize("way", ["events", "wait"])
def test_a_websocket_that_fails_in_the_middle(side: Side, trouble: str, way: str) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(side.made(HOLDS))
        events = job.events(20)
        told = [event async for event in _first(events, Started)] if way == "events" else []
        getattr(side.stand_in, trouble)()
        side.stand_in.go_on.set()
        if way == "wait":
            return side.family.pictures(await job.wait(20))
        return told + [event async for event in events]

    found = side.use(script)
    assert found
    if way == "events":
        kinds = [kind for kind in without_repeats(found) if kind is not Progress]
        assert kinds == [Queued, Started, NodeFinished, Finished]
    assert side.stand_in.posts() == 1


async def _first(events: Any, kind: type[Any]) -> Any:
    """Yield events up to one of a class."""
    async for event in events:
        yield event
        if isinstance(event, kind):
            return


def test_who_listens_late_is_told_everything(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        job = await client.submit(side.made())
        await job.wait(20)
        return [event async for event in job.events(20)]

    kinds = without_repeats(side.use(script))
    assert kinds[:2] == [Queued, Started]
    assert kinds[-2:] == [NodeFinished, Finished]


def test_a_timeout_of_events(side: Side) -> None:
    async def script(client: Any) -> None:
        job = await client.submit(side.made(HOLDS))
        with pytest.raises(WaitTimeout):
            async for _ in job.events(0.2):
                pass
        side.stand_in.go_on.set()
        assert [type(e) async for e in job.events(20)][-1] is Finished

    side.use(script)
