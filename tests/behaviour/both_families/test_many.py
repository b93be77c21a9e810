"""Many instances: outcomes in their order, failures among them, and everything as the class has it."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.errors import InputError, RunCanceled, RunFailed, RunGone, WaitTimeout
from flowbind.workflow import RANDOM

from .family import CANCELED, HOLDS, Side


def test_outcomes_come_in_the_order_given(any_side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        return [o async for o in client.run_many([any_side.made(seed=n) for n in range(5)], timeout=60)]

    outcomes = any_side.use(script)
    assert [outcome.varied[any_side.family.seed] for outcome in outcomes] == [*range(5)]
    assert len({any_side.family.pictures(outcome)[0].name for outcome in outcomes}) == 5
    assert len({outcome.item_id for outcome in outcomes}) == 5


def test_a_failure_is_one_of_the_outcomes(any_side: Side) -> None:
    rows = [any_side.made("fine"), any_side.made(any_side.family.fails), any_side.made("good")]

    async def script(client: Any) -> list[Any]:
        return [o async for o in client.run_many(rows, timeout=60)]

    first, failed, last = any_side.use(script)
    assert isinstance(failed, RunFailed)
    assert failed.node_id == any_side.family.node
    text = any_side.family.text
    assert [first.varied[text], last.varied[text]] == ["fine", "good"]


def test_submitted_together(any_side: Side) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit_many([any_side.made(seed=n) for n in range(3)])
        assert len(job.item_ids) == 3
        outcomes = await job.wait(60)
        assert [outcome.item_id for outcome in outcomes] == [*job.item_ids]
        assert await job.refresh() == "completed"
        # Again, and one by one.
        return outcomes, [o async for o in job.results(60)]

    outcomes, again = any_side.use(script)
    seed = any_side.family.seed
    assert [o.varied[seed] for o in outcomes] == [o.varied[seed] for o in again] == [0, 1, 2]
    if any_side.served.stand_in is not None:
        assert [given["seed"] for given in any_side.stand_in.given()] == [0, 1, 2]


def test_canceled_together(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        with side.stand_in.be_busy():
            job = await client.submit_many([side.made(seed=n) for n in range(3)])
            assert job.status == "pending"
            assert await job.cancel() == "canceled"
        outcomes: list[Any] = await job.wait(20)
        return outcomes

    assert [type(outcome) for outcome in side.use(script)] == [RunCanceled] * 3


def test_what_is_not_queued_when_the_others_are_canceled_never_is(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowbind.comfyui.runs.sending._AT_ONCE", 2)
    if side.family.name == "InvokeAI":
        monkeypatch.setattr(side.stand_in, "size", 2)

    async def script(client: Any) -> tuple[Any, ...]:
        with side.stand_in.be_busy():
            job = await client.submit_many([side.made(seed=n) for n in range(5)], at_once=False)
            queued = len(job.item_ids)
            status = await job.cancel()
        return queued, status, await job.wait(20), job.status

    queued, status, outcomes, again = side.use(script)
    assert queued < 5
    assert (status, again) == ("canceled", "canceled")
    assert [type(outcome) for outcome in outcomes] == [RunCanceled] * 5
    assert "was not queued" in str(outcomes[-1])
    assert len(side.stand_in.given()) == queued


@pytest.mark.parametrize("events", [True, False])
def test_deleted_ones_are_outcomes_too(side: Side, events: bool) -> None:
    async def script(client: Any) -> list[Any]:
        with side.stand_in.be_busy():
            job = await client.submit_many([side.made(seed=n) for n in range(3)])
            side.stand_in.delete_waiting()
            outcomes: list[Any] = await job.wait(20)
        return outcomes

    assert [type(outcome) for outcome in side.use(script, events=events)] == [RunGone] * 3


def test_what_somebody_else_cancels(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        rows = [side.made(text) for text in ("fine", CANCELED, "fine")]
        return [type(o).__name__ async for o in client.run_many(rows, timeout=20)]

    assert side.use(script) == ["Result", "RunCanceled", "Result"]


def test_a_timeout_for_all_together(side: Side) -> None:
    got: list[Any] = []

    async def collect(outcomes: Any) -> None:
        async for outcome in outcomes:
            got.append(outcome)

    async def script(client: Any) -> None:
        job = await client.submit_many([side.made("fine"), side.made(HOLDS), side.made("fine")])
        with pytest.raises(WaitTimeout, match="1 of 3 runs have ended"):
            await collect(job.results(0.3))
        side.stand_in.go_on.set()
        got.extend(await job.wait(20))

    side.use(script)
    assert len(got) == 4
    assert side.stand_in.posts() == 3


def test_each_draws_a_number_of_its_own(any_side: Side) -> None:
    seed = any_side.family.seed

    async def script(client: Any) -> list[Any]:
        return [o.varied[seed] async for o in client.run_many([any_side.made(seed=RANDOM)] * 4, timeout=60)]

    numbers = any_side.use(script)
    assert len({*numbers}) == 4
    if any_side.served.stand_in is not None:
        assert [given["seed"] for given in any_side.stand_in.given()] == numbers


def test_a_bad_value_among_them_queues_nothing(side: Side) -> None:
    rows = [side.made(seed=n) for n in range(3)]
    rows[1] = rows[0].model_copy(update={side.family.seed: -1})

    async def script(client: Any) -> None:
        with pytest.raises(InputError, match=rf"^workflows\[1\]: \w+\.{side.family.seed} "):
            await client.submit_many(rows)

    side.use(script)
    assert side.stand_in.posts() == 0


def test_a_picture_of_all_is_uploaded_once(side: Side) -> None:
    async def script(client: Any) -> None:
        rows = [side.made(seed=n, picture=b"\x89PNG\r\n\x1a\nnew") for n in range(3)]
        assert len([o async for o in client.run_many(rows, timeout=20)]) == 3

    side.use(script)
    assert len(side.stand_in.uploads()) == 1
    assert len({given["picture"] for given in side.stand_in.given()}) == 1


def test_none_at_all(side: Side) -> None:
    async def script(client: Any) -> list[Any]:
        return [o async for o in client.run_many([])] + [*await (await client.submit_many([])).wait(20)]

    assert side.use(script) == []
    assert side.stand_in.posts() == 0
