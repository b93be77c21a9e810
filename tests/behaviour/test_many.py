"""Many instances: how they are sent, how little is asked about them, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from generated import GrainStudy, Poster

from flowbind.errors import (
    BatchFailed,
    InputError,
    Refused,
    RunCanceled,
    RunError,
    RunFailed,
    RunGone,
    RunUnreadable,
    ServerFault,
    ServerUnreachable,
    SubmitUncertain,
    WaitTimeout,
)
from flowbind.invokeai import RANDOM, AsyncInvokeAI, Color, InvokeAI, Result
from flowbind.invokeai.runs import enqueue, sending, waiting

from .fake_queue import BY_IDS, CANCEL, FakeQueue
from .fake_server import ENQUEUE, QUEUE

SUN = "e06f846f-4172-4fb2-bc26-6428b91075fe"


@pytest.fixture
def queue() -> Iterator[FakeQueue]:
    """A server with room for 10,000 runs, which end at the first question."""
    with FakeQueue() as fake:
        yield fake


@pytest.fixture(params=["sync", "async"])
def run_many(request: pytest.FixtureRequest) -> Any:
    """Both clients: what returns all outcomes of `run_many` on a server."""

    def sync(url: str, rows: Any, timeout: float | None = None) -> list[Any]:
        with InvokeAI(url, check="off") as client:
            return list(client.run_many(rows, timeout=timeout))

    def twin(url: str, rows: Any, timeout: float | None = None) -> list[Any]:
        async def run() -> list[Any]:
            async with AsyncInvokeAI(url, check="off") as client:
                return [outcome async for outcome in client.run_many(rows, timeout=timeout)]

        return asyncio.run(run())

    return sync if request.param == "sync" else twin


def suns(count: int) -> list[Poster]:
    return [Poster(sun_size=n) for n in range(count)]


def given(outcomes: list[Any]) -> list[int]:
    """Return what the results say that their runs were given."""
    assert all(isinstance(outcome, Result) for outcome in outcomes), outcomes
    return [outcome.varied["sun_size"] for outcome in outcomes]


def test_ten_thousand_instances_are_one_request(queue: FakeQueue) -> None:
    with InvokeAI(queue.url, check="off") as client:
        job = client.submit_many(suns(10_000))
        assert len(job) == 10_000
        assert job.item_ids == tuple(range(1, 10_001))
        assert len(job.batch_ids) == 1
        assert [r.path for r in queue.requests] == [ENQUEUE]
        first = list(islice(job.results(), 3))
    assert given(first) == [0, 1, 2]
    assert [r.outputs.image.name for r in first] == ["1.png", "2.png", "3.png"]
    # Only what was wanted is read, in the order of the instances.
    assert len(queue.requests) < 6


def test_a_bad_value_among_them_sends_nothing(queue: FakeQueue) -> None:
    rows = suns(10_000)
    rows[7531] = rows[0].model_copy(update={"softness": -1.0})
    with InvokeAI(queue.url, check="off") as client:
        for call in (client.submit_many, client.run_many):
            with pytest.raises(InputError) as caught:
                call(rows)
            assert str(caught.value) == (
                'workflows[7531]: Poster.softness ("Softness") is -1.0: Input should be greater than or equal to 0.'
            )
    assert queue.requests == []


def test_outcomes_are_in_the_order_given(queue: FakeQueue, run_many: Any) -> None:
    colours = [Color(n % 3, 0, 0) for n in range(30)]
    rows = [Poster(sun_size=n, sky_colour=colour) for n, colour in enumerate(colours)]
    outcomes = run_many(queue.url, rows)
    assert given(outcomes) == list(range(30))
    assert [o.varied["sky_colour"] for o in outcomes] == colours
    assert queue.posted() == [10, 10, 10]
    assert len({o.batch_id for o in outcomes}) == 3


def test_ended_runs_are_read_several_at_once(queue: FakeQueue, run_many: Any) -> None:
    assert given(run_many(queue.url, suns(200))) == list(range(200))
    assert len(queue.sent("GET", f"{QUEUE}/i/")) == 1
    asked = [len(request.json["item_ids"]) for request in queue.sent("POST", BY_IDS)]
    assert asked == [2, 4, 8, 16, 32, 64, 64, 9]


def test_an_older_server_is_asked_one_by_one(run_many: Any) -> None:
    with FakeQueue(by_ids=False) as queue:
        assert given(run_many(queue.url, suns(20))) == list(range(20))
        assert queue.sent("POST", BY_IDS) == []
        assert len(queue.sent("GET", "/openapi.json")) == 1


def test_runs_that_take_their_time_are_waited_for(run_many: Any) -> None:
    with FakeQueue(pace=1) as queue:
        assert given(run_many(queue.url, suns(12))) == list(range(12))


def test_a_failure_is_an_outcome(queue: FakeQueue, run_many: Any) -> None:
    queue.ends = {3: "failed", 11: "canceled"}
    queue.trouble.gone.add(15)
    outcomes = run_many(queue.url, suns(20))
    assert [type(o) for o in outcomes if not isinstance(o, Result)] == [RunFailed, RunCanceled, RunGone]
    assert [n for n, o in enumerate(outcomes, 1) if isinstance(o, RunError)] == [3, 11, 15]
    assert outcomes[2].error_message == "disk full"
    assert given([o for o in outcomes if isinstance(o, Result)]) == [n for n in range(20) if n not in (2, 10, 14)]


def test_what_cannot_be_read_holds_the_others_up_once(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_UNREADABLE", 0.3)
    queue.trouble.unreadable |= {4, 5, 6, 17}
    with InvokeAI(queue.url, check="off") as client:
        outcomes = list(client.run_many(suns(20)))
    assert [n for n, o in enumerate(outcomes, 1) if isinstance(o, RunUnreadable)] == [4, 5, 6, 17]
    assert len(queue.sent("GET", f"{QUEUE}/i/4")) > 3
    assert [len(queue.sent("GET", f"{QUEUE}/i/{n}")) for n in (6, 17)] == [1, 1]


@pytest.mark.parametrize("size", [1, 5, 7])
def test_a_full_queue_gets_the_rest_when_there_is_room(size: int, run_many: Any) -> None:
    with FakeQueue(size=size, pace=1) as queue:
        assert given(run_many(queue.url, suns(23))) == list(range(23))
        assert queue.values(SUN, "value") == list(range(23))
        assert queue.most_pending == size
        # The first request is the only one that asks for more than there is room for.
        assert sum(queue.posted()[1:]) == 23 - size


def test_submit_many_returns_when_all_is_queued() -> None:
    with FakeQueue(size=5, pace=1) as queue, InvokeAI(queue.url, check="off") as client:
        job = client.submit_many(suns(23))
        assert queue.values(SUN, "value") == list(range(23))
        assert job.item_ids == tuple(range(1, 24))
        assert len(job.batch_ids) == len(queue.posted()) == len(set(job.batch_ids))
        assert given(job.wait(10)) == list(range(23))


def test_a_queue_that_is_full_of_others_takes_them_later(run_many: Any) -> None:
    with FakeQueue(size=4) as queue:
        with InvokeAI(queue.url, check="off") as client:
            others = client.submit_many(suns(4))
        assert given(run_many(queue.url, suns(6))) == list(range(6))
        assert len(others) == 4
        assert queue.posted()[:2] == [4, 6]


def test_room_for_a_few_is_not_worth_a_request() -> None:
    with FakeQueue(size=40, pace=4) as queue, InvokeAI(queue.url, check="off") as client:
        client.submit_many(suns(200))
        first, *parts, last = queue.posted()
    assert first == 200
    assert min(parts) >= 10
    assert last <= 40


def test_a_server_that_fails_while_there_is_no_room_is_borne(run_many: Any) -> None:
    with FakeQueue(size=5, pace=1) as queue:
        queue.trouble.faults = 3
        assert given(run_many(queue.url, suns(8))) == list(range(8))
        assert queue.trouble.faults == 0


def test_a_server_that_fails_for_good_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AWAY", 0.1)
    with FakeQueue(size=5, pace=0) as queue, InvokeAI(queue.url, check="off") as client:
        queue.trouble.faults = 1000
        with pytest.raises(ServerFault) as caught:
            client.submit_many(suns(8))
        assert caught.value.__notes__ == ["5 of 8 runs had been queued; what of them had not ended was canceled."]
        assert {one.status for one in queue.items} == {"canceled"}


def test_run_many_queues_at_once_and_goes_on_while_it_is_read() -> None:
    with FakeQueue(size=5, pace=0) as queue, InvokeAI(queue.url, check="off") as client:
        outcomes = client.run_many(suns(23))
        assert len(queue.items) == 5
        queue.pace = 1
        assert given([next(outcomes)]) == [0]
        assert len(queue.items) < 23
        assert given(list(outcomes)) == list(range(1, 23))


def test_leaving_early_cancels_nothing() -> None:
    with FakeQueue(size=5) as queue, InvokeAI(queue.url, check="off") as client:
        for outcome in client.run_many(suns(23)):
            assert isinstance(outcome, Result)
            break
        assert queue.sent("PUT") == []


def test_the_async_client_queues_nothing_before_it_is_asked() -> None:
    async def run(url: str) -> None:
        async with AsyncInvokeAI(url, check="off") as client:
            outcomes = client.run_many(suns(3))
            assert queue.requests == []
            async for outcome in outcomes:
                assert isinstance(outcome, Result)
                assert len(queue.items) == 3
                break

    with FakeQueue() as queue:
        asyncio.run(run(queue.url))


def test_a_lost_answer_is_found_and_never_sent_again(run_many: Any) -> None:
    rows = [Poster(sun_size=n, coloured_grain=n > 3) for n in range(10)]
    with FakeQueue(size=7, pace=1) as queue:
        queue.trouble.lost |= {1, 2}
        assert given(run_many(queue.url, rows)) == list(range(10))
        assert sorted(queue.values(SUN, "value")) == list(range(10))


def test_what_cannot_be_found_is_uncertain(run_many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enqueue, "_BROKEN", 0.1)
    with FakeQueue() as queue:
        queue.trouble.dropped.add(1)
        with pytest.raises(SubmitUncertain) as caught:
            run_many(queue.url, suns(3))
        assert len(queue.sent("POST", ENQUEUE)) == 1
        assert not hasattr(caught.value, "__notes__")


def test_uncertainty_in_the_middle_cancels_what_was_queued(run_many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enqueue, "_BROKEN", 0.1)
    rows = [Poster(sun_size=n, coloured_grain=n > 3) for n in range(10)]
    with FakeQueue(pace=0) as queue:
        queue.trouble.dropped.add(2)
        with pytest.raises(SubmitUncertain) as caught:
            run_many(queue.url, rows)
        (note,) = caught.value.__notes__
        assert note == "4 of 10 runs had been queued; what of them had not ended was canceled."
        assert len(queue.sent("POST", ENQUEUE)) == 2
        (put,) = queue.sent("PUT", CANCEL)
        assert put.json["batch_ids"] == [queue.items[0].batch_id, caught.value.batch_id]
        assert {one.status for one in queue.items} == {"canceled"}


def test_a_refused_group_cancels_the_others(run_many: Any) -> None:
    rows = [Poster(sun_size=n, coloured_grain=n > 3) for n in range(10)]
    with FakeQueue() as queue:
        queue.trouble.refused.add(2)
        with pytest.raises(Refused, match="The server refuses Poster: No") as caught:
            run_many(queue.url, rows)
        assert caught.value.__notes__
        assert {one.status for one in queue.items} == {"canceled"}


def test_nobody_at_the_address_is_told_at_once() -> None:
    with FakeQueue() as queue:
        url = queue.url
    with InvokeAI(url, check="off") as client, pytest.raises(ServerUnreachable):
        client.run_many(suns(3))


def test_the_timeout_holds_for_all_together(run_many: Any) -> None:
    with FakeQueue(pace=0) as queue:
        with pytest.raises(WaitTimeout) as caught:
            run_many(queue.url, suns(3), timeout=0.1)
        assert str(caught.value) == (
            "Poster: 0 of 3 runs have ended after 0.1 s; the others go on. Wait again, or cancel them."
        )
        assert isinstance(caught.value, TimeoutError)


def test_the_timeout_holds_while_there_is_no_room(run_many: Any) -> None:
    with FakeQueue(pace=0, size=2) as queue:
        with InvokeAI(queue.url, check="off") as client:
            client.submit_many(suns(2))
        with pytest.raises(WaitTimeout, match=r"0 of 3 runs have ended after 0\.2 s; 3 were not queued"):
            run_many(queue.url, suns(3), timeout=0.2)
        assert len(queue.sent("POST", ENQUEUE)) == 2


def test_outcomes_can_be_read_again() -> None:
    with FakeQueue(pace=0) as queue, InvokeAI(queue.url, check="off") as client:
        job = client.submit_many(suns(3))
        with pytest.raises(WaitTimeout):
            job.wait(0)
        queue.pace = 3
        assert given(job.wait()) == given(list(job.results())) == [0, 1, 2]


def test_the_job_is_canceled_with_one_request() -> None:
    with FakeQueue(pace=0) as queue, InvokeAI(queue.url, check="off") as client:
        job = client.submit_many([Poster(coloured_grain=n > 3, sun_size=n) for n in range(10)])
        assert (job.status, job.refresh()) == ("pending", "pending")
        assert job.cancel() == job.status == "canceled"
        (put,) = queue.sent("PUT", CANCEL)
        assert put.json == {"batch_ids": [*job.batch_ids]}
        assert {type(outcome) for outcome in job.wait()} == {RunCanceled}
        assert repr(job) == "<ManyJob Poster, 10 instances: canceled>"


def test_the_async_job_does_the_same() -> None:
    async def run(url: str) -> None:
        async with AsyncInvokeAI(url, check="off") as client:
            job = await client.submit_many([Poster(coloured_grain=n > 3, sun_size=n) for n in range(10)])
            assert await job.refresh() == "pending"
            queue.pace = 1
            assert given([outcome async for outcome in job.results()]) == list(range(10))
            assert await job.cancel() == job.status == "completed"
            assert given(await job.wait(5)) == list(range(10))

    with FakeQueue(pace=0) as queue:
        asyncio.run(run(queue.url))


def test_each_instance_has_a_random_number_of_its_own(run_many: Any) -> None:
    same = Poster(grain_seed=RANDOM)
    with FakeQueue() as queue:
        outcomes = run_many(queue.url, [same] * 20)
        (alone,) = run_many(queue.url, [same])
        assert queue.posted() == [20, 1]
        last = queue.sent("POST", ENQUEUE)[-1].json["batch"]["graph"]["nodes"].values()
    seeds = [outcome.varied["grain_seed"] for outcome in outcomes]
    assert len(set(seeds)) > 15
    assert (
        queue.values(*next((s.node, s.field) for s in Poster.__flowbind__.slots if s.attribute == "grain_seed"))
        == seeds
    )
    assert alone.varied["grain_seed"] in [node.get("seed") for node in last]
    assert same.grain_seed is RANDOM


def test_no_instances_are_no_request(run_many: Any) -> None:
    with FakeQueue() as queue:
        assert run_many(queue.url, []) == []
        assert queue.requests == []


STUDIES = [GrainStudy(amounts=[0.1, 0.2], seeds=[n, n + 1], softness=[0.0, 1.0]) for n in range(3)]


@pytest.mark.parametrize("size", [3, 100])
def test_instances_with_batches_have_lists_of_results(size: int, run_many: Any) -> None:
    with FakeQueue(size=size, pace=1) as queue:
        queue.ends = {6: "failed"}
        first, second, third = run_many(queue.url, STUDIES)
    assert isinstance(second, BatchFailed)
    assert [type(o) for o in second.outcomes] == [Result, RunFailed, Result, Result]
    order = [(amount, seed) for amount in (0.1, 0.2) for seed in (0, 1)]
    assert [(r.varied["amounts"], r.varied["seeds"]) for r in first] == order
    assert [r.varied["seeds"] for r in third] == [2, 3, 2, 3]
    assert [r.item_id for r in third] == [9, 10, 11, 12]


def test_a_bad_list_of_a_batch_names_its_instance(queue: FakeQueue, run_many: Any) -> None:
    bad = STUDIES[0].model_copy(update={"seeds": [-1, 1]})
    with pytest.raises(InputError, match=r"^workflows\[2\]: GrainStudy\.seeds"):
        run_many(queue.url, [*STUDIES[:2], bad])
    assert queue.requests == []
