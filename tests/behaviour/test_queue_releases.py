"""The queue of older releases: lists of another kind, and what they cannot do is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from generated import ContactSheet, Poster

from flowbind.errors import InputError, NotFound, NotTheApi, RunFailed

from .both_clients import Script
from .playing import Case, cases, name_of
from .spec_server import SpecServer
from .test_releases import FAULT, batch_of

OLD = ("5.0.2", "5.8.1", "6.0.2", "6.5.1", "6.8.1", "6.13.8")
Use = Callable[[Script], Any]


@pytest.fixture(params=cases(*OLD), ids=name_of)
def case(request: pytest.FixtureRequest) -> Case:
    """A release and a client."""
    found: Case = request.param
    return found


def has(played: SpecServer, method: str, name: str) -> bool:
    return played.document.has(f"/api/v1/queue/{{queue_id}}/{name}", method)


async def ids(found: Any) -> list[int]:
    return [item.item_id async for item in found]


def test_the_list_begins_with_the_newest(played: SpecServer, use: Use) -> None:
    played.queue_others(130)
    played.queue_others(2, priority=1)

    async def script(client: Any) -> None:
        job = await client.submit(ContactSheet())
        assert await ids(client.queue.list()) == list(range(133, 0, -1))
        assert await ids(client.queue.list(oldest_first=True)) == list(range(1, 134))
        for wanted in ({"batch_id": job.batch_id}, {"destination": "gallery"}, {"origin": "flowbind"}):
            assert await ids(client.queue.list(**wanted)) == [133]
        await job.cancel()
        assert await ids(client.queue.list(status="canceled")) == [133]
        async for summary in client.queue.list():
            assert summary.batch_id == job.batch_id
            assert not {"session", "workflow"} & (summary.model_extra or {}).keys()
            break
        first, second = await client.queue.batches()
        assert (first.batch_id, first.canceled, first.total) == (job.batch_id, 1, 1)
        assert (second.batch_id, second.pending, second.total) == ("other", 132, 132)
        assert (await client.queue.batch("other")).pending == 132
        with pytest.raises(NotFound):
            await client.queue.batch("nothing")

    use(script)


def test_the_first_page_is_enough_where_ids_are_told(played: SpecServer, use: Use) -> None:
    played.queue_others(130)

    async def script(client: Any) -> None:
        async for summary in client.queue.list():
            assert summary.item_id == 130
            break

    use(script)
    lists = [r.path.rpartition("/")[2] for r in played.requests if r.path != "/openapi.json"]
    assert lists == (["list"] * 2 if has(played, "get", "list") else ["item_ids", "items_by_ids"])


def test_items_and_counts(played: SpecServer, use: Use) -> None:
    played.queue_others(3)
    played.held = True

    async def script(client: Any) -> None:
        queue = client.queue
        assert [item.item_id for item in await queue.by_ids(3, 99, 1)] == [3, 1]
        assert (await queue.get(2)).batch_id == "other"
        assert (await queue.next()).item_id == 1
        assert await queue.current() is None
        status = await queue.status()
        assert (status.queue.pending, status.processor.is_started) == (3, False)
        await client.submit(ContactSheet())
        assert (await queue.counts("gallery")).pending == 1
        assert await queue.cancel_destination("gallery") == 1
        assert await queue.cancel_batch("other", "nothing") == 3
        assert (await queue.resume()).is_started
        assert (await queue.wait_until_idle(10)).queue.canceled == 4
        assert not (await queue.pause()).is_started
        assert await queue.prune() == 4
        assert await queue.clear() == 0

    use(script)


@pytest.mark.parametrize(
    ("method", "path", "release", "call"),
    [
        ("delete", "i/{item_id}", "6.0", lambda queue: queue.delete(1)),
        ("delete", "d/{destination}", "6.0", lambda queue: queue.delete_destination("other")),
        ("put", "delete_all_except_current", "6.0", lambda queue: queue.delete_all_except_current()),
        ("put", "cancel_all_except_current", "5.6", lambda queue: queue.cancel_all_except_current()),
        ("put", "retry_items_by_id", "5.7", lambda queue: queue.retry(1)),
    ],
)
def test_what_a_release_cannot_do_is_said(
    played: SpecServer, use: Use, method: str, path: str, release: str, call: Callable[[Any], Any]
) -> None:
    played.queue_others(1)

    async def script(client: Any) -> Any:
        return await call(client.queue)

    if has(played, method, path):
        use(script)
        return
    with pytest.raises(NotTheApi, match=rf"The server cannot .*: that takes InvokeAI {release} or later\."):
        use(script)
    assert played.runs[1].status == "pending"


def test_retries_are_found(played: SpecServer, use: Use) -> None:
    played.error = FAULT

    async def script(client: Any) -> None:
        queue = client.queue
        with pytest.raises(RunFailed) as caught:
            await client.run(ContactSheet(), timeout=20)
        failed = caught.value.item_id
        if not has(played, "put", "retry_items_by_id"):
            with pytest.raises(NotTheApi):
                await queue.retry(failed)
            return
        played.queue_others(30)
        found = await queue.retry(failed, 1000)
        assert found == {failed: 32}
        await queue.cancel(32)
        played.queue_others(1)
        assert await queue.retry(32, failed) == {32: 35, failed: 34}
        assert (await (await queue.job(ContactSheet, 34)).wait(20)).item_id == 34

    use(script)


def test_jobs_of_another_program(played: SpecServer, use: Use) -> None:
    study = batch_of(played)
    played.queue_others(130)

    async def script(client: Any) -> None:
        alone = await client.queue.job(ContactSheet, (await client.submit(ContactSheet())).item_id)
        assert (await alone.wait(20)).item_id == 131
        with pytest.raises(InputError, match="made from"):
            await client.queue.job(Poster, 131)
        theirs = await client.submit(study())
        batch = await client.queue.batch_job(study, theirs.batch_id)
        assert batch.item_ids == theirs.item_ids
        assert [result.item_id for result in await batch.wait(20)] == list(theirs.item_ids)
        first = await client.submit_many([ContactSheet(count=n) for n in (1, 2, 3)])
        many = await client.queue.batch_job(ContactSheet, *first.batch_ids)
        assert many.item_ids == first.item_ids
        assert [result.item_id for result in await many.wait(20)] == list(first.item_ids)

    use(script)
