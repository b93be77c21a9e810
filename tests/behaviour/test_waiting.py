"""Waiting: it ends in any case, and says how."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from generated import Poster

from flowbind.errors import (
    ConnectionBroken,
    RunCanceled,
    RunFailed,
    RunGone,
    RunRedacted,
    RunUnreadable,
    ServerUnreachable,
    UnexpectedReply,
    WaitTimeout,
)
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.invokeai.runs import waiting
from flowbind.transport import patience

from .conftest import Runner
from .fake_server import HANG_UP, ITEM, Answer, FakeServer, as_json, item

RUNNING = as_json(item("in_progress"))
DONE = as_json(item())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience with an unreadable item, shortened."""
    monkeypatch.setattr(waiting, "_UNREADABLE", 0.2)
    monkeypatch.setattr(patience, "_AWAY_FROM_RUN", 0.2)


def test_every_status_is_heard_and_waiting_is_not_final(server: FakeServer) -> None:
    on_the_way = ("pending", "in_progress", "waiting", "in_progress", "a status of a later release")
    server.answer("GET", ITEM, *(as_json(item(status)) for status in on_the_way), DONE)
    heard: list[str] = []
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        assert job.status == "pending"
        job.wait(progress=heard.append)
    assert heard == [*on_the_way, "completed"]
    assert job.status == "completed"


def test_a_job_shows_its_state(server: FakeServer) -> None:
    server.answer("GET", ITEM, RUNNING, RUNNING, DONE)
    server.answer("PUT", f"{ITEM}/cancel", as_json(item("canceled")))
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        assert repr(job) == "<Job Poster, item 7: pending>"
        assert job.refresh() == job.status == "in_progress"
        assert job.cancel() == "canceled"
        assert job.refresh() == "completed"
        # Before 6.0 the server would make a canceled run of it.
        assert job.cancel() == "completed"
    assert len(server.sent("PUT")) == 1


def test_trouble_on_the_way_is_overcome(server: FakeServer, runner: Runner) -> None:
    broken = as_json({"detail": "database is locked"}, 500)
    server.answer("GET", ITEM, RUNNING, broken, HANG_UP, RUNNING, broken, DONE)
    assert runner.run(Poster()).item_id == 7
    assert len(server.sent("POST")) == 1


@pytest.mark.usefixtures("impatient")
def test_an_item_that_cannot_be_read_ends_the_waiting(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", ITEM, RUNNING, as_json({"detail": "Unexpected error while fetching queue item"}, 500))
    with pytest.raises(RunUnreadable) as caught:
        runner.run(Poster())
    assert caught.value.item_id == 7
    assert "Unexpected error while fetching queue item" in str(caught.value)
    assert "server.queue.cancel_batch" in str(caught.value)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_hangs_up_for_ever(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", ITEM, HANG_UP)
    with pytest.raises(ConnectionBroken):
        runner.run(Poster())


@pytest.mark.usefixtures("impatient")
def test_a_server_that_goes_away() -> None:
    with FakeServer() as fake, InvokeAI(fake.url, check="off") as client:
        fake.answer("GET", ITEM, Answer(DONE.body, cut=3))
        job = client.submit(Poster())
    with pytest.raises(ServerUnreachable):
        job.wait()


def test_an_item_of_another_user(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", ITEM, as_json(item(batch_id="redacted", user_id="redacted")))
    with pytest.raises(RunRedacted, match="belongs to another account"):
        runner.run(Poster())


def test_an_item_that_is_no_more(server: FakeServer, runner: Runner) -> None:
    gone = as_json({"detail": "Queue item with id 7 not found in queue default"}, 404)
    server.answer("GET", ITEM, RUNNING, gone)
    with pytest.raises(RunGone, match="deleted, cleared or pruned") as caught:
        runner.run(Poster())
    assert (caught.value.workflow, caught.value.item_id) == ("Poster", 7)


def test_a_canceled_run(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", ITEM, as_json(item("canceled")))
    with pytest.raises(RunCanceled, match="item 7 was canceled"):
        runner.run(Poster())


def test_a_failed_run_without_a_reason(server: FakeServer, runner: Runner) -> None:
    server.answer("GET", ITEM, as_json(item("failed")))
    with pytest.raises(RunFailed, match="the server gives no reason") as caught:
        runner.run(Poster())
    assert caught.value.node_id is caught.value.node_label is None


def test_a_failed_run_names_the_node(server: FakeServer, runner: Runner) -> None:
    node = "92ccc580-1c9e-4e4f-8490-f553c0bcdf0a"
    session = {"results": {}, "errors": {"p-1": "Traceback"}, "prepared_source_mapping": {"p-1": node}}
    about = {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback (most recent ..."}
    server.answer("GET", ITEM, as_json(item("failed", session, **about)))
    with pytest.raises(RunFailed) as caught:
        runner.run(Poster())
    failed = caught.value
    assert str(failed).startswith('Poster: item 7 failed at the node "Grain": OSError: disk full. Look at the node')
    assert (failed.node_id, failed.node_label) == (node, "Grain")
    assert (failed.error_type, failed.error_message) == ("OSError", "disk full")
    assert failed.traceback.startswith("Traceback")


def test_a_timeout_is_no_end(server: FakeServer) -> None:
    server.answer("GET", ITEM, RUNNING)
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        started = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            job.wait(0.15)
        assert time.monotonic() - started < 2
        assert isinstance(caught.value, WaitTimeout)
        assert "after 0.15 s; it goes on" in str(caught.value)
        server.answer("GET", ITEM, DONE)
        assert job.wait(5).item_id == 7


def test_a_timeout_of_nothing_asks_once(server: FakeServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        job = client.submit(Poster())
        assert job.wait(0).item_id == 7
        server.answer("GET", ITEM, RUNNING)
        with pytest.raises(WaitTimeout):
            job.wait(0)
    assert len(server.sent("GET", ITEM)) == 2


@pytest.mark.parametrize("answer", [Answer(b"<html>", media_type="text/html"), Answer(b"{}"), Answer(b"[]")])
def test_an_answer_that_is_no_item(server: FakeServer, runner: Runner, answer: Answer) -> None:
    server.answer("GET", ITEM, answer)
    with pytest.raises(UnexpectedReply):
        runner.run(Poster())


def test_the_event_loop_goes_on_while_waiting(server: FakeServer) -> None:
    server.answer("GET", ITEM, *[RUNNING] * 8, DONE)

    async def both() -> int:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.01)
                beats += 1

        pulse = asyncio.create_task(beat())
        async with AsyncInvokeAI(server.url, check="off") as client:
            jobs = [await client.submit(Poster()) for _ in range(2)]
            await asyncio.gather(*(job.wait() for job in jobs))
        pulse.cancel()
        return beats

    assert asyncio.run(both()) > 5


def test_threads_may_share_a_client(server: FakeServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        failed: list[Exception] = []

        def run() -> None:
            try:
                client.run(Poster())
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(server.sent("POST")) == 8
