"""Answers about a queue that the real server cannot be made to give: strange ones, thousands, and other people's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from generated import Poster

from flowbind.errors import InputError, NotFound, ServerError, UnexpectedReply, WaitTimeout
from flowbind.invokeai.runs.body import body_of

from .both_clients import Script, carry_out
from .fake_server import QUEUE, FakeServer, as_json, item

IDS, ITEMS, SUMMARIES = (f"{QUEUE}/{n}" for n in ("item_ids", "items_by_ids", "item_summaries_by_ids"))
RETRY, STATUS = f"{QUEUE}/retry_items_by_id", f"{QUEUE}/status"
TIME = "2026-11-21 03:42:45.825"
Use = Callable[[Script], Any]


@pytest.fixture(params=["sync", "async"])
def use(request: pytest.FixtureRequest, server: FakeServer) -> Use:
    """Calls a script with a client of a server of 6.14."""
    names = {"item_ids": "get", "items_by_ids": "post", "item_summaries_by_ids": "post"}
    paths = {f"/api/v1/queue/{{queue_id}}/{name}": {method: {}} for name, method in names.items()}
    server.answer("GET", "/openapi.json", as_json({"openapi": "3.1.0", "paths": paths}))
    return lambda script: carry_out(request.param, server.url, script, check="off", events=False)


def rows(item_ids: Iterable[int], **more: Any) -> list[dict[str, Any]]:
    """Return summaries as the server lists them."""
    return [{"item_id": i, "batch_id": "batch", "status": "completed", "created_at": TIME, **more} for i in item_ids]


def queued(server: FakeServer, item_ids: Iterable[int], *pages: Any) -> None:
    """Let the queue have some items, and answer for the summaries of each page."""
    ids = [*item_ids]
    server.answer("GET", IDS, as_json({"item_ids": ids, "total_count": len(ids)}))
    server.answer("POST", SUMMARIES, *map(as_json, pages))


def counts(**more: int) -> Any:
    known = dict.fromkeys(("pending", "in_progress", "waiting", "completed", "failed", "canceled"), 0)
    queue = {"queue_id": "default", **known, "total": sum(more.values()), **more}
    return as_json(
        {"queue": queue, "processor": {"is_started": True, "is_processing": False, "gpus": 2}, "mood": "fine"}
    )


async def ids(found: Any) -> list[int]:
    return [summary.item_id async for summary in found]


def test_thousands_are_read_in_pages_as_they_are_wanted(server: FakeServer, use: Use) -> None:
    # The server's own order is by time, and knows no order within a millisecond.
    queued(server, range(1, 2501), rows(range(2500, 1500, -1)), rows(range(1500, 500, -1)), rows(range(500, 0, -1)))

    async def script(client: Any) -> int:
        async for summary in client.queue.list():
            assert summary.item_id == 2500
            break
        return len(server.sent("POST", SUMMARIES))

    assert use(script) == 1
    queued(server, range(1, 2501), rows(range(2500, 1500, -1)), rows(range(1500, 500, -1)), rows(range(500, 0, -1)))
    server.requests.clear()

    async def everything(client: Any) -> list[int]:
        return await ids(client.queue.list())

    assert use(everything) == list(range(2500, 0, -1))
    asked = [request.json["item_ids"] for request in server.sent("POST", SUMMARIES)]
    assert list(map(len, asked)) == [1000, 1000, 500]
    assert asked[0][0] == 2500


def test_a_page_that_was_deleted_meanwhile_is_not_the_end(server: FakeServer, use: Use) -> None:
    queued(server, range(1, 2501), rows([2500]), [], rows([7]))

    async def script(client: Any) -> list[int]:
        return await ids(client.queue.list())

    assert use(script) == [2500, 7]


def test_items_of_another_queue_are_left_out(server: FakeServer, use: Use) -> None:
    """Before 6.7 later pages have them: the server's condition lacks parentheses."""
    paths = {"/api/v1/queue/{queue_id}/list": {"get": {}}}
    server.answer("GET", "/openapi.json", as_json({"openapi": "3.1.0", "paths": paths}))
    pages = [rows([1]), rows([2], queue_id="mine"), rows([3], queue_id="default")]
    answers = [as_json({"limit": 1, "has_more": n < 3, "items": page}) for n, page in enumerate(pages, start=1)]
    server.answer("GET", f"{QUEUE}/list", *answers)

    async def script(client: Any) -> list[int]:
        return await ids(client.queue.list())

    assert use(script) == [3, 1]


def test_unknown_words_and_fields_are_what_they_are(server: FakeServer, use: Use) -> None:
    strange = rows([3], status="dreaming", dreams_of="sheep") + rows([2, 1], batch_id="redacted", status="pending")
    queued(server, [1, 2, 3], strange)
    server.answer("GET", STATUS, counts(dreaming=1))
    server.answer("GET", f"{QUEUE}/current", as_json(item("dreaming", dreams_of="sheep")))

    async def script(client: Any) -> None:
        queue = client.queue
        (summary,) = [summary async for summary in queue.list(status="dreaming")]
        assert summary.model_extra == {"dreams_of": "sheep"}
        (batch,) = await queue.batches()
        assert (batch.total, batch.pending, batch.model_extra) == (1, 0, {"dreaming": 1})
        status = await queue.status()
        assert (status.queue.model_extra, status.model_extra) == ({"dreaming": 1}, {"mood": "fine"})
        current = await queue.current()
        assert (current.status, current.model_extra) == ("dreaming", {"dreams_of": "sheep"})
        # Nobody knows whether that is an end: it is none.
        with pytest.raises(WaitTimeout, match="1 items have not ended; wait again"):
            await queue.wait_until_idle(0.05)

    use(script)


@pytest.mark.parametrize("answer", [{"items": []}, [7], [{"item_id": "7"}], [{"item_id": True}], None])
def test_a_list_that_is_none(server: FakeServer, use: Use, answer: Any) -> None:
    queued(server, [7], answer)

    async def script(client: Any) -> None:
        for listing in (client.queue.list(), client.queue.list(status="failed")):
            with pytest.raises(UnexpectedReply, match="list of queue items is none"):
                await ids(listing)
        with pytest.raises(UnexpectedReply):
            await client.queue.batches()

    use(script)


def test_the_queue_is_away_for_a_moment(server: FakeServer, use: Use) -> None:
    server.answer("GET", STATUS, counts(pending=1), as_json({"detail": "busy"}, 503), counts(completed=1))
    heard: list[Any] = []

    async def script(client: Any) -> Any:
        return await client.queue.wait_until_idle(10, progress=heard.append)

    assert use(script).queue.completed == 1
    assert [status.queue.pending for status in heard] == [1, 0]


def retried(pairs: Iterable[tuple[int, int | None]]) -> list[dict[str, Any]]:
    return [item("pending") | {"item_id": new, "retried_from_item_id": old} for new, old in pairs]


def before_and_after(server: FakeServer, taken: list[int], made: list[tuple[int, int | None]]) -> None:
    """Let the server retry some items, after which its queue has others, each with what it is from."""
    new = [pair[0] for pair in made]
    server.answer(
        "GET",
        IDS,
        as_json({"item_ids": [5, 6, 7], "total_count": 3}),
        as_json({"item_ids": [5, 6, 7, *new], "total_count": 0}),
    )
    server.answer("PUT", RETRY, as_json({"queue_id": "default", "retried_item_ids": taken}))
    server.answer("POST", ITEMS, as_json(retried(made)))


def test_retries_among_those_of_others(server: FakeServer, use: Use) -> None:
    # 20 was queued meanwhile, 21 is somebody's retry of another item, 24 somebody's retry of the same.
    before_and_after(server, [6, 5], [(20, None), (21, 7), (22, 6), (23, 5), (24, 6)])

    async def script(client: Any) -> Any:
        return await client.queue.retry(6, 5, 6)

    assert use(script) == {6: 22, 5: 23}
    assert [request.json for request in server.sent("PUT", RETRY)] == [[6, 5]]


def test_a_retry_that_is_gone_at_once(server: FakeServer, use: Use) -> None:
    before_and_after(server, [6, 5], [(22, 6)])

    async def script(client: Any) -> Any:
        with pytest.raises(NotFound, match="has retried the items 5, but its queue does not have the new ones"):
            await client.queue.retry(6, 5)

    use(script)
    assert len(server.sent("PUT", RETRY)) == 1


def test_nothing_that_can_be_retried(server: FakeServer, use: Use) -> None:
    before_and_after(server, [], [])

    async def script(client: Any) -> Any:
        return await client.queue.retry(7)

    assert use(script) == {}
    assert not server.sent("POST", ITEMS)


@pytest.mark.parametrize(
    "session",
    [{}, {"graph": None}, {"graph": {"nodes": []}}, {"graph": {"nodes": {"a": None}}}, {"graph": {"nodes": {"a": {}}}}],
)
def test_an_item_of_another_shape_is_no_run_of_a_class(server: FakeServer, use: Use, session: Any) -> None:
    name = "Po\u202etser\n" + "x" * 200
    server.answer("GET", f"{QUEUE}/i/7", as_json(item(session=session, workflow={"name": name})))

    async def script(client: Any) -> str:
        with pytest.raises(InputError) as caught:
            await client.queue.job(Poster, 7)
        return str(caught.value)

    said = use(script)
    assert said.isprintable()
    assert len(said) < 300


def test_a_server_that_refuses_is_not_an_old_one(server: FakeServer, use: Use) -> None:
    server.answer("DELETE", f"{QUEUE}/i/7", as_json({"detail": "Queue is locked"}, 409))

    async def script(client: Any) -> None:
        with pytest.raises(ServerError, match="Queue is locked"):
            await client.queue.delete(7)

    use(script)


def test_the_nodes_of_a_class_are_known(server: FakeServer, use: Use) -> None:
    nodes = {node: {"id": node, "type": kind} for node, kind in body_of(Poster).node_types.items()}
    server.answer("GET", f"{QUEUE}/i/7", as_json(item("canceled", {"graph": {"nodes": nodes}})))

    async def script(client: Any) -> Any:
        job = await client.queue.job(Poster, 7)
        return job.status, job.drawn

    # Without a number in its place there is none to tell.
    assert use(script) == ("canceled", {})
