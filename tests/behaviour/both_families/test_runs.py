"""Submitting, running, and jobs: the same with both families and both clients."""

from __future__ import annotations

import asyncio
from threading import Timer
from typing import Any

import pytest

from flowbind.errors import ClientClosed, NotFound, RunCanceled, RunFailed, RunGone, WaitTimeout
from flowbind.workflow import RANDOM

from .family import CANCELED, HOLDS, Side


def test_a_run_gives_what_its_class_promises(any_side: Side) -> None:
    async def script(client: Any) -> Any:
        return await client.run(any_side.made(), timeout=60)

    result = any_side.use(script)
    assert any_side.family.pictures(result)[0].name
    assert result.item_id
    assert result.varied == {}


def test_a_job_follows_its_run(side: Side) -> None:
    seen: list[str] = []

    async def script(client: Any) -> Any:
        with side.stand_in.be_busy():
            job = await client.submit(side.made(HOLDS))
            assert job.status == "pending"
            assert await job.refresh() == "pending"
        while await job.refresh() == "pending":
            pass
        assert job.status == "in_progress"
        assert f"item {job.item_id}: in_progress" in repr(job)
        side.stand_in.go_on.set()
        result = await job.wait(20, progress=seen.append)
        assert job.status == await job.refresh() == "completed"
        assert result.item_id == job.item_id
        # Again, as often as one likes.
        return [*side.family.pictures(result), *side.family.pictures(await job.wait())]

    one, same = side.use(script)
    assert one.name == same.name
    assert seen[-1] == "completed"
    assert side.stand_in.posts() == 1


def test_a_wait_that_takes_too_long(side: Side) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(side.made(HOLDS))
        with pytest.raises(WaitTimeout, match=r"not ended after 0\.1 s") as caught:
            await job.wait(0.1)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.item_id == job.item_id
        side.stand_in.go_on.set()
        return await job.wait(20)

    assert side.family.pictures(side.use(script))
    assert side.stand_in.posts() == 1


@pytest.mark.parametrize("waits", [True, False], ids=["waiting", "running"])
def test_a_canceled_run(side: Side, waits: bool) -> None:
    async def script(client: Any) -> Any:
        if waits:
            with side.stand_in.be_busy():
                job = await client.submit(side.made())
                assert await job.cancel() == "canceled"
        else:
            job = await client.submit(side.made(HOLDS))
            while await job.refresh() != "in_progress":
                pass
            await job.cancel()
        with pytest.raises(RunCanceled) as caught:
            await job.wait(20)
        assert job.status == await job.refresh() == "canceled"
        return job, caught.value

    job, error = side.use(script)
    assert (error.item_id, error.workflow) == (job.item_id, type(side.made()).__name__)
    assert "Submit it again" in str(error)


def test_cancel_is_about_one_run_only(side: Side) -> None:
    async def script(client: Any) -> Any:
        mine = await client.submit(side.made(HOLDS, 1))
        other = await client.submit(side.made("fine", 2))
        while await mine.refresh() != "in_progress":
            pass
        assert await other.cancel() == "canceled"
        assert await mine.refresh() == "in_progress"
        third = await client.submit(side.made("fine", 3))
        await mine.cancel()
        await third.wait(20)
        return [mine.status, other.status, third.status]

    assert side.use(script)[1:] == ["canceled", "completed"]


def test_a_run_that_has_ended_stays_as_it_is(any_side: Side) -> None:
    async def script(client: Any) -> Any:
        job = await client.submit(any_side.made())
        await job.wait(60)
        return [await job.cancel(), job.status]

    assert any_side.use(script) == ["completed", "completed"]


def test_somebody_else_cancels_it(side: Side) -> None:
    async def script(client: Any) -> Any:
        with pytest.raises(RunCanceled):
            await client.run(side.made(CANCELED), timeout=20)

    side.use(script)


def test_a_run_that_fails_says_where(any_side: Side) -> None:
    family = any_side.family

    async def script(client: Any) -> Any:
        job = await client.submit(any_side.made(family.fails))
        with pytest.raises(RunFailed) as caught:
            await job.wait(60)
        assert job.status == "failed"
        return caught.value

    error = any_side.use(script)
    assert error.node_id == family.node
    assert f'"{error.node_label}"' in str(error)
    assert error.error_type
    assert error.error_message
    assert error.traceback


@pytest.mark.parametrize("events", [True, False])
def test_a_run_that_somebody_else_deletes_ends_the_wait(side: Side, events: bool) -> None:
    async def script(client: Any) -> Any:
        with side.stand_in.be_busy():
            job = await client.submit(side.made())
            side.stand_in.delete_waiting()
            with pytest.raises(RunGone, match="Submit it again") as caught:
                await job.wait(20)
            with pytest.raises(NotFound):
                await job.refresh()
        return job, caught.value

    job, error = side.use(script, events=events)
    assert error.item_id == job.item_id


def test_a_drawn_number_is_told_before_and_after(any_side: Side) -> None:
    seed = any_side.family.seed
    workflow = any_side.made(seed=RANDOM)

    async def script(client: Any) -> Any:
        jobs = [await client.submit(workflow) for _ in range(3)]
        return [(job.drawn, (await job.wait(60)).varied) for job in jobs]

    told = any_side.use(script)
    numbers = [drawn[seed] for drawn, _ in told]
    assert all(drawn == varied == {seed: number} for number, (drawn, varied) in zip(numbers, told, strict=True))
    assert len({*numbers}) == 3
    assert getattr(workflow, seed) is RANDOM
    if any_side.served.stand_in is not None:
        assert [given["seed"] for given in any_side.stand_in.given()] == numbers


def test_values_arrive(side: Side) -> None:
    async def script(client: Any) -> Any:
        await client.run(side.made("a text", 12), timeout=20)

    side.use(script)
    assert side.stand_in.given() == [{"text": "a text", "seed": 12, "picture": "here.png"}]


def test_a_client_that_is_closed_ends_its_waits(side: Side) -> None:
    closing: list[Any] = []

    async def script(client: Any) -> None:
        job = await client.submit(side.made(HOLDS))
        if side.kind == "sync":
            Timer(0.1, client.close).start()
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(0.1, lambda: closing.append(loop.create_task(client.close())))
        with pytest.raises(ClientClosed):
            await job.wait(20)
        if closing:
            await closing[0]

    side.use(script)
    assert side.stand_in.posts() == 1
