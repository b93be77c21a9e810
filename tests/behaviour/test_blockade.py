"""A queue that an item blocks is recognised, and nothing else is taken for one; played from a recorded blockade."""

from __future__ import annotations

from typing import Any

import pytest
from generated import GrainStudy, Poster
from tests.recorded import recorded

from flowbind.errors import BatchFailed, QueueBlocked, RunCanceled, RunUnreadable, WaitTimeout
from flowbind.invokeai import InvokeAI
from flowbind.invokeai.queue import blockade
from flowbind.invokeai.runs import waiting
from flowbind.listening import pauses

from .batches import ended, path_of
from .conftest import Runner
from .fake_server import ENQUEUE, HANG_UP, QUEUE, Answer, FakeServer, as_json, enqueued, item

RECORDED = {(line["method"], line["path"]): line for line in reversed(recorded("03b_poisoned_queue"))}
BATCH = "83f9a0d4-b976-4452-b333-eb9e3007ac3b"
STATUS, NEXT, IDS = (f"{QUEUE}/{name}" for name in ("status", "next", "item_ids"))
SUMMARIES = f"{QUEUE}/item_summaries_by_ids"
UNREADABLE = as_json(RECORDED["GET", f"{QUEUE}/i/60"]["response_body"], 500)
PAGE = Answer(b"<html>", media_type="text/html")
PENDING, DONE = as_json(item("pending", item_id=61)), as_json(item(item_id=61))


@pytest.fixture
def blocked(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """The server of the recording: item 60 cannot be read, the run that is submitted is item 61, behind it."""
    for module, name in ((blockade, "_FIRST"), (blockade, "_AGAIN"), (pauses, "_LONGEST")):
        monkeypatch.setattr(module, name, 0.05)
    for (method, path), line in RECORDED.items():
        server.answer(method, path, as_json(line["response_body"], line["status"]))
    server.answer("POST", ENQUEUE, enqueued([61]))
    server.answer("GET", path_of(61), PENDING)
    return server


def state(**counts: int) -> Answer:
    """Return what the server says of its queue: as recorded, but for some counts."""
    told = RECORDED["GET", STATUS]["response_body"]
    return as_json({**told, "queue": told["queue"] | counts})


def summaries(*batches: tuple[int, str], status: str = "pending") -> Answer:
    """Return items as the server summarises them."""
    rows = RECORDED["POST", SUMMARIES]["response_body"]
    return as_json([{**rows[0], "item_id": item_id, "batch_id": batch, "status": status} for item_id, batch in batches])


def test_a_run_behind_an_item_that_cannot_be_read(blocked: FakeServer, runner: Runner) -> None:
    with pytest.raises(QueueBlocked) as caught:
        runner.run(Poster(), timeout=30)
    found = caught.value
    assert (found.workflow, found.item_id) == ("Poster", 61)
    assert (found.blocking_item_id, found.blocking_batch_id) == (60, BATCH)
    assert str(found) == (
        "Poster: item 61 does not get its turn. The queue is blocked by item 60: the server cannot read it (a value of "
        "its batch does not fit its input), and tries to for ever. Free the queue: "
        f'server.queue.cancel_batch("{BATCH}"). '
        "Then item 61 goes on; wait for it again."
    )
    assert len(blocked.sent("GET", STATUS)) == 2


def test_a_run_that_cannot_be_read_itself(blocked: FakeServer, runner: Runner) -> None:
    blocked.answer("POST", ENQUEUE, enqueued([60]))
    blocked.answer("POST", SUMMARIES, summaries((60, BATCH)))
    with pytest.raises(
        QueueBlocked, match=r"item 60 blocks the server's queue: .* That cancels the run: submit"
    ) as caught:
        runner.run(Poster(), timeout=30)
    assert (caught.value.item_id, caught.value.blocking_item_id, caught.value.blocking_batch_id) == (60, 60, BATCH)


def test_a_run_that_cannot_be_read_and_was_canceled_has_ended(blocked: FakeServer, runner: Runner) -> None:
    blocked.answer("POST", ENQUEUE, enqueued([60]))
    blocked.answer("POST", SUMMARIES, summaries((60, BATCH), status="canceled"))
    with pytest.raises(RunCanceled, match="could never read it"):
        runner.run(Poster(), timeout=30)


def test_an_ended_run_that_cannot_be_read_blocks_nothing(
    blocked: FakeServer, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_UNREADABLE", 0.3)
    blocked.answer("POST", ENQUEUE, enqueued([60]))
    blocked.answer("POST", SUMMARIES, summaries((60, BATCH), status="completed"))
    with pytest.raises(RunUnreadable):
        runner.run(Poster(), timeout=30)


@pytest.mark.parametrize(
    "states",
    [
        [state(in_progress=1)],
        [
            as_json(
                RECORDED["GET", STATUS]["response_body"] | {"processor": {"is_started": False, "is_processing": False}}
            )
        ],
        [state(completed=number) for number in range(50)],  # others get their turn
        [as_json({"detail": "database is locked"}, 500)],
        [PAGE],
        [HANG_UP],
        [as_json([])],
    ],
    ids=["busy", "paused", "moving", "locked", "page", "silent", "odd"],
)
def test_no_false_alarm(blocked: FakeServer, states: list[Answer]) -> None:
    blocked.answer("GET", STATUS, *states)
    with InvokeAI(blocked.url, check="off") as client, pytest.raises(WaitTimeout):
        client.run(Poster(), timeout=0.6)
    assert len(blocked.sent("GET", STATUS)) >= 2


def test_a_fault_that_passes_is_no_alarm(blocked: FakeServer) -> None:
    fine = as_json(item("pending", item_id=60))
    blocked.answer("GET", path_of(60), UNREADABLE, fine)
    blocked.answer("GET", NEXT, as_json(item("pending", item_id=60)))
    blocked.answer("GET", path_of(61), *[PENDING] * 14, DONE)
    with InvokeAI(blocked.url, check="off") as client:
        assert client.run(Poster(), timeout=30).item_id == 61
    assert len(blocked.sent("GET", path_of(60))) >= 2


def test_nothing_is_asked_of_a_run_that_moves(blocked: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockade, "_FIRST", 10.0)
    busy = as_json(item("in_progress", item_id=61))
    blocked.answer("GET", path_of(61), PENDING, busy, PENDING, UNREADABLE, busy, DONE)
    with InvokeAI(blocked.url, check="off") as client:
        client.run(Poster(), timeout=30)
    assert not blocked.sent("GET", STATUS)


def test_taking_turns_another_item_than_the_next_may_block(blocked: FakeServer, runner: Runner) -> None:
    # On a server with accounts each gets its turn, but `next` names the oldest item of all.
    blocked.answer("GET", NEXT, as_json(item("pending", item_id=59)))
    with pytest.raises(QueueBlocked) as caught:
        runner.run(Poster(), timeout=30)
    assert caught.value.blocking_item_id == 60


def test_an_item_of_another_account_is_left_to_an_administrator(blocked: FakeServer, runner: Runner) -> None:
    blocked.answer("POST", SUMMARIES, summaries((61, "mine"), (60, "redacted")))
    with pytest.raises(
        QueueBlocked, match="It is another account's: ask an administrator to cancel its batch"
    ) as caught:
        runner.run(Poster(), timeout=30)
    assert (caught.value.blocking_item_id, caught.value.blocking_batch_id) == (60, None)


@pytest.mark.parametrize("missing", [PAGE, as_json({"detail": "Not Found"}, 404), as_json({"detail": "no"}, 405)])
def test_a_release_that_does_not_tell_which(blocked: FakeServer, runner: Runner, missing: Answer) -> None:
    for method, path in (("GET", IDS), ("POST", SUMMARIES), ("GET", f"{QUEUE}/list")):
        blocked.answer(method, path, missing)
    with pytest.raises(
        QueueBlocked, match=r"does not tell which\. Empty the queue: server\.queue\.clear\(\)"
    ) as caught:
        runner.run(Poster(), timeout=30)
    assert caught.value.blocking_item_id is caught.value.blocking_batch_id is None
    # One that cannot be read itself is told the same.
    blocked.answer("GET", path_of(61), UNREADABLE)
    with pytest.raises(QueueBlocked, match="does not tell which"):
        runner.run(Poster(), timeout=30)


def test_a_release_of_5_x_lists_pending_items_without_reading_them(blocked: FakeServer, runner: Runner) -> None:
    rows = [
        {k: v for k, v in item("pending", item_id=n, batch_id=b).items() if k != "session"}
        for n, b in ((60, BATCH), (61, "x"))
    ]
    for method, path in (("GET", IDS), ("POST", SUMMARIES)):
        blocked.answer(method, path, as_json({"detail": "Not Found"}, 404))
    blocked.answer("GET", f"{QUEUE}/list", as_json({"limit": 100, "has_more": False, "items": rows}))
    with pytest.raises(QueueBlocked) as caught:
        runner.run(Poster(), timeout=30)
    assert (caught.value.blocking_item_id, caught.value.blocking_batch_id) == (60, BATCH)


def test_the_other_runs_of_a_batch_are_told_at_once(blocked: FakeServer) -> None:
    numbers = range(61, 67)
    for number in numbers:
        blocked.answer("GET", path_of(number), as_json(item("pending", item_id=number)))
    blocked.answer("GET", path_of(61), as_json(ended(61)))
    blocked.answer("POST", ENQUEUE, enqueued([*numbers], requested=6))
    with InvokeAI(blocked.url, check="off") as client, pytest.raises(BatchFailed) as caught:
        client.run(GrainStudy())
    first, *others = caught.value.outcomes
    assert not isinstance(first, Exception)
    assert [(type(o), getattr(o, "item_id", 0)) for o in others] == [(QueueBlocked, n) for n in numbers[1:]]
    assert len(blocked.sent("GET", STATUS)) < 5


def test_after_the_cure_the_run_goes_on(blocked: FakeServer) -> None:
    with InvokeAI(blocked.url, check="off") as client:
        job: Any = client.submit(Poster())
        with pytest.raises(QueueBlocked):
            job.wait(30)
        blocked.answer("GET", path_of(61), PENDING, DONE)
        assert job.wait(30).item_id == 61
