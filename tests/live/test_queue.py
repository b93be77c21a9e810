"""The queue of a real server: what it has, what can be done to it, and jobs that another program submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from generated import ContactSheet, GrainStudy, Poster, TextToImageSd15
from tests.behaviour.both_clients import Script, carry_out

from flowbind.errors import (
    BatchFailed,
    Forbidden,
    InputError,
    NotFound,
    QueueBlocked,
    RunCanceled,
    RunFailed,
    RunRedacted,
    ServerFault,
    WaitTimeout,
)
from flowbind.events import Finished, NodeFinished, Queued
from flowbind.invokeai import RANDOM, InvokeAI, ManyJob, Result
from flowbind.invokeai.queue import blockade
from live_tools import QUEUE, Accounts, Live

SMALL: dict[str, Any] = {"width": 64, "height": 64}
ELSEWHERE = "elsewhere"
Carried = Callable[[Script], Any]


def poster(**inputs: Any) -> Poster:
    return Poster(**SMALL, **inputs)


def queue_elsewhere(live: Live, runs: int = 1, divisor: int = 1) -> tuple[str, list[int]]:
    """Queue runs with a destination of their own, as another program would; return batch and items, oldest first."""
    graph = {"nodes": {"d": {"id": "d", "type": "div", "a": 6, "b": divisor}}, "edges": []}
    batch = {"graph": graph, "runs": runs, "origin": "test", "destination": ELSEWHERE}
    answer = live.call("POST", f"{QUEUE}/enqueue_batch", {"batch": batch})
    return answer["batch"]["batch_id"], sorted(answer["item_ids"])


@pytest.fixture
def live(live: Live) -> Live:
    """The server, with nothing left to do."""
    with InvokeAI(live.url) as client:
        client.queue.wait_until_idle(60)
    return live


async def ids(found: Any) -> list[int]:
    return [item.item_id async for item in found]


def test_what_the_queue_has(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        job = await client.submit(poster())
        status = await queue.status()
        assert (status.processor.is_started, status.queue.pending) == (False, 2)
        assert status.queue.total == len(await ids(queue.list()))
        assert await queue.current() is None
        first = await queue.next()
        assert (first.item_id, first.batch_id, first.status) == (other, batch_id, "pending")
        assert first.session["graph"]["nodes"]["d"]["b"] == 1
        assert (await queue.get(job.item_id)).batch_id == job.batch_id
        with pytest.raises(NotFound, match=r"not found in queue default \(HTTP 404\)"):
            await queue.get(10**9)
        several = await queue.by_ids(job.item_id, 10**9, other)
        assert [item.item_id for item in several] == [job.item_id, other]
        assert several[1].session["graph"]["nodes"].keys() == {"d"}
        assert await queue.by_ids() == []
        assert (await queue.batch(batch_id)).model_dump() == (await queue.batches())[1].model_dump()
        assert (await queue.batches())[0].batch_id == job.batch_id
        with pytest.raises(NotFound, match='no item of batch "nothing"'):
            await queue.batch("nothing")
        assert (await queue.counts(ELSEWHERE)).pending == 1
        assert (await queue.counts("nowhere")).total == 0
        await queue.cancel(job.item_id)

    with live.paused():
        batch_id, (other,) = queue_elsewhere(live)
        carried(script)
        live.call("DELETE", f"{QUEUE}/i/{other}")


def test_the_list_has_an_order_and_filters(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        everything = await ids(queue.list())
        assert everything == sorted(everything, reverse=True)
        assert everything[:3] == items[::-1]
        assert (await ids(queue.list(oldest_first=True)))[-3:] == items
        for wanted in ({"status": "pending"}, {"destination": ELSEWHERE}, {"batch_id": batch_id}, {"origin": "test"}):
            assert await ids(queue.list(**wanted)) == items[::-1]
        assert await ids(queue.list(status="completed", batch_id=batch_id)) == []
        async for summary in queue.list():
            assert (summary.item_id, summary.origin, summary.status) == (items[-1], "test", "pending")
            break

    with live.paused():
        batch_id, items = queue_elsewhere(live, 3)
        carried(script)
        assert live.call("DELETE", f"{QUEUE}/d/{ELSEWHERE}")["deleted"] == 3


def test_canceling(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        one, two, three = [await client.submit(poster()) for _ in range(3)]
        assert await queue.cancel(one.item_id) == await queue.cancel(one.item_id) == "canceled"
        with pytest.raises(RunCanceled):
            await one.wait(10)
        with pytest.raises(NotFound):
            await queue.cancel(10**9)
        assert await queue.cancel_batch(one.batch_id, two.batch_id, "nothing") == 1
        queue_elsewhere(live, 2)
        assert await queue.cancel_destination(ELSEWHERE) == 2
        assert await queue.cancel_destination(ELSEWHERE) == 0
        assert await queue.cancel_all_except_current() == 1
        assert await three.refresh() == "canceled"
        assert (await queue.counts(ELSEWHERE)).canceled >= 2

    with live.paused():
        carried(script)


def test_deleting(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        job = await client.submit(poster())
        assert await queue.delete(job.item_id) is None
        with pytest.raises(NotFound):
            await queue.delete(job.item_id)
        _, items = queue_elsewhere(live, 2)
        await queue.cancel(items[0])
        assert await queue.delete_destination(ELSEWHERE) >= 2
        assert (await queue.counts(ELSEWHERE)).total == 0
        queue_elsewhere(live, 2)
        assert await queue.delete_all_except_current() == 2

    with live.paused():
        carried(script)


def test_retrying(carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        with pytest.raises(RunFailed) as caught:
            await client.run(ContactSheet(count=0), timeout=30)
        failed = caught.value.item_id
        done = (await client.run(poster(), timeout=30)).item_id
        await client.queue.pause()
        try:
            canceled = await client.submit(poster(grain_seed=5))
            await canceled.cancel()
            pending = await client.submit(poster())
            found = await queue.retry(canceled.item_id, failed, done, pending.item_id, 10**9, failed)
            assert list(found) == [canceled.item_id, failed]
            assert sorted(found.values()) == [pending.item_id + 1, pending.item_id + 2]
            made = await queue.get(found[failed])
            assert (made.retried_from_item_id, made.status) == (failed, "pending")
            assert await queue.retry(done) == {}
        finally:
            await client.queue.resume()
        again = await queue.job(Poster, found[canceled.item_id])
        assert again.drawn == {"grain_seed": 5}
        assert (await again.wait(30)).outputs.image
        with pytest.raises(RunFailed):
            await (await queue.job(ContactSheet, found[failed])).wait(30)
        # A retry of a retry is said to be one of the first item.
        third = await queue.retry(found[failed], failed)
        assert third.keys() == {found[failed], failed}
        assert {(await queue.get(new)).retried_from_item_id for new in third.values()} == {failed}
        assert len({*third.values()}) == 2
        await queue.wait_until_idle(30)

    carried(script)


def test_holding_and_waiting(carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        heard: list[Any] = []
        assert not (await queue.pause()).is_started
        try:
            job = await client.submit(poster())
            with pytest.raises(WaitTimeout, match=r"after 0\.1 s 1 items have not ended; its processor is paused"):
                await queue.wait_until_idle(0.1, progress=heard.append)
        finally:
            assert (await queue.resume()).is_started
        assert [status.queue.pending for status in heard] == [1]
        status = await queue.wait_until_idle(30, progress=heard.append)
        assert (status.queue.pending, status.queue.in_progress) == (0, 0)
        assert heard[-1] == status
        assert await job.refresh() == "completed"

    carried(script)


def test_the_current_item(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        job = await client.submit(TextToImageSd15(model=live.model["name"], steps=1000))
        while (current := await client.queue.current()) is None:
            pass
        assert current.item_id == job.item_id
        assert (await client.queue.status()).queue.item_id == job.item_id
        waiting = await client.submit(poster())
        assert await client.queue.cancel_all_except_current() == 1
        assert await waiting.refresh() == "canceled"
        assert await job.refresh() == "in_progress"
        assert await client.queue.cancel(job.item_id) == "canceled"

    carried(script)


def test_pruning_and_clearing(carried: Carried) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        done = await client.run(poster(), timeout=30)
        with pytest.raises(RunFailed):
            await client.run(ContactSheet(count=0), timeout=30)
        await queue.pause()
        try:
            job = await client.submit(poster())
            assert await queue.prune() >= 2
            assert await ids(queue.list()) == [job.item_id]
            assert await client.images.bytes(done.outputs.image)
            assert await queue.clear() == 1
            assert (await queue.status()).queue.total == 0
            assert await queue.batches() == []
            assert await queue.next() is None
        finally:
            await queue.resume()

    carried(script)


def submitted(live: Live, workflow: Any) -> Any:
    """Return the job of a client that is gone."""
    with InvokeAI(live.url) as client:
        return client.submit(workflow)


@pytest.mark.parametrize("events", [True, False])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_job_of_another_program(live: Live, kind: str, events: bool) -> None:
    async def script(client: Any) -> None:
        job = await client.queue.job(Poster, theirs.item_id)
        assert (job.item_id, job.batch_id, job.status) == (theirs.item_id, theirs.batch_id, "pending")
        assert job.drawn == theirs.drawn
        assert await job.refresh() == "pending"
        with pytest.raises(WaitTimeout):
            await job.wait(0.1)
        await client.queue.resume()
        told = [event async for event in job.events(30)]
        assert isinstance(told[0], Queued)
        assert isinstance(told[-1], Finished)
        result = await job.wait(0)
        assert result.varied == told[-1].result.varied == theirs.drawn
        assert (result.outputs.image.name, job.status) == (told[-1].result.outputs.image.name, "completed")
        assert await client.images.bytes(result.outputs.image)

    with live.paused():
        theirs = submitted(live, poster(grain_seed=RANDOM))
        carry_out(kind, live.url, script, events=events)


@pytest.mark.parametrize("events", [True, False])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_jobs_that_have_ended(live: Live, kind: str, events: bool) -> None:
    async def script(client: Any) -> None:
        job = await client.queue.job(Poster, done.item_id)
        assert job.status == "completed"
        assert (await job.wait(0)).outputs.image.name == done.outputs.image.name
        told = [event async for event in (await client.queue.job(Poster, done.item_id)).events(5)]
        assert isinstance(told[-1], Finished)
        assert len([event for event in told if isinstance(event, NodeFinished)]) == len(done.nodes)
        assert await job.cancel() == "completed"
        with pytest.raises(RunFailed, match="ContactSheet: item"):
            await (await client.queue.job(ContactSheet, failed)).wait(0)
        with pytest.raises(NotFound):
            await client.queue.job(Poster, 10**9)

    with InvokeAI(live.url) as client:
        done = client.run(poster(), timeout=30)
        with pytest.raises(RunFailed) as caught:
            client.run(ContactSheet(count=0), timeout=30)
        failed = caught.value.item_id
    carry_out(kind, live.url, script, events=events)


def test_the_latest_finished_run_and_its_picture(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> Any:
        completed = await ids(client.queue.list(status="completed", origin="flowbind"))
        result = await (await client.queue.job(Poster, completed[0])).wait(0)
        return await client.images.bytes(result.outputs.image)

    with InvokeAI(live.url) as client:
        expected = client.run(poster(), timeout=30).outputs.image.bytes()
    assert carried(script) == expected


def test_a_job_of_another_class(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        with pytest.raises(InputError) as caught:
            await client.queue.job(ContactSheet, theirs.item_id)
        assert str(caught.value) == (
            f'Item {theirs.item_id} was made from the workflow "Poster", whose nodes are not those of ContactSheet '
            "(workflows/contact_sheet.json). Give the class of its workflow, as it was then."
        )
        with pytest.raises(InputError, match="was made from another workflow"):
            await client.queue.job(Poster, raw)
        with pytest.raises(InputError, match='the workflow "Poster"'):
            await client.queue.batch_job(GrainStudy, theirs.batch_id)
        job = await client.queue.job(Poster, theirs.item_id)
        assert await job.cancel() == "canceled"
        with pytest.raises(RunCanceled):
            await job.wait(10)

    with live.paused():
        theirs, (_, (raw,)) = submitted(live, poster()), queue_elsewhere(live)
        carried(script)
        live.call("DELETE", f"{QUEUE}/d/{ELSEWHERE}")


def test_a_batch_of_another_program(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        job = await client.queue.batch_job(GrainStudy, theirs.batch_id)
        assert (job.item_ids, job.batch_id, job.status) == (theirs.item_ids, theirs.batch_id, "pending")
        await client.queue.resume()
        told = [event async for event in job.events(60)]
        # The first may end before the server hears that somebody listens: then it is told when the job looks.
        assert sorted(event.run for event in told if isinstance(event, Finished)) == [1, 2, 3]
        results = await job.wait(0)
        assert [result.varied["seeds"] for result in results] == [1, 2, 3]
        assert (job.status, await job.refresh()) == ("completed", "completed")
        # One run of it can be had alone.
        alone = await (await client.queue.job(GrainStudy, theirs.item_ids[1])).wait(0)
        assert alone.varied == results[1].varied
        with pytest.raises(NotFound, match="no item of batch"):
            await client.queue.batch_job(GrainStudy, "nothing")
        with pytest.raises(ValueError, match="GrainStudy has batch nodes"):
            await client.queue.batch_job(GrainStudy, theirs.batch_id, theirs.batch_id)
        ended = await client.queue.batch_job(GrainStudy, theirs.batch_id)
        assert (ended.status, len(await ended.wait(0))) == ("completed", 3)

    with live.paused():
        study = GrainStudy(width=32, height=32, amounts=[0.2], seeds=[1, 2, 3], softness=[0.0, 0.0, 0.0])
        theirs = submitted(live, study)
        carried(script)


def test_a_retried_run_takes_its_place_in_the_batch(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        canceled = await client.submit(
            GrainStudy(width=32, height=32, amounts=[0.2], seeds=[1, 2, 3], softness=[0.0, 0.0, 0.0])
        )
        await client.queue.cancel(canceled.item_ids[1])
        first = await client.queue.retry(canceled.item_ids[1])
        await client.queue.cancel(first[canceled.item_ids[1]])
        second = await client.queue.retry(first[canceled.item_ids[1]])
        job = await client.queue.batch_job(GrainStudy, canceled.batch_id)
        assert job.item_ids == (canceled.item_ids[0], *second.values(), canceled.item_ids[2])
        await client.queue.resume()
        assert [result.varied["seeds"] for result in await job.wait(60)] == [1, 2, 3]
        with pytest.raises(BatchFailed, match="1 of 3 runs"):
            await canceled.wait(60)
        again = await client.queue.batch_job(GrainStudy, canceled.batch_id)
        assert again.status == "completed"

    with live.paused():
        carried(script)


def test_many_runs_of_another_program(live: Live, carried: Carried) -> None:
    async def script(client: Any) -> None:
        job = await client.queue.batch_job(Poster, *theirs.batch_ids)
        assert (job.item_ids, job.batch_ids) == (theirs.item_ids, theirs.batch_ids)
        outcomes = await job.wait(60)
        assert all(isinstance(outcome, Result) for outcome in outcomes)
        assert [outcome.varied["grain_seed"] for outcome in outcomes] == [1, 2, 3, 4]
        assert [outcome.item_id for outcome in outcomes] == [*theirs.item_ids]
        assert await job.refresh() == await job.cancel() == "completed"

    with InvokeAI(live.url) as other:
        rows = [poster(grain_seed=seed, grain=0.5, coloured_grain=seed > 2) for seed in (1, 2, 3, 4)]
        theirs: ManyJob[Any] = other.submit_many(rows)
        assert len(theirs.batch_ids) == 2
    carried(script)


def test_an_item_that_cannot_be_read(live: Live, carried: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server lists it, counts it and cancels it, and fails at all else."""
    monkeypatch.setattr(blockade, "_FIRST", 0.2)
    monkeypatch.setattr(blockade, "_AGAIN", 1.1)  # the server polls once a second

    async def script(client: Any) -> None:
        queue = client.queue
        graph = {"nodes": {"a": {"id": "a", "type": "blank_image", "width": 16, "height": 16}}, "edges": []}
        data = [[{"node_path": "a", "field_name": "width", "items": ["wide"]}]]
        answer = live.call("POST", f"{QUEUE}/enqueue_batch", {"batch": {"graph": graph, "runs": 1, "data": data}})
        (item_id,), batch_id = answer["item_ids"], answer["batch"]["batch_id"]
        try:
            assert (await ids(queue.list()))[0] == item_id
            assert (await queue.batches())[0].batch_id == batch_id
            with pytest.raises(ServerFault):
                await queue.get(item_id)
            with pytest.raises(ServerFault):
                await queue.next()
            assert await queue.by_ids(item_id) == []
            with pytest.raises(QueueBlocked, match=r"nothing goes on\. The queue is blocked by item") as caught:
                await queue.wait_until_idle(30)
            assert (caught.value.blocking_item_id, caught.value.blocking_batch_id) == (item_id, batch_id)
            assert f'server.queue.cancel_batch("{batch_id}")' in str(caught.value)
        finally:
            assert await queue.cancel_batch(batch_id) == 1
        await queue.wait_until_idle(30)

    carried(script)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_queue_of_a_server_with_accounts(accounts: Accounts, kind: str) -> None:
    async def script(client: Any) -> None:
        queue = client.queue
        for forbidden in (queue.pause, queue.resume):
            with pytest.raises(Forbidden, match="Admin"):
                await forbidden()
        own = await client.submit(poster())
        assert [row.batch_id async for row in queue.list(status="pending")] == [own.batch_id, "redacted"]
        assert own.batch_id in {batch.batch_id for batch in await queue.batches()}
        assert not {theirs.batch_id, "redacted"} & {batch.batch_id for batch in await queue.batches()}
        with pytest.raises(NotFound, match="another account's"):
            await queue.batch(theirs.batch_id)
        assert (await queue.get(theirs.item_id)).batch_id == "redacted"
        with pytest.raises(RunRedacted, match="belongs to another account"):
            await queue.job(Poster, theirs.item_id)
        for change in (queue.cancel, queue.delete, queue.retry):
            with pytest.raises(Forbidden):
                await change(theirs.item_id)
        assert await queue.cancel_batch(theirs.batch_id) == 0
        assert (await queue.job(Poster, own.item_id)).batch_id == own.batch_id
        assert await queue.cancel_all_except_current() == 1
        assert await own.refresh() == "canceled"
        again = await queue.retry(own.item_id)
        assert await queue.clear() >= 2
        with pytest.raises(NotFound):
            await queue.get(again[own.item_id])

    with InvokeAI(accounts.url, **accounts.admin) as admin:
        admin.queue.pause()
        try:
            theirs = admin.submit(poster())
            carry_out(kind, accounts.url, script, **accounts.user)
            assert theirs.refresh() == "pending"
            assert admin.queue.cancel(theirs.item_id) == "canceled"
        finally:
            admin.queue.resume()
