"""Events on a real server: of each run all that happens, in order, told or asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from generated import ContactSheet, GrainStudy, Poster, TextToImageSd15
from tests.front import Front

from flowbind.errors import RunCanceled, RunFailed, RunGone
from flowbind.events import Event, Failed, Finished, NodeFinished, Preview, Progress, Queued, Started
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.workflow import Workflow
from live_tools import QUEUE, Live

SMALL = {"width": 64, "height": 64}
Act = Callable[[Event[Any]], object]
numbers = itertools.count(1000)


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Callable[..., list[Event[Any]]]:
    """Submit with either client and return the events; `act` is done after each."""

    def read_sync(url: str, workflow: Workflow[Any], act: Act = id, **options: Any) -> list[Event[Any]]:
        found: list[Event[Any]] = []
        with InvokeAI(url, check="off", **options) as client:
            for event in client.submit(workflow).events(60):
                found.append(event)
                act(event)
        return found

    async def read_async(url: str, workflow: Workflow[Any], act: Act = id, **options: Any) -> list[Event[Any]]:
        found: list[Event[Any]] = []
        async with AsyncInvokeAI(url, check="off", **options) as client:
            async for event in (await client.submit(workflow)).events(60):
                found.append(event)
                await asyncio.to_thread(act, event)
        return found

    if request.param == "sync":
        return read_sync
    return lambda *given, **options: asyncio.run(read_async(*given, **options))


Read = Callable[..., list[Event[Any]]]


def words(events: Sequence[Event[Any]]) -> list[str]:
    """Return events as short words, without progress."""
    return [
        event.node if isinstance(event, NodeFinished) else type(event).__name__
        for event in events
        if not isinstance(event, Progress)
    ]


def nodes_of(live: Live, item_id: int) -> Counter[str]:
    """Return how often each node of a run has given something, as the server has it."""
    session = live.item(item_id)["session"]
    return Counter(session["prepared_source_mapping"][prepared] for prepared in session["results"])


def finished_nodes(events: Sequence[Event[Any]]) -> Counter[str]:
    """Return how often each node is said to have finished."""
    return Counter(event.node_id for event in events if isinstance(event, NodeFinished))


def fresh_poster() -> Poster:
    """Return a workflow that has never run: its nodes are not in the server's cache."""
    return Poster(**SMALL, grain_seed=next(numbers))


def picture(live: Live, **more: Any) -> TextToImageSd15:
    """Return a workflow whose denoising shows pictures."""
    return TextToImageSd15(model=live.model["name"], scheduler="euler", seed=next(numbers), **SMALL | more)


def parts_of_jpeg(content: bytes) -> Iterator[int]:
    """Yield the kind of each segment of a JPEG, as far as its data."""
    assert content[:2] == b"\xff\xd8"
    assert content[-2:] == b"\xff\xd9"
    at = 2
    while content[at + 1] != 0xDA:
        assert content[at] == 0xFF
        yield content[at + 1]
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")


def test_denoising_is_told_step_by_step(live: Live, read: Read) -> None:
    events = read(live.url, picture(live, steps=5))
    steps = [event for event in events if isinstance(event, Progress) and event.percentage is not None]
    assert [event.step for event in steps] == [*range(6)]
    assert [event.percentage for event in steps] == pytest.approx([0, 20, 40, 60, 80, 100])
    for event in steps:
        assert isinstance(event.preview, Preview)
        assert event.preview.media_type == "image/jpeg"
        # A start of frame, so that there is a picture in it.
        assert 0xC0 in parts_of_jpeg(event.preview.bytes())
    assert words(events)[:2] == ["Queued", "Started"]
    end = events[-1]
    assert isinstance(end, Finished)
    assert finished_nodes(events) == nodes_of(live, end.item_id)


def test_asked_for_all_but_progress_is_the_same(live: Live, read: Read) -> None:
    told = read(live.url, fresh_poster())
    asked = read(live.url, fresh_poster(), events=False)
    assert words(asked) == words(told)
    assert any(isinstance(event, Progress) for event in told)
    assert not any(isinstance(event, Progress) for event in asked)
    for events in (told, asked):
        grain = next(event for event in events if isinstance(event, NodeFinished) and event.node == "Grain")
        assert (grain.output.width, grain.output.height) == (64, 64)
        assert finished_nodes(events) == nodes_of(live, grain.item_id)
        assert isinstance(events[-1], Finished)
        assert events[-1].result.node("Grain").image.name == grain.output.image.name


@pytest.mark.parametrize("events", [True, False])
def test_a_run_that_fails_tells_what_ran(live: Live, read: Read, events: bool) -> None:
    found = read(live.url, ContactSheet(count=0), events=events)
    end = found[-1]
    assert isinstance(end, Failed)
    assert isinstance(end.error, RunFailed)
    assert end.error.node_label == "Step"
    assert finished_nodes(found) == nodes_of(live, end.item_id)
    assert "Step" not in words(found)


def test_nodes_of_a_loop_finish_once_for_each_item(live: Live, read: Read) -> None:
    for told in (True, False):
        found = read(live.url, ContactSheet(count=3), events=told)
        assert isinstance(found[-1], Finished)
        assert finished_nodes(found) == nodes_of(live, found[-1].item_id)
        assert max(finished_nodes(found).values()) == 3


def test_what_a_canceled_run_still_gives_comes_before_its_end(live: Live, read: Read) -> None:
    done: list[Event[Any]] = []

    def cancel(event: Event[Any]) -> None:
        if isinstance(event, Progress) and event.percentage is not None and not done:
            done.append(event)
            live.call("PUT", f"{QUEUE}/i/{event.item_id}/cancel")

    found = read(live.url, picture(live, steps=300), cancel)
    assert done
    assert isinstance(found[-1], Failed)
    assert isinstance(found[-1].error, RunCanceled)
    assert finished_nodes(found) >= nodes_of(live, found[-1].item_id)


@pytest.mark.parametrize("events", [True, False])
def test_a_run_canceled_before_its_turn_has_not_started(live: Live, read: Read, events: bool) -> None:
    with live.paused():
        found = read(
            live.url,
            fresh_poster(),
            lambda event: isinstance(event, Queued) and live.call("PUT", f"{QUEUE}/i/{event.item_id}/cancel"),
            events=events,
        )
    assert words(found) == ["Queued", "Failed"]


@pytest.mark.parametrize("events", [True, False])
@pytest.mark.parametrize("end", ["delete", "clear"])
def test_a_run_that_is_taken_away(live: Live, read: Read, end: str, events: bool) -> None:
    def take_away(event: Event[Any]) -> None:
        if isinstance(event, Started):
            if end == "delete":
                live.call("DELETE", f"{QUEUE}/i/{event.item_id}")
            else:
                live.call("PUT", f"{QUEUE}/clear")

    found = read(live.url, picture(live, steps=300), take_away, events=events)
    assert isinstance(found[-1], Failed)
    assert isinstance(found[-1].error, RunGone)
    assert words(found)[:2] == ["Queued", "Started"]
    assert words(found).count("Failed") == 1


def workflows(count: int) -> list[Workflow[Any]]:
    """Return workflows of two classes in turn."""
    return [ContactSheet(count=2) if number % 2 else fresh_poster() for number in range(count)]


def check_own(live: Live, workflow: Workflow[Any], events: Sequence[Event[Any]]) -> None:
    """Check that a job was given its own events, and all of them."""
    assert words(events)[:2] == ["Queued", "Started"]
    end = events[-1]
    assert isinstance(end, Finished)
    assert {event.item_id for event in events} == {end.item_id}
    assert type(end.result.outputs) is type(workflow).__flowbind__.outputs_class
    assert finished_nodes(events) == nodes_of(live, end.item_id)
    given = str(live.item(end.item_id)["session"]["results"])
    outputs = [vars(event.output) for event in events if isinstance(event, NodeFinished)]
    pictures = [output["image"].name for output in outputs if "image" in output]
    assert pictures
    assert all(name in given for name in pictures)


def test_many_jobs_of_many_threads_get_their_own(live: Live) -> None:
    several = workflows(20)
    with InvokeAI(live.url, check="off") as client, ThreadPoolExecutor(5) as pool:
        found = [*pool.map(lambda workflow: list(client.submit(workflow).events(120)), several)]
    for workflow, events in zip(several, found, strict=True):
        check_own(live, workflow, events)
    assert len({events[0].item_id for events in found}) == 20


def test_many_jobs_of_many_tasks_get_their_own(live: Live) -> None:
    several = workflows(20)

    async def read_all() -> list[list[Event[Any]]]:
        async with AsyncInvokeAI(live.url, check="off") as client:

            async def read(workflow: Workflow[Any]) -> list[Event[Any]]:
                job = await client.submit(workflow)
                return [event async for event in job.events(120)]

            return await asyncio.gather(*map(read, several))

    found = asyncio.run(read_all())
    for workflow, events in zip(several, found, strict=True):
        check_own(live, workflow, events)
    assert len({events[0].item_id for events in found}) == 20


@pytest.mark.parametrize("events", [True, False])
def test_the_runs_of_a_batch(live: Live, read: Read, events: bool) -> None:
    found = read(live.url, GrainStudy(width=32, height=32), events=events)
    assert [event.run for event in found if isinstance(event, Queued)] == [1, 2, 3, 4, 5, 6]
    ends = [event for event in found if isinstance(event, Finished)]
    assert [end.run for end in ends] == [1, 2, 3, 4, 5, 6]
    for end in ends:
        own = [event for event in found if event.item_id == end.item_id]
        assert {event.run for event in own} == {end.run}
        assert words(own)[:2] == ["Queued", "Started"]
        assert own[-1] is end
        assert finished_nodes(own) == nodes_of(live, end.item_id)
        assert end.result.varied


def test_late_readers_are_told_everything(live: Live, client: InvokeAI) -> None:
    job = client.submit(picture(live, steps=3))
    first = list(job.events(60))
    assert job.status == "completed"
    late = list(job.events(60))
    assert [(type(event), vars(event).get("step")) for event in late] == [
        (type(event), vars(event).get("step")) for event in first
    ]
    assert {job.status for _ in job.events()} == {"completed"}
    assert job.wait(0).item_id == job.item_id


def test_a_cut_in_the_middle_costs_only_progress(live: Live, read: Read) -> None:
    place = urlsplit(live.url)
    with Front(lambda _: (str(place.hostname), int(place.port or 80))) as front:

        def cut(event: Event[Any]) -> None:
            if isinstance(event, Progress) and event.step in (2, 8):
                front.cut()

        found = read(front.url, picture(live, steps=20, width=256, height=256), cut)
        assert front.websockets > 1
    end = found[-1]
    assert isinstance(end, Finished)
    assert words(found)[:2] == ["Queued", "Started"]
    assert finished_nodes(found) == nodes_of(live, end.item_id)
