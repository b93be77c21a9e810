"""Waiting for ComfyUI: it ends whatever becomes of the prompt or the server, and no prompt is posted twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread, Timer
from typing import Any
from uuid import uuid4

import httpx
import pytest

from flowbind.comfyui import ComfyUI
from flowbind.errors import (
    Refused,
    RunCanceled,
    RunGone,
    RunUnreadable,
    ServerError,
    ServerFault,
    SubmitUncertain,
)
from flowbind.events import Failed, Finished, NodeFinished, Progress, Queued, Started
from flowbind.listening import pauses
from flowbind.transport import patience

from ..both_clients import COMFYUI, carry_out
from ..both_families.collage import Collage
from ..fake_server import HANG_UP, Answer, as_json
from ..impatient import shorten_waits
from ..local_server import Request
from .fake_comfyui import PICTURE, FakeComfyUI
from .listeners import plain_preview, told_preview
from .prompts import Prompt, by_hand, succeed, until_interrupted

RELEASES = {"0.3": (False, False), "0.8": (True, False), "0.33": (True, True)}
"""What /api/jobs can do: nothing, tell, and cancel."""
Carry = Callable[..., Any]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits for a server that does not tell or answer, shortened."""
    shorten_waits(monkeypatch)


@pytest.fixture(params=["sync", "async"])
def carried(request: pytest.FixtureRequest) -> Carry:
    """What carries out a script with a client of a server."""
    return partial(carry_out, request.param, clients=COMFYUI, check="off")


@pytest.fixture(params=RELEASES)
def server(request: pytest.FixtureRequest) -> Iterator[FakeComfyUI]:
    """The stand-in, as it was in some releases."""
    has_jobs, has_cancel = RELEASES[request.param]
    with FakeComfyUI(has_jobs=has_jobs, has_cancel=has_cancel) as running:
        yield running


@pytest.fixture
def new() -> Iterator[FakeComfyUI]:
    """The stand-in, as it is now."""
    with FakeComfyUI() as running:
        yield running


def posts(server: FakeComfyUI) -> int:
    """Return how often a prompt was posted."""
    return len(server.sent("POST", "/prompt"))


@contextmanager
def somebodys(server: FakeComfyUI) -> Iterator[Prompt]:
    """Have a prompt of somebody else run as long as this lasts, which only an interrupt ends."""
    server.course = until_interrupted
    graph = Collage.__flowbind__.loaded["collage.graph.json"]
    answer = httpx.post(f"{server.url}/prompt", json={"prompt": json.loads(graph), "client_id": str(uuid4())})
    running = server.running()
    assert running.prompt_id == answer.json()["prompt_id"]
    server.requests.clear()
    server.course = succeed
    yield running
    assert not running.interrupt_asked.is_set()
    running.interrupt_asked.set()


def on_server(server: FakeComfyUI, path: str, **asked: Any) -> None:
    """Ask for something as somebody else does."""
    httpx.post(f"{server.url}{path}", json=asked).raise_for_status()


@pytest.mark.parametrize("events", [True, False])
@pytest.mark.parametrize("way", ["deleted", "cleared"])
def test_what_is_taken_off_the_queue_ends_the_wait(server: FakeComfyUI, carried: Carry, way: str, events: bool) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(Collage())
        asked = {"delete": [job.item_id]} if way == "deleted" else {"clear": True}
        on_server(server, "/queue", **asked)
        with pytest.raises(RunGone) as caught:
            await job.wait(20)
        told = [event async for event in job.events(20)]
        return job, caught.value, told

    with somebodys(server):
        job, error, told = carried(server.url, script, events=events)
    assert (error.item_id, error.workflow) == (job.item_id, "Collage")
    assert [type(event) for event in told] == [Queued, Failed]
    assert str(told[-1].error) == str(error)
    assert posts(server) == 1


@pytest.mark.parametrize("events", [True, False])
def test_what_is_taken_off_the_history_ends_the_wait(server: FakeComfyUI, carried: Carry, events: bool) -> None:
    async def script(client: Any) -> None:
        job = await client.submit(Collage())
        assert server.posted[0].ended.wait(10)
        server.work.wait_for(lambda: server.work.history, 10)
        on_server(server, "/history", clear=True)
        with pytest.raises(RunGone, match="from the queue or the history"):
            await job.wait(20)

    carried(server.url, script, events=events)


@pytest.mark.parametrize("events", [True, False])
def test_a_server_that_is_started_anew_has_nothing(server: FakeComfyUI, carried: Carry, events: bool) -> None:
    server.course = until_interrupted

    async def script(client: Any) -> Any:
        running, waiting = await client.submit(Collage()), await client.submit(Collage(colour=2))
        assert server.running()
        server.restart()
        for job in (running, waiting):
            with pytest.raises(RunGone, match="started anew"):
                await job.wait(20)
        server.course = succeed
        return await client.run(Collage(colour=3), timeout=20)

    assert carried(server.url, script, events=events).outputs.picture
    assert posts(server) == 3


async def well_before(seconds: float, job: Any) -> Any:
    """Wait for a job; it must not be the last question, when the time is over, that finds its end."""
    started = time.monotonic()
    result = await job.wait(seconds)
    assert time.monotonic() - started < seconds / 2
    return result


def told_by(server: FakeComfyUI, carried: Carry, before: Callable[[], object] | None = None) -> list[Any]:
    """Return the events of a prompt that is taken by hand; `before` is done in its middle."""
    server.course = by_hand

    async def script(client: Any) -> list[Any]:
        job = await client.submit(Collage())
        prompt = server.running()
        prompt.start()
        prompt.begin("5")
        prompt.progress(1, 2, PICTURE)
        if before is not None:
            before()
        prompt.end({"images": [server.files.put("a.png", PICTURE)]})
        prompt.succeed()
        return [event async for event in job.events(20)]

    found: list[Any] = carried(server.url, script)
    return found


def kinds(told: list[Any]) -> list[type[Any]]:
    """Return the classes of events but progress."""
    return [type(event) for event in told if not isinstance(event, Progress)]


WHOLE = [Queued, Started, NodeFinished, Finished]


@pytest.mark.parametrize("refusal", [403, 404, 200, 302, 500])
def test_a_server_without_a_websocket_is_asked(new: FakeComfyUI, carried: Carry, refusal: int) -> None:
    new.refusal = (refusal, "/elsewhere")
    assert kinds(told_by(new, carried)) == WHOLE
    assert posts(new) == 1


def test_a_websocket_that_never_says_anything(server: FakeComfyUI, carried: Carry) -> None:
    server.listeners.silent = True
    assert kinds(told_by(server, carried)) == WHOLE
    assert server.listeners.opened


def test_a_websocket_that_stops_in_the_middle(server: FakeComfyUI, carried: Carry) -> None:
    def stop() -> None:
        server.listeners.silent = True

    told = told_by(server, carried, stop)
    assert kinds(told) == WHOLE
    assert posts(server) == 1


def test_a_websocket_that_breaks_and_comes_again(new: FakeComfyUI, carried: Carry) -> None:
    async def script(client: Any) -> Any:
        first = await client.submit(Collage())
        old = new.running()
        old.start()
        new.cut()
        # The client is back under another name before the old prompt ends, which it is told nothing of.
        while not new.listeners.client_ids:
            await first.refresh()
        new.course = succeed
        old.begin("5")
        old.end({"images": [new.files.put("a.png", PICTURE)]})
        old.succeed()
        told = [event async for event in first.events(20)]
        again: list[Any] = []
        # Of what is submitted now it is told again, as soon as it has heard that it is back.
        while not any(isinstance(event, Progress) for event in again):
            again = [event async for event in (await client.submit(Collage())).events(20)]
        return told, again

    new.course = by_hand
    told, again = carried(new.url, script)
    assert kinds(told) == kinds(again) == WHOLE
    assert new.posted[0].client_id != new.posted[-1].client_id


def test_who_is_back_under_another_name_asks_for_what_was_posted_before(
    new: FakeComfyUI, carried: Carry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is told needs no question for a long time.
    monkeypatch.setattr(pauses, "_TRUST", 60)

    async def script(client: Any) -> Any:
        job = await client.submit(Collage())
        prompt = new.running()
        new.cut()
        while not new.listeners.client_ids:
            await job.refresh()
        Timer(0.3, succeed, [prompt]).start()
        return await well_before(10, job)

    new.course = by_hand
    assert carried(new.url, script).outputs.picture


ODD_FRAMES: list[str | bytes] = [
    *("", "no JSON", "[]", "null", "7", '{"type":7}', '{"type":"executing"}', '{"type":"executing","data":[]}'),
    '{"type":"executing","data":{"node":["5"],"prompt_id":{}}}',
    '{"type":"progress","data":{"value":"x","max":null,"prompt_id":"PROMPT","node":"5"}}',
    '{"type":"progress","data":{"value":1e999,"max":0,"prompt_id":"PROMPT","node":"5"}}',
    '{"type":"executed","data":{"node":"5","output":7,"prompt_id":"PROMPT"}}',
    '{"type":"execution_success","data":{"prompt_id":["PROMPT"]}}',
    *(b"", b"\0\0\0", b"\0\0\0\1", b"\0\0\0\1\0\0\0\7no picture", b"\0\0\0\4\xff\xff\xff\xff{}", b"\0\0\0\x09later"),
    told_preview(PICTURE, ["no", "object"]),
    told_preview(b"no picture", {"prompt_id": "PROMPT", "node_id": "5"}),
    told_preview(PICTURE, {"prompt_id": 7, "node_id": None}),
    plain_preview(b""),
]


@pytest.mark.parametrize("frame", ODD_FRAMES, ids=range(len(ODD_FRAMES)))
def test_a_frame_of_any_shape(new: FakeComfyUI, frame: str | bytes) -> None:
    def say() -> None:
        prompt_id = new.posted[0].prompt_id
        text = frame.replace("PROMPT", prompt_id) if isinstance(frame, str) else frame.replace(b"PROMPT", b"?")
        new.listeners.tell(text, None)

    told = told_by(new, partial(carry_out, "sync", clients=COMFYUI, check="off"), say)
    assert kinds(told) == WHOLE


LOST = {
    "hung up": HANG_UP,
    "500": Answer(b"500 Internal Server Error", 500, "text/plain"),
    "502": Answer(b"<html>Bad gateway", 502, "text/html"),
    "503": as_json({"error": "busy"}, 503),
    "page": Answer(b"<!doctype html>", 200, "text/html"),
    "redirect": Answer(b"", 302, "text/html", headers={"location": "/login"}),
    "404": Answer(b"", 404, "text/plain"),
    "list": as_json([]),
    "null": as_json(None),
    "broken": Answer(b"{broken"),
    "cut": Answer(b'{"prompt_id": "7"}' + b" " * 100, cut=9),
    "number": as_json({"prompt_id": 7, "number": 1, "node_errors": {}}),
    "no number": as_json({"prompt_id": "x"}),
    "odd 400": as_json([1], 400),
    "node_errors of no shape": as_json({"error": 7, "node_errors": {"5": {"errors": [7, {"extra_info": 1}]}}}, 400),
}


@pytest.mark.parametrize("fault", LOST)
def test_no_prompt_is_posted_twice(new: FakeComfyUI, carried: Carry, fault: str) -> None:
    new.instead("POST", "/prompt", LOST[fault])

    async def script(client: Any) -> None:
        with pytest.raises(ServerError):
            await client.run(Collage(), timeout=20)

    carried(new.url, script)
    assert posts(new) == 1
    assert new.posted == []


def test_a_prompt_whose_answer_is_lost_is_found(server: FakeComfyUI, carried: Carry) -> None:
    server.lose_answer("POST", "/prompt")

    async def script(client: Any) -> Any:
        return await client.run(Collage(), timeout=20)

    assert carried(server.url, script).outputs.picture
    assert posts(server) == 1


class Speechless(FakeComfyUI):
    """Hangs up on who asks for a prompt."""

    def next_answer(self, request: Request) -> Answer:
        """Answer, or hang up."""
        return HANG_UP if "/jobs/" in request.path else super().next_answer(request)


def test_a_lost_answer_of_a_server_that_cannot_be_asked(carried: Carry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AWAY", 0.2)

    async def script(client: Any) -> SubmitUncertain:
        with pytest.raises(SubmitUncertain, match="could not be asked for it") as caught:
            await client.submit(Collage())
        return caught.value

    with Speechless() as server:
        server.lose_answer("POST", "/prompt")
        error = carried(server.url, script)
        assert error.item_id == server.posted[0].prompt_id
        assert posts(server) == 1


def test_a_server_that_is_slow_to_answer(new: FakeComfyUI, carried: Carry) -> None:
    def slowly(_: Any) -> Any:
        new.validate = lambda _: {}
        new.work.wait_for(lambda: False, 0.6)
        return {}

    new.validate = slowly

    async def script(client: Any) -> Any:
        return await client.run(Collage(), timeout=20)

    # It is found when the server has done with it.
    assert carried(new.url, script, timeout=0.3).outputs.picture
    assert posts(new) == 1


def test_a_server_that_fails_to_tell_for_a_while(server: FakeComfyUI, carried: Carry) -> None:
    trouble = [Answer(b"", 500, "text/plain"), HANG_UP, Answer(b"<html>", 502, "text/html")]

    async def script(client: Any) -> Any:
        job = await client.submit(Collage())
        for place in (f"/jobs/{job.item_id}", f"/history/{job.item_id}"):
            server.instead("GET", place, *trouble)
        return await job.wait(20)

    assert carried(server.url, script, events=False).outputs.picture


def test_a_server_that_fails_to_tell_for_ever(
    new: FakeComfyUI, carried: Carry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowbind.comfyui.runs.asking._UNREADABLE", 0.2)

    async def script(client: Any) -> None:
        job = await client.submit(Collage())
        new.answers[f"/jobs/{job.item_id}"] = Answer(b"", 500, "text/plain")
        with pytest.raises(RunUnreadable, match="has failed to tell"):
            await job.wait(20)
        with pytest.raises(ServerFault):
            await job.refresh()

    carried(new.url, script)


@pytest.mark.parametrize("events", [True, False])
def test_the_id_of_the_answer_counts(carried: Carry, events: bool) -> None:
    async def script(client: Any) -> Any:
        with somebodys(old):
            job = await client.submit(Collage())
            assert await job.refresh() == "pending"
        told = [event async for event in job.events(20)]
        return job, told, await job.wait(20)

    with FakeComfyUI(has_jobs=False, takes_ids=False) as old:
        job, told, result = carried(old.url, script, events=events)
        (ours,) = [prompt for prompt in old.posted if prompt.client_id and prompt.ended.is_set() and prompt.succeeded]
        assert job.item_id == result.item_id == ours.prompt_id != old.sent("POST", "/prompt")[-1].json["prompt_id"]
    assert [kind for kind in kinds(told) if kind is not Progress] == WHOLE


def test_a_server_with_ids_of_its_own_tells(carried: Carry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "_TRUST", 60)

    async def script(client: Any) -> Any:
        job = await client.submit(Collage())
        Timer(0.3, succeed, [old.running()]).start()
        return await well_before(10, job)

    with FakeComfyUI(has_jobs=False, takes_ids=False) as old:
        old.course = by_hand
        assert carried(old.url, script).outputs.picture


def test_a_lost_answer_of_a_server_with_ids_of_its_own(carried: Carry) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(SubmitUncertain):
            await client.submit(Collage())

    with FakeComfyUI(has_jobs=False, takes_ids=False) as old:
        old.lose_answer("POST", "/prompt")
        carried(old.url, script)
        assert posts(old) == 1


def test_canceling_what_waits_leaves_others_alone(server: FakeComfyUI, carried: Carry) -> None:
    async def script(client: Any) -> None:
        first, second = await client.submit(Collage()), await client.submit(Collage(colour=2))
        assert await first.cancel() == "canceled"
        with pytest.raises(RunCanceled):
            await first.wait(20)
        assert await second.refresh() == "pending"
        assert await second.cancel() == "canceled"

    with somebodys(server):
        carried(server.url, script)
    assert all("clear" not in request.json for request in server.sent("POST", "/queue"))


def test_canceling_what_runs_ends_at_its_next_step(server: FakeComfyUI, carried: Carry) -> None:
    server.course = until_interrupted

    async def script(client: Any) -> None:
        job, next_one = await client.submit(Collage()), await client.submit(Collage(colour=2))
        running = server.running()
        server.course = succeed
        assert running.prompt_id == job.item_id
        assert await job.cancel() in ("in_progress", "canceled")
        with pytest.raises(RunCanceled, match=r'while the node "Ground" ran|was canceled'):
            await job.wait(20)
        # Nobody else's is touched.
        assert (await next_one.wait(20)).outputs.picture

    carried(server.url, script)
    assert all(request.json["prompt_id"] for request in server.sent("POST", "/interrupt"))


def test_what_is_taken_in_part_is_refused_and_canceled(server: FakeComfyUI, carried: Carry) -> None:
    problem = {
        "type": "value_bigger_than_max",
        "message": "Too big",
        "details": "",
        "extra_info": {"input_name": "color"},
    }
    server.validate = lambda _: {"1": {"errors": [problem], "dependent_outputs": ["5"], "class_type": "EmptyImage"}}

    async def script(client: Any) -> Refused:
        with pytest.raises(Refused, match="and what it took was canceled") as caught:
            await client.submit(Collage())
        return caught.value

    with somebodys(server):
        server.requests.clear()
        error = carried(server.url, script)
        assert server.work.pending == []
    assert (error.attribute, error.status) == ("colour", 200)
    assert posts(server) == 1


def test_two_clients_at_once_do_not_hear_each_other(server: FakeComfyUI) -> None:
    found: dict[int, list[Any]] = {}

    def run(colour: int) -> None:
        with ComfyUI(server.url, check="off") as client:
            jobs = [client.submit(Collage(colour=colour + n)) for n in range(3)]
            found[colour] = [(job, [*job.events(20)], job.wait(20)) for job in jobs]

    threads = [Thread(target=run, args=(colour,)) for colour in (10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for colour in (10, 20):
        for n, (job, told, result) in enumerate(found[colour]):
            (ours,) = [prompt for prompt in server.posted if prompt.prompt_id == job.item_id]
            assert ours.graph["1"]["inputs"]["color"] == colour + n
            assert {event.item_id for event in told} == {job.item_id}
            assert kinds(told) == WHOLE
            assert result.nodes == {"5": [ours.outputs["5"]]}
    assert len({prompt.client_id for prompt in server.posted}) == 2
