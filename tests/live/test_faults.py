"""Faults between the client and the real server: no run is queued twice, none is lost from sight, no wait hangs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from generated import GrainStudy, Poster
from tests.behaviour.both_clients import carry_out

from flowbind.errors import (
    ConnectionBroken,
    ServerUnreachable,
    SubmitUncertain,
    UnexpectedReply,
    WaitTimeout,
)
from flowbind.invokeai import InvokeAI
from flowbind.invokeai.queue import pages
from flowbind.invokeai.runs import enqueue
from flowbind.transport.steps import Operation
from live_tools import QUEUE, Live
from misbehaving_proxy import Fault, MisbehavingProxy

pytestmark = pytest.mark.timeout(120)

ENQUEUE, ITEM, FULL = f"{QUEUE}/enqueue_batch", f"{QUEUE}/i/", "/full$"
LONG = 60.0
AFTER_WORK: list[Fault] = ["swallow", "cut", "500", "page"]


@pytest.fixture
def proxy(live: Live) -> Iterator[MisbehavingProxy]:
    """A proxy before the server."""
    with MisbehavingProxy(live.url) as made:
        yield made


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients."""
    return str(request.param)


def poster() -> Poster:
    """Return a run that takes no time."""
    return Poster(width=64, height=64)


def queued_since(live: Live, before: int) -> list[int]:
    """Return the items that were queued after another, in order."""
    return sorted(i for i in live.call("GET", f"{QUEUE}/item_ids")["item_ids"] if i > before)


def size_of(live: Live, batch_id: str) -> int:
    """Return how many items the queue has of a batch."""
    return int(live.call("GET", f"{QUEUE}/b/{batch_id}/status")["total"])


@pytest.mark.parametrize("fault", AFTER_WORK)
def test_a_run_whose_answer_is_lost_comes_back(live: Live, proxy: MisbehavingProxy, kind: str, fault: Fault) -> None:
    before = live.newest_item()
    proxy.on("POST", ENQUEUE, fault)

    async def run(client: Any) -> Any:
        job = await client.submit(poster())
        assert [job.item_id] == queued_since(live, before)
        assert size_of(live, job.batch_id) == 1
        return job.item_id, await job.wait(LONG)

    item_id, result = carry_out(kind, proxy.url, run)
    assert [f for _, _, f in proxy.faults] == [fault]
    assert result.item_id == item_id
    assert live.item(item_id)["status"] == "completed"
    assert queued_since(live, before) == [item_id]


@pytest.mark.parametrize("fault", ["swallow", "500"])
def test_a_batch_whose_answer_is_lost_comes_back_in_its_order(
    live: Live, proxy: MisbehavingProxy, kind: str, fault: Fault
) -> None:
    before = live.newest_item()
    proxy.on("POST", ENQUEUE, fault)
    study = GrainStudy(amounts=[0.1, 0.2], seeds=[1, 2, 3], softness=[0.0, 1.0, 2.0])

    async def run(client: Any) -> Any:
        job = await client.submit(study)
        assert list(job.item_ids) == queued_since(live, before)
        return await job.wait(LONG)

    results = carry_out(kind, proxy.url, run)
    found = [(r.varied["amounts"], r.varied["seeds"], r.varied["softness"]) for r in results]
    assert found == [(a, s, float(s - 1)) for a in (0.1, 0.2) for s in (1, 2, 3)]
    assert len(queued_since(live, before)) == 6


@pytest.mark.parametrize("path", ["item_summaries_by_ids", "items_by_ids"])
def test_both_lists_of_the_real_server_give_the_runs(live: Live, path: str) -> None:
    """The second is what servers of 6.7 to 6.13 have alone."""

    def supports(_method: str, asked: str) -> Operation[bool]:
        yield from ()
        return asked.endswith(f"/{path}")

    with InvokeAI(live.url) as client, live.paused():
        job = client.submit(GrainStudy(amounts=[0.1], seeds=[1, 2], softness=[0.0, 1.0]))
        others = [client.submit(poster()) for _ in range(30)]
        rows = client.perform(pages.rows_of_batch(job.batch_id, 2, supports))
        assert tuple(row["item_id"] for row in rows) == job.item_ids
        for other in (job, *others):
            other.cancel()


def test_an_answer_slower_than_the_clients_time_out(live: Live, proxy: MisbehavingProxy, kind: str) -> None:
    before = live.newest_item()
    proxy.on("POST", ENQUEUE, "delay", seconds=30)

    async def run(client: Any) -> Any:
        job = await client.submit(poster())
        assert size_of(live, job.batch_id) == 1
        return await job.wait(LONG)

    result = carry_out(kind, proxy.url, run, timeout=3.0)
    assert queued_since(live, before) == [result.item_id]


def test_a_request_that_never_arrives_is_uncertain_and_not_repeated(
    live: Live, proxy: MisbehavingProxy, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enqueue, "_BROKEN", 1.0)
    before = live.newest_item()
    proxy.on("POST", ENQUEUE, "drop")

    async def run(client: Any) -> Any:
        with pytest.raises(SubmitUncertain, match="the queue had nothing of it") as caught:
            await client.submit(poster())
        return caught.value.batch_id

    assert size_of(live, carry_out(kind, proxy.url, run)) == 0
    assert queued_since(live, before) == []
    assert len([r for r in proxy.requests if r == ("POST", ENQUEUE)]) == 1


def test_nobody_at_the_address_for_a_while(live: Live, proxy: MisbehavingProxy, kind: str) -> None:
    before = live.newest_item()

    async def run(client: Any) -> Any:
        with proxy.refusing(), pytest.raises(ServerUnreachable):
            await client.submit(poster())
        return await client.run(poster(), timeout=LONG)

    assert [carry_out(kind, proxy.url, run).item_id] == queued_since(live, before)


@pytest.mark.parametrize("fault", ["cut", "swallow"])
def test_a_download_that_breaks_leaves_nothing_and_can_be_repeated(
    live: Live, proxy: MisbehavingProxy, kind: str, fault: Fault, tmp_path: Path
) -> None:
    async def run(client: Any) -> Any:
        image = (await client.run(Poster(width=512, height=512), timeout=LONG)).outputs.image
        proxy.on("GET", FULL, fault)
        with pytest.raises(ConnectionBroken):
            await client.images.save(image, tmp_path / "poster.png")
        assert list(tmp_path.iterdir()) == []
        await client.images.save(image, tmp_path / "poster.png")
        return image.name

    name = carry_out(kind, proxy.url, run)
    assert [f for _, _, f in proxy.faults] == [fault]
    with InvokeAI(live.url) as direct:
        assert (tmp_path / "poster.png").read_bytes() == direct.images.bytes(name)
    assert [p.name for p in tmp_path.iterdir()] == ["poster.png"]


@pytest.mark.parametrize("fault", ["swallow", "cut", "500", "drop"])
def test_a_wait_bears_broken_answers(live: Live, proxy: MisbehavingProxy, kind: str, fault: Fault) -> None:
    before = live.newest_item()

    async def run(client: Any) -> Any:
        job = await client.submit(poster())
        proxy.on("GET", f"{ITEM}{job.item_id}$", fault, times=3)
        return await job.wait(LONG)

    result = carry_out(kind, proxy.url, run, events=False)
    assert proxy.faults[0][2] == fault
    assert queued_since(live, before) == [result.item_id]


def test_a_wait_bears_slow_answers(live: Live, proxy: MisbehavingProxy, kind: str) -> None:
    """Slower than the client's time-out, and slow within it."""
    before = live.newest_item()

    async def run(client: Any) -> Any:
        job = await client.submit(poster())
        proxy.on("GET", f"{ITEM}{job.item_id}$", "delay", times=1, seconds=30)
        proxy.on("GET", f"{ITEM}{job.item_id}$", "delay", times=2, seconds=0.5)
        return await job.wait(LONG)

    result = carry_out(kind, proxy.url, run, timeout=2.0, events=False)
    assert queued_since(live, before) == [result.item_id]


def test_a_wait_ends_in_time_though_every_answer_is_slow(live: Live, proxy: MisbehavingProxy, kind: str) -> None:
    async def run(client: Any) -> Any:
        with live.paused():
            job = await client.submit(poster())
            proxy.on("GET", f"{ITEM}{job.item_id}$", "delay", times=50, seconds=0.3)
            with pytest.raises(WaitTimeout):
                await job.wait(1.0)
        return await job.wait(LONG)

    assert carry_out(kind, proxy.url, run, events=False).outputs.image


def test_a_web_page_in_place_of_an_answer_is_told_and_the_run_stays_in_sight(
    live: Live, proxy: MisbehavingProxy, kind: str
) -> None:
    before = live.newest_item()

    async def run(client: Any) -> Any:
        job = await client.submit(poster())
        proxy.on("GET", f"{ITEM}{job.item_id}$", "page")
        with pytest.raises(UnexpectedReply, match="web page"):
            await job.wait(LONG)
        return await job.wait(LONG)

    assert [carry_out(kind, proxy.url, run, events=False).item_id] == queued_since(live, before)


def test_a_server_out_of_reach_for_a_while_is_waited_for(live: Live, proxy: MisbehavingProxy) -> None:
    with InvokeAI(proxy.url) as client, ThreadPoolExecutor() as threads:
        with live.paused():
            job = client.submit(poster())
            waiting = threads.submit(job.wait, LONG)
            with proxy.refusing(), pytest.raises(TimeoutError):
                waiting.result(2)
        assert waiting.result(LONG).item_id == job.item_id


def test_websockets_that_are_cut_while_a_run_is_waited_for(live: Live, proxy: MisbehavingProxy) -> None:
    """A client that hears of its runs hears again, or asks; one that only asks does not notice."""
    with InvokeAI(proxy.url) as client, ThreadPoolExecutor() as threads:
        with live.paused():
            jobs = [client.submit(poster()) for _ in range(3)]
            waiting = [threads.submit(job.wait, LONG) for job in jobs]
            with pytest.raises(TimeoutError):
                waiting[0].result(0.5)
            cut = proxy.cut_websockets()
        assert [wait.result(LONG).item_id for wait in waiting] == [job.item_id for job in jobs]
    assert cut in (0, 1)
