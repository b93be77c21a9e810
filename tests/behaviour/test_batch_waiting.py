"""Waiting for a batch: results in the order of the runs, and what becomes of them when some fail."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from generated import GrainStudy

from flowbind.errors import BatchFailed, RunCanceled, RunFailed, RunGone, RunRedacted, RunUnreadable, WaitTimeout
from flowbind.invokeai import AsyncInvokeAI, InvokeAI, Result
from flowbind.invokeai.runs import waiting
from flowbind.transport import patience

from .batches import ended, path_of, status, take
from .conftest import Runner
from .fake_server import QUEUE, FakeServer, as_json, item

IDS = (9, 8, 7)
STUDY = GrainStudy(amounts=[0.1, 0.2, 0.3], seeds=[1], softness=[0.0])
CANCEL = f"{QUEUE}/cancel_by_batch_ids"
FAILED: dict[str, Any] = {"error_type": "OSError", "error_message": "disk full", "error_traceback": "Traceback"}


@pytest.fixture
def three(server: FakeServer) -> FakeServer:
    """A server that takes three runs, items 7 to 9."""
    take(server, IDS)
    return server


def running(item_id: int, word: str = "in_progress") -> Any:
    return as_json(item(word, item_id=item_id))


def test_results_are_in_the_order_of_the_runs(three: FakeServer, runner: Runner) -> None:
    # The last run ends first.
    three.answer("GET", path_of(7), running(7), running(7), as_json(ended(7)))
    results = runner.run_batch(STUDY)
    assert [r.item_id for r in results] == [7, 8, 9]
    assert [r.outputs.sample.name for r in results] == ["7.png", "8.png", "9.png"]


def test_results_say_what_their_run_was_given(three: FakeServer) -> None:
    grain, amounts = GrainStudy.__flowbind__.batches[0].targets[0], [0.1, 0.2, 0.3]
    for number, amount in zip(sorted(IDS), amounts, strict=True):
        value = {"node_path": grain[0], "field_name": grain[1], "value": amount}
        three.answer("GET", path_of(number), as_json(ended(number, field_values=[value])))
    with InvokeAI(three.url, check="off") as client:
        results = client.run(STUDY)
    assert [r.varied for r in results] == [{"amounts": amount} for amount in amounts]


def test_a_batch_of_one_is_a_list_too(server: FakeServer, runner: Runner) -> None:
    take(server, (7,))
    (result,) = runner.run_batch(GrainStudy(amounts=[0.5], seeds=[1], softness=[0.0]))
    assert result.item_id == 7


def test_a_failed_run_leaves_the_others(three: FakeServer, runner: Runner) -> None:
    three.answer("GET", path_of(8), as_json(ended(8, "failed", **FAILED)))
    with pytest.raises(BatchFailed) as caught:
        runner.run_batch(STUDY)
    failed = caught.value
    assert str(failed) == (
        "GrainStudy: 1 of 3 runs did not end well. "
        "Run 2: GrainStudy: item 8 failed: OSError: disk full. The server's log says more."
    )
    assert (failed.workflow, failed.item_id) == ("GrainStudy", 8)
    first, second, third = failed.outcomes
    assert isinstance(first, Result)
    assert isinstance(third, Result)
    assert (first.outputs.sample.name, third.outputs.sample.name) == ("7.png", "9.png")
    assert isinstance(second, RunFailed)
    assert (second.error_message, second.item_id) == ("disk full", 8)


def test_every_way_to_end_is_an_outcome(three: FakeServer, runner: Runner) -> None:
    three.answer("GET", path_of(7), as_json(ended(7, "canceled")))
    three.answer("GET", path_of(8), as_json({"detail": "Queue item with id 8 not found in queue default"}, 404))
    three.answer("GET", path_of(9), as_json(item(item_id=9, batch_id="redacted", user_id="redacted")))
    with pytest.raises(BatchFailed, match="3 of 3 runs") as caught:
        runner.run_batch(STUDY)
    assert [type(o) for o in caught.value.outcomes] == [RunCanceled, RunGone, RunRedacted]


def test_patience_with_unreadable_runs_is_spent_once(three: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_UNREADABLE", 0.4)
    monkeypatch.setattr(patience, "_AWAY_FROM_RUN", 0.4)
    unreadable = as_json({"detail": "Unexpected error while fetching queue item"}, 500)
    for item_id in (7, 8):
        three.answer("GET", path_of(item_id), unreadable)
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)
        with pytest.raises(BatchFailed, match="2 of 3 runs") as caught:
            job.wait()
    assert [type(o) for o in caught.value.outcomes] == [RunUnreadable, RunUnreadable, Result]
    assert len(three.sent("GET", path_of(8))) < 5 <= len(three.sent("GET", path_of(7)))


def test_the_timeout_holds_for_all_runs_together(three: FakeServer, runner: Runner) -> None:
    three.answer("GET", path_of(8), running(8))
    started = time.monotonic()
    with pytest.raises(WaitTimeout) as caught:
        runner.run_batch(STUDY, timeout=0.2)
    assert time.monotonic() - started < 3
    assert isinstance(caught.value, TimeoutError)
    assert str(caught.value) == (
        "GrainStudy: 1 of 3 runs have ended after 0.2 s; the others go on. Wait again, or cancel them."
    )


def test_waiting_can_be_taken_up_again(three: FakeServer) -> None:
    three.answer("GET", path_of(8), running(8))
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)
        with pytest.raises(WaitTimeout):
            job.wait(0)
        assert job.status == "in_progress"
        three.answer("GET", path_of(8), as_json(ended(8)))
        assert [r.item_id for r in job.wait(0)] == [7, 8, 9]
    assert len(three.sent("POST")) == 1


def test_progress_says_which_run(three: FakeServer) -> None:
    words = ("pending", "in_progress", "a status of a later release")
    three.answer("GET", path_of(8), *(running(8, word) for word in words), as_json(ended(8)))
    heard: list[str] = []
    statuses: list[str] = []
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)

        def hear(text: str) -> None:
            heard.append(text)
            statuses.append(job.status)

        job.wait(progress=hear)
    assert heard == [
        "run 1 of 3 completed",
        *(f"run 2 of 3 {word}" for word in (*words, "completed")),
        "run 3 of 3 completed",
    ]
    # The status is that of all runs.
    assert statuses == ["in_progress"] * 5 + ["completed"]


@pytest.mark.parametrize(("bad", "word"), [(("failed", "canceled"), "failed"), (("canceled",), "canceled")])
def test_the_status_after_a_failure_is_that_of_all(three: FakeServer, bad: tuple[str, ...], word: str) -> None:
    for item_id, how in zip((7, 8), bad, strict=False):
        three.answer("GET", path_of(item_id), as_json(ended(item_id, how)))
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)
        with pytest.raises(BatchFailed):
            job.wait()
        assert job.status == word


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        ({"pending": 3}, "pending"),
        ({"pending": 2, "in_progress": 1}, "in_progress"),
        ({"pending": 2, "waiting": 1}, "in_progress"),
        ({"pending": 2, "completed": 1}, "in_progress"),
        ({"pending": 2, "failed": 1}, "in_progress"),
        ({"completed": 3}, "completed"),
        ({"completed": 2, "failed": 1}, "failed"),
        ({"completed": 1, "failed": 1, "canceled": 1}, "failed"),
        ({"completed": 2, "canceled": 1}, "canceled"),
    ],
)
def test_the_status_of_all_runs_is_one_word(three: FakeServer, counts: dict[str, int], word: str) -> None:
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)
        three.answer("GET", f"{QUEUE}/b/{job.batch_id}/status", as_json(status(**counts)))
        assert job.refresh() == job.status == word


def test_all_runs_are_canceled_with_one_request(three: FakeServer) -> None:
    three.answer("PUT", CANCEL, as_json({"canceled": 3}))
    with InvokeAI(three.url, check="off") as client:
        job = client.submit(STUDY)
        three.answer("GET", f"{QUEUE}/b/{job.batch_id}/status", as_json(status(canceled=3)))
        assert job.cancel() == job.status == "canceled"
    (put,) = three.sent("PUT")
    assert put.json == {"batch_ids": [job.batch_id]}


def test_the_async_job_does_the_same(three: FakeServer) -> None:
    three.answer("PUT", CANCEL, as_json({"canceled": 1}))
    three.answer("GET", path_of(9), as_json(ended(9, "canceled")))
    heard: list[str] = []

    async def use() -> str:
        async with AsyncInvokeAI(three.url, check="off") as client:
            job = await client.submit(STUDY)
            three.answer("GET", f"{QUEUE}/b/{job.batch_id}/status", as_json(status(completed=2, canceled=1)))
            assert await job.cancel() == await job.refresh() == "canceled"
            with pytest.raises(BatchFailed, match="1 of 3 runs") as caught:
                await job.wait(5, progress=heard.append)
            assert [type(o) for o in caught.value.outcomes] == [Result, Result, RunCanceled]
            return job.status

    assert asyncio.run(use()) == "canceled"
    assert heard == ["run 1 of 3 completed", "run 2 of 3 completed", "run 3 of 3 canceled"]
