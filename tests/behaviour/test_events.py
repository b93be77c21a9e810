"""Events over a websocket, from a server that tells, refuses to, stalls, breaks off, or talks nonsense."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from generated import Poster

from flowbind.errors import RunFailed, WaitTimeout
from flowbind.events import Event, Failed, Finished, NodeFinished, Progress, Queued, Started
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.invokeai.access.account import Account
from flowbind.invokeai.events.hearing import COMPLETE, STATUS
from flowbind.listening import listener as listening
from flowbind.listening.channel import Heard

from .fake_server import ITEM, FakeServer, as_json, enqueued, item
from .impatient import shorten_waits
from .telling_server import RESULT, TellingServer, greet, refuse, say_nothing, subscribe, told_server

WHOLE = [Queued, Started, Progress, NodeFinished, Finished]
ASKED = [Queued, Started, NodeFinished, Finished]


@pytest.fixture
def server() -> Iterator[TellingServer]:
    """A server that tells the story of a run that ends well."""
    with told_server() as fake:
        yield fake


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All waits for a server that does not tell, shortened."""
    shorten_waits(monkeypatch)


@pytest.fixture(params=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Callable[..., list[Event[Any]]]:
    """Submit a run with either client, and return its events."""

    def read_sync(url: str, **options: Any) -> list[Event[Any]]:
        with InvokeAI(url, check="off", **options) as client:
            return list(client.submit(Poster()).events(20))

    async def read_async(url: str, **options: Any) -> list[Event[Any]]:
        async with AsyncInvokeAI(url, check="off", **options) as client:
            job = await client.submit(Poster())
            return [event async for event in job.events(20)]

    if request.param == "sync":
        return read_sync
    return lambda url, **options: asyncio.run(read_async(url, **options))


def kinds(events: list[Event[Any]]) -> list[type[Any]]:
    """Return the classes of events."""
    return [type(event) for event in events]


Read = Callable[..., list[Event[Any]]]


def test_all_is_heard_even_before_the_answer_to_the_submit(server: TellingServer, read: Read) -> None:
    events = read(server.url)
    assert kinds(events) == WHOLE
    _, _, progress, node, end = events
    assert isinstance(progress, Progress)
    assert (progress.node, progress.message, progress.percentage, progress.step) == ("Grain", "half", 50.0, 1)
    assert isinstance(node, NodeFinished)
    assert (node.node, node.output.width, node.output.image.name) == ("Grain", 64, "a.png")
    assert isinstance(end, Finished)
    assert end.result.item_id == end.item_id == 7
    # The subscription stands before anything is queued, and only the end is asked for.
    assert [request.method for request in server.requests] == ["SUBSCRIBED", "POST", "GET"]
    assert server.heard[:2] == ["40", '420["subscribe_queue", {"queue_id": "default"}]']


def test_without_events_all_but_progress_is_the_same(server: TellingServer, read: Read) -> None:
    events = read(server.url, events=False)
    assert kinds(events) == ASKED
    assert server.connections == 0


def test_without_the_extra_the_server_is_asked(
    server: TellingServer, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "can_listen", lambda: False)
    assert kinds(read(server.url)) == ASKED
    assert server.connections == 0


@pytest.mark.parametrize("refusal", [403, 404, 200, 302, 500])
def test_a_server_that_has_no_websocket_is_asked(server: TellingServer, read: Read, refusal: int) -> None:
    server.refusal = (refusal, "/elsewhere")
    assert kinds(read(server.url)) == ASKED
    assert server.connections


def test_a_redirect_to_another_server_does_not_get_the_token(
    server: TellingServer, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Account, "token", "secret")
    with TellingServer() as other:
        place = other.url.replace("http:", "ws:") + "/ws/socket.io/?EIO=4&transport=websocket"
        server.refusal = (302, place)
        assert kinds(read(server.url)) == ASKED
        assert other.heard == []


def test_a_token_that_is_refused(
    server: TellingServer, read: Read, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Account, "token", "secret")
    caplog.set_level(logging.DEBUG)
    server.talks = [refuse]
    assert kinds(read(server.url)) == ASKED
    assert server.heard[0] == '40{"token": "secret"}'
    assert "secret" not in "".join(record.getMessage() for record in caplog.records if "server" not in record.name)


def test_frames_are_in_no_log(server: TellingServer, read: Read, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    read(server.url)
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert ours
    assert "invocation" not in "".join(record.getMessage() for record in ours)


def test_a_server_that_stalls_is_asked(server: TellingServer, read: Read) -> None:
    server.talks = [say_nothing]
    assert kinds(read(server.url)) == ASKED


def test_a_submit_waits_for_a_stalled_server_once(server: TellingServer) -> None:
    server.talks = [say_nothing]
    waits: list[float] = []
    with InvokeAI(server.url, check="off") as client:
        for _ in range(3):
            before = time.monotonic()
            client.submit(Poster())
            waits.append(time.monotonic() - before)
    assert waits[0] > 0.3 > max(waits[1:])


def test_what_the_server_forgets_to_tell_is_asked_for(server: TellingServer, read: Read) -> None:
    # All but the beginning is lost on the way.
    server.story = [*server.story[:1], server.subscribers.clear, *server.story[1:]]
    assert kinds(read(server.url)) == ASKED


def test_waits_end_as_soon_as_the_server_says_so(server: TellingServer) -> None:
    end = threading.Timer(0.1, server.status, ["completed"])
    server.story = [lambda: server.status("in_progress"), end.start]
    with InvokeAI(server.url, check="off") as client:
        assert client.run(Poster(), timeout=20).item_id == 7
    # One question at the beginning, one for the result.
    assert len(server.sent("GET", ITEM)) == 2


def test_a_connection_that_breaks_is_opened_again(server: TellingServer, read: Read) -> None:
    status, started, progress, complete, end = server.whole_story()

    def lost() -> None:
        server.cut()
        complete()

    def later() -> None:
        assert server.subscribed.wait(10)
        progress()
        # Else the question after the gap finds the end before the progress is read.
        time.sleep(0.2)
        end()

    server.story = [status, started, lost, threading.Thread(target=later).start]
    found = kinds(read(server.url))
    assert Progress in found
    assert [kind for kind in found if kind is not Progress] == ASKED
    assert server.connections == 2


def test_the_end_may_happen_while_nobody_listens(server: TellingServer, read: Read) -> None:
    status, started, _, complete, end = server.whole_story()
    server.story = [status, started, server.cut, complete, end]
    assert kinds(read(server.url)) == ASKED


def test_a_ping_is_answered(server: TellingServer, read: Read) -> None:
    server.story = [lambda: server.send("2"), *server.story]
    assert kinds(read(server.url)) == WHOLE
    assert server.left.wait(10)
    assert server.heard[2:] == ["3"]


def test_silence_ends_the_conversation(server: TellingServer) -> None:
    def silent(fake: TellingServer, connection: Any) -> None:
        connection.send('0{"pingInterval": 50, "pingTimeout": 50}')
        fake.heard.append(str(connection.recv()))
        connection.send("40{}")
        fake.heard.append(str(connection.recv()))
        connection.send("430[]")

    server.talks = [silent, subscribe]
    with InvokeAI(server.url, check="off") as client:
        client.submit(Poster())
        assert server.subscribed.wait(10)
    assert server.connections == 2


def test_large_frames_are_taken(server: TellingServer, read: Read) -> None:
    picture = {"width": 2048, "height": 2048, "dataURL": "data:image/png;base64," + "iVBO" * 750_000}
    server.story = server.whole_story(image=picture)
    events = read(server.url)
    assert kinds(events) == WHOLE
    assert isinstance(events[2], Progress)
    assert events[2].preview is not None
    assert len(events[2].preview.bytes()) == 2_250_000


def test_events_of_others_are_passed_over(server: TellingServer, read: Read) -> None:
    def of_others() -> None:
        for name in (STATUS, COMPLETE):
            server.tell(name, batch_id="a stranger's", status="failed", result=RESULT)
            server.tell(
                name, item_id=8, status="failed", invocation={"id": "p"}, invocation_source_id="n", result=RESULT
            )

    server.story = [step for own in server.story for step in (of_others, own, of_others)]
    assert kinds(read(server.url)) == WHOLE


def test_nonsense_does_no_harm(server: TellingServer, read: Read) -> None:
    nonsense: list[str | bytes] = [
        "",
        "x",
        b"\x00\xff",
        "431[]",
        '42["x"]',
        '451-["x",{"_placeholder":true}]',
        "42[1,{}]",
    ]

    def talk_nonsense() -> None:
        for frame in nonsense:
            server.send(frame)
        for name in (STATUS, COMPLETE, "invocation_started", "invocation_error"):
            server.tell(name, status=None, invocation=3, invocation_source_id={}, result="x")
        server.tell(COMPLETE, invocation={"id": []}, invocation_source_id=[], result=[1])

    server.story = [step for own in server.story for step in (talk_nonsense, own)]
    assert kinds(read(server.url)) == WHOLE


def test_broken_frames_cost_no_event_but_progress(server: TellingServer, read: Read) -> None:
    broken = [lambda frame=frame: server.send(frame) for frame in ("42{", "0[", "42" + "[" * 100_000)]
    for place in range(len(server.story) + 1):
        server.story = [*server.whole_story()[:place], *broken, *server.whole_story()[place:]]
        server.answer("GET", ITEM, as_json(item("pending")))
        assert [kind for kind in kinds(read(server.url)) if kind is not Progress] == ASKED


def test_a_subscription_that_is_not_confirmed(server: TellingServer, read: Read) -> None:
    server.talks = [greet]
    assert kinds(read(server.url)) == ASKED


def test_failing_names_the_node(server: TellingServer, read: Read) -> None:
    server.story = [lambda: server.status("in_progress"), lambda: server.status("failed")]
    *_, end = read(server.url)
    assert isinstance(end, Failed)
    assert isinstance(end.error, RunFailed)


def test_many_read_one_job(server: TellingServer) -> None:
    found: list[list[Event[Any]]] = []
    with InvokeAI(server.url, check="off") as client:
        server.story = ()
        job = client.submit(Poster())
        threads = [threading.Thread(target=lambda: found.append(list(job.events(20)))) for _ in range(4)]
        waiter = threading.Thread(target=job.wait)
        for thread in (*threads, waiter):
            thread.start()
        for happen in server.whole_story():
            happen()
        for thread in (*threads, waiter):
            thread.join(20)
        found.append(list(job.events()))
        assert job.status == "completed"
    assert [kinds(events) for events in found] == [WHOLE] * 5


def test_many_read_one_async_job(server: TellingServer) -> None:
    async def read_all() -> list[list[Event[Any]]]:
        async with AsyncInvokeAI(server.url, check="off") as client:
            server.story = ()
            job = await client.submit(Poster())

            async def read() -> list[Event[Any]]:
                return [event async for event in job.events(20)]

            tasks = [asyncio.create_task(read()) for _ in range(4)]
            waiter = asyncio.create_task(job.wait())
            for happen in server.whole_story():
                await asyncio.to_thread(happen)
            found = [*(await asyncio.gather(*tasks)), await read()]
            await waiter
            assert job.status == "completed"
            return found

    assert [kinds(events) for events in asyncio.run(read_all())] == [WHOLE] * 5


def test_the_status_follows(server: TellingServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        seen = [(type(event), job.status) for event in job.events()]
        assert seen[0] == (Queued, "pending")
        assert seen[1] == (Started, "in_progress")
        assert seen[-1] == (Finished, "completed")
        # Who reads again does not make it run again.
        assert {job.status for _ in job.events()} == {"completed"}


def test_reading_is_given_up_and_taken_up(server: TellingServer) -> None:
    server.story = ()
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        with pytest.raises(WaitTimeout, match="item 7 has not ended after"):
            list(job.events(0.1))
        for event in job.events():
            assert isinstance(event, Queued)
            break
        for happen in server.whole_story():
            happen()
        assert kinds(list(job.events())) == WHOLE
    server.answer("GET", ITEM, as_json(item("pending")))
    server.batch_id = ""


def listeners() -> list[threading.Thread]:
    """Return the threads that listen."""
    return [thread for thread in threading.enumerate() if thread.name == "flowbind-events"]


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_closing_a_client_ends_its_thread(server: TellingServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        client.submit(Poster())
        (thread,) = listeners()
    assert not thread.is_alive()
    assert server.left.wait(10)


def test_a_client_that_is_dropped_ends_its_thread(server: TellingServer) -> None:
    client = InvokeAI(server.url, check="off")
    client.submit(Poster()).wait()
    (thread,) = listeners()
    client._http.close()  # type: ignore[union-attr]  # a socket left open is another matter
    del client
    gc.collect()
    wait_until(lambda: not thread.is_alive())
    assert server.left.wait(10)


def test_a_client_that_is_dropped_while_it_cannot_connect(server: TellingServer) -> None:
    server.refusal = (404, "")
    client = InvokeAI(server.url, check="off")
    client.submit(Poster())
    (thread,) = listeners()
    client._http.close()  # type: ignore[union-attr]
    del client
    gc.collect()
    wait_until(lambda: not thread.is_alive())


def test_closing_an_async_client_ends_its_task(server: TellingServer) -> None:
    async def tasks_left(*, close: bool) -> int:
        client = AsyncInvokeAI(server.url, check="off")
        await (await client.submit(Poster())).wait()
        before = len(asyncio.all_tasks())
        if close:
            await client.close()
        else:
            await client._http.close()  # type: ignore[union-attr]
            del client
            gc.collect()
            await asyncio.sleep(0.2)
        return before - len(asyncio.all_tasks())

    for close in (True, False):
        assert asyncio.run(tasks_left(close=close)) > 0
        assert server.left.wait(10)
        server.left.clear()
        server.answer("GET", ITEM, as_json(item("pending")))


def test_an_async_client_may_be_left_open_when_the_loop_ends(server: TellingServer) -> None:
    async def leave() -> None:
        client = AsyncInvokeAI(server.url, check="off")
        job = await client.submit(Poster())
        async for event in job.events():
            assert isinstance(event, Queued)
            break
        await client._http.close()  # type: ignore[union-attr]

    asyncio.run(leave())
    gc.collect()
    assert server.left.wait(10)


def test_a_client_is_used_again_after_closing(server: TellingServer) -> None:
    client = InvokeAI(server.url, check="off")
    for _ in range(2):
        job = client.submit(Poster())
        assert kinds(list(job.events(20))) == WHOLE
        client.close()
        assert listeners() == []
        server.answer("GET", ITEM, as_json(item("pending")))


def test_waiting_can_be_canceled_in_the_very_moment_in_which_something_happens(server: TellingServer) -> None:
    async def cancel() -> None:
        async with AsyncInvokeAI(server.url, check="off") as client:
            server.story = ()
            job = await client.submit(Poster())
            listening_to = job._channel
            task = asyncio.create_task(job.wait())
            while not listening_to._wakers:
                await asyncio.sleep(0.01)
            listening_to.hear(Heard(STATUS, 7, "in_progress"))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 5)

    asyncio.run(cancel())


def test_a_client_can_be_closed_in_the_very_moment_in_which_something_is_told(server: TellingServer) -> None:
    async def close() -> None:
        client = AsyncInvokeAI(server.url, check="off")
        await client.submit(Poster())
        server.story = ()
        server.send("2")
        # The loop must not see the frame before it sees the end.
        time.sleep(0.1)
        await asyncio.wait_for(client.close(), 5)

    for _ in range(10):
        asyncio.run(close())
        server.answer("GET", ITEM, as_json(item("pending")))
        server.story = server.whole_story()


@pytest.mark.parametrize("told", [True, False])
def test_thirty_two_async_runs_all_end(server: TellingServer, told: bool) -> None:
    """Each run is one item, the status of which is told, or lost."""
    number = iter(range(100, 200))
    ends: list[threading.Timer] = []

    def take() -> None:
        item_id, batch_id = next(number), server.batch_id
        place = ITEM.replace("7", str(item_id))
        server.answer("GET", place, as_json(item("pending", item_id=item_id)))
        server.answer("POST", "/api/v1/queue/default/enqueue_batch", enqueued([item_id + 1]))

        def end() -> None:
            server.answer("GET", place, as_json(item(item_id=item_id, batch_id=batch_id)))
            if told:
                server.tell(STATUS, item_id=item_id, batch_id=batch_id, status="completed")

        ends.append(threading.Timer(0.05, end))
        ends[-1].start()

    server.answer("POST", "/api/v1/queue/default/enqueue_batch", enqueued([100]))
    lock = threading.Lock()
    answer = server.next_answer

    def one_after_the_other(request: Any) -> Any:
        with lock:
            return answer(request)

    server.next_answer = one_after_the_other  # type: ignore[method-assign]
    server.story = [take]

    async def run_all() -> list[int]:
        async with AsyncInvokeAI(server.url, check="off", events=told) as client:
            results = await asyncio.gather(*(client.run(Poster(), timeout=60) for _ in range(32)))
        return sorted(result.item_id for result in results)

    assert asyncio.run(run_all()) == [*range(100, 132)]
    for timer in ends:
        timer.join()


def test_a_fake_server_without_a_websocket_is_asked() -> None:
    with FakeServer() as fake, InvokeAI(fake.url, check="off") as client:
        assert kinds(list(client.submit(Poster()).events(20))) == [Queued, Started, Finished]
        assert json.loads(fake.sent("POST")[0].body)["batch"]["batch_id"]
