"""The queue and the history of a ComfyUI: what is in them, and canceling one prompt and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from flowbind.comfyui import HistoryItem, QueueStatus
from flowbind.errors import NotFound, NotTheApi, ServerFault, UnexpectedReply

from ..both_clients import Script
from ..fake_server import Answer, FakeServer, as_json
from .parts import NOTHING, carry_out

PROMPT = {"1": {"class_type": "EmptyImage", "inputs": {}}}
INTERRUPTED = ["execution_interrupted", {"prompt_id": "a", "timestamp": 3000}]
DONE = Answer(b"", 200, "text/plain")
NO_SUCH_PATH = Answer(b"405: Method Not Allowed", 405, "text/plain")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Yield a server that has nothing to do, and has done nothing."""
    with FakeServer() as running:
        running.answer("GET", "/queue", queue())
        running.answer("GET", "/history/a", as_json({}))
        yield running


@pytest.fixture(params=["sync", "async"])
def carried(server: FakeServer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with both clients."""
    return lambda script: carry_out(request.param, server.url, script)


def entry(item_id: Any = "a", number: Any = 1, **extra: Any) -> list[Any]:
    """Return an entry of the queue."""
    return [number, item_id, PROMPT, extra, ["1"]]


def queue(running: list[Any] | None = None, pending: list[Any] | None = None) -> Answer:
    """Return the answer of `GET /queue`."""
    return as_json({"queue_running": running or [], "queue_pending": pending or []})


def history(word: str | None = "success", *messages: Any) -> Answer:
    """Return the answer of `GET /history/a`."""
    status = None if word is None else {"status_str": word, "completed": word == "success", "messages": [*messages]}
    return as_json({"a": {"prompt": entry(), "outputs": {"1": {"images": []}}, "status": status, "meta": {}}})


def changes(server: FakeServer) -> list[tuple[str, Any]]:
    """Return what the server was asked to change."""
    return [(r.path, r.json if r.body else None) for r in server.sent("POST")]


async def listed(client: Any) -> Any:
    return await client.queue.list()


async def canceled(client: Any) -> Any:
    return await client.queue.cancel("a")


async def got(client: Any) -> Any:
    return await client.queue.get("a")


def test_the_queue_is_in_the_order_of_its_turns(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    waiting = [entry("c", 7), entry("b", -3, client_id="me", create_time=1795230071797), entry("d", 8.5)]
    server.answer("GET", "/queue", queue([entry("a", 9)], waiting))
    server.answer("GET", "/prompt", as_json({"exec_info": {"queue_remaining": 4}}))

    async def counted(client: Any) -> Any:
        return [await client.queue.status(), await client.queue.remaining()]

    items = carried(listed)
    assert [(item.item_id, item.number, item.status) for item in items] == [
        ("a", 9, "in_progress"),
        ("b", -3, "pending"),
        ("c", 7, "pending"),
        ("d", 8.5, "pending"),
    ]
    assert (items[1].client_id, items[0].client_id) == ("me", None)
    assert items[1].created_at == datetime(2026, 11, 21, 3, 1, 11, 797000, UTC)
    assert items[1].prompt == PROMPT
    assert carried(counted) == [QueueStatus(pending=3, in_progress=1), 4]


ODD_ENTRIES = (None, "abc", [], [1], ["a", 1], ["1", "a"], [True, "a"], [1, {}], [{}, "a"], [10**400, "a"])


@pytest.mark.parametrize(
    "document",
    [
        *(None, [], {}, {"queue_running": {}, "queue_pending": []}),
        *({"queue_running": [odd], "queue_pending": []} for odd in ODD_ENTRIES),
    ],
)
def test_an_odd_queue_is_none(server: FakeServer, carried: Callable[[Script], Any], document: object) -> None:
    server.answer("GET", "/queue", as_json(document))
    with pytest.raises(UnexpectedReply):
        carried(listed)


@pytest.mark.parametrize("time", [True, "1", None, 1e300, -1e300, [], 10**400])
def test_odd_members_are_left_out(server: FakeServer, carried: Callable[[Script], Any], time: object) -> None:
    server.answer("GET", "/queue", queue([[1, "a", None, {"create_time": time, "client_id": 5}]], [[2, "b"]]))
    first, second = carried(listed)
    assert (first.created_at, first.client_id, first.prompt) == (None, None, {})
    assert second.extra_data == {}


STARTED = ["execution_start", {"prompt_id": "a", "timestamp": 1000}]
ENDED = ["execution_success", {"prompt_id": "a", "timestamp": 2500}]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (history("success", STARTED, ENDED), "completed"),
        (history("error", STARTED, ["execution_error", {"timestamp": 2500}]), "failed"),
        (history("error", STARTED, ["execution_interrupted", {"timestamp": 2500}]), "canceled"),
        (history(None), "completed"),
        (history("error", None, 5, [], [1, 2], ["execution_start"], [{}, {}], ["x", None]), "failed"),
    ],
)
def test_what_has_ended(server: FakeServer, carried: Callable[[Script], Any], answer: Answer, status: str) -> None:
    server.answer("GET", "/history/a", answer)
    item = carried(got)
    assert isinstance(item, HistoryItem)
    assert item.status == status
    if item.started_at:
        assert (item.started_at.timestamp(), item.ended_at and item.ended_at.timestamp()) == (1, 2.5)
    assert item.outputs == {"1": {"images": []}}


# Canceling.


def test_where_the_server_can_cancel_it_does(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", "/api/jobs/a/cancel", as_json({"cancelled": True}))
    server.answer("GET", "/queue", queue([entry("b")], [entry("a")]), queue([entry("b")]))
    assert carried(canceled) == "canceled"
    assert changes(server) == [("/api/jobs/a/cancel", None)]


@pytest.mark.parametrize("answer", [NO_SUCH_PATH, NOTHING])
def test_what_waits_is_deleted_in_older_releases(
    server: FakeServer, carried: Callable[[Script], Any], answer: Answer
) -> None:
    server.answer("POST", "/api/jobs/a/cancel", answer)
    server.answer("POST", "/queue", DONE)
    server.answer("GET", "/queue", queue([entry("b")], [entry("a")]), queue([entry("b")]))
    assert carried(canceled) == "canceled"
    assert changes(server) == [("/api/jobs/a/cancel", None), ("/queue", {"delete": ["a"]})]


def test_what_runs_is_interrupted_and_nothing_else(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", "/api/jobs/a/cancel", NO_SUCH_PATH)
    server.answer("POST", "/queue", DONE)
    server.answer("POST", "/interrupt", DONE)
    server.answer("GET", "/queue", queue([], [entry("a")]), queue([entry("a")]), queue([]))
    server.answer("GET", "/history/a", history("error", INTERRUPTED))
    assert carried(canceled) == "canceled"
    assert changes(server)[1:] == [("/queue", {"delete": ["a"]}), ("/interrupt", {"prompt_id": "a"})]
    # Until its next step it runs on.
    server.answer("GET", "/queue", queue([entry("a")]))
    assert carried(canceled) == "in_progress"


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_what_has_ended_stays_as_it_is(server: FakeServer, carried: Callable[[Script], Any], status: str) -> None:
    messages = [INTERRUPTED] if status == "canceled" else []
    server.answer("GET", "/history/a", history("success" if status == "completed" else "error", *messages))
    assert carried(canceled) == status
    assert not changes(server)


def test_what_ends_meanwhile_is_told(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", "/api/jobs/a/cancel", as_json({"cancelled": False}))
    server.answer("GET", "/queue", queue([entry("a")]), queue([]))
    server.answer("GET", "/history/a", history())
    assert carried(canceled) == "completed"


def test_what_is_nowhere_is_not_canceled(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", "/queue", queue([entry("b")], [entry("c")]))
    for script in (canceled, got):
        with pytest.raises(NotFound, match="has no prompt 'a' in its queue or history"):
            carried(script)
    assert not changes(server)


def test_a_server_that_fails_at_it(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", "/queue", queue([entry("a")]))
    for answer, error in ((Answer(b"", 500, "text/plain"), ServerFault), (Answer(b"<p>", 200, "text/html"), NotTheApi)):
        server.answer("POST", "/api/jobs/a/cancel", answer)
        with pytest.raises(error):
            carried(canceled)
    assert {path for path, _ in changes(server)} == {"/api/jobs/a/cancel"}


def test_only_what_runs_is_interrupted(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", "/queue", queue([entry("b")], [entry("a")]), queue([entry("a")]))
    server.answer("POST", "/interrupt", DONE)

    async def script(client: Any) -> Any:
        return [await client.queue.interrupt("a"), await client.queue.interrupt("a")]

    assert carried(script) == [False, True]
    assert changes(server) == [("/interrupt", {"prompt_id": "a"})]


def test_what_is_cleared_and_deleted(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("POST", "/queue", DONE)
    server.answer("POST", "/history", DONE)

    async def script(client: Any) -> None:
        await client.queue.clear()
        await client.history.delete("a")
        await client.history.clear()

    carried(script)
    assert changes(server) == [
        ("/queue", {"clear": True}),
        ("/history", {"delete": ["a"]}),
        ("/history", {"clear": True}),
    ]


# The history.


def test_the_newest_of_the_history_comes_first(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    ended = {name: {"prompt": entry(name), "outputs": {}, "status": None} for name in "abc"}
    server.answer("GET", "/history", as_json(ended))

    async def script(client: Any) -> Any:
        return [await client.history.list(), await client.history.list(3, offset=5)]

    newest, others = carried(script)
    assert [item.item_id for item in newest] == ["c", "b", "a"] == [item.item_id for item in others]
    assert [r.query for r in server.sent("GET", "/history")] == ["max_items=100", "max_items=3&offset=5"]

    async def nothing(client: Any) -> None:
        await client.history.list(0)

    with pytest.raises(ValueError, match="at least one item"):
        carried(nothing)


def test_what_the_history_does_not_have(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    async def script(client: Any) -> None:
        await client.history.get("a")

    with pytest.raises(NotFound, match="no prompt 'a' in its history"):
        carried(script)
    server.answer("GET", "/history/a", as_json({"a": {"outputs": {}}}))
    with pytest.raises(UnexpectedReply):
        carried(script)
