"""A lost or strange answer to a submit: the queue is asked, and nothing is ever sent twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from generated import GrainStudy, Poster

from flowbind.errors import Refused, ServerFault, SubmitUncertain, Unauthorized, UnexpectedReply
from flowbind.invokeai import InvokeAI
from flowbind.invokeai.runs import enqueue, recovery
from flowbind.transport import patience

from .batches import status
from .conftest import Runner
from .fake_server import ENQUEUE, HANG_UP, QUEUE, Answer, FakeServer, as_json, enqueued

BATCH = str(uuid.UUID(int=7))
STATUS = f"{QUEUE}/b/{BATCH}/status"
LIST, IDS, ITEMS, SUMMARIES = (f"{QUEUE}/{n}" for n in ("list", "item_ids", "items_by_ids", "item_summaries_by_ids"))
OWN_FAULT = as_json({"detail": "Unexpected error while enqueuing batch: database is locked"}, 500)
PLAIN_FAULT = Answer(b"Internal Server Error", 500, "text/plain; charset=utf-8")
PAGE = b"<html>Bad gateway"
PROXY_FAULTS = [Answer(PAGE, code, "text/html") for code in (500, 502, 503, 504)]
CUT = Answer(b'{"item_ids": [7]}' + b" " * 100, cut=12)


def has(server: FakeServer, total: int, *before: int) -> None:
    """Let the server say how many items its queue has of the batch, after other answers."""
    server.answer("GET", STATUS, *(as_json(status(pending=n)) for n in (*before, total)))


def offers(server: FakeServer, *names: str) -> None:
    """Let the server's document have some paths of the queue."""
    methods = {"list": "get", "item_ids": "get", "items_by_ids": "post", "item_summaries_by_ids": "post"}
    paths = {f"/api/v1/queue/{{queue_id}}/{name}": {methods[name]: {}} for name in names}
    server.answer("GET", "/openapi.json", as_json({"openapi": "3.1.0", "paths": paths}))


def listed(item_ids: Iterable[int], batch_id: str = BATCH, **more: Any) -> list[dict[str, Any]]:
    """Return items as the server lists them."""
    return [{"item_id": i, "batch_id": batch_id, "priority": 0, "status": "pending", **more} for i in item_ids]


@pytest.fixture(autouse=True)
def batch_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch has the same id, and time is short."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(BATCH))
    for module in (recovery, patience):
        monkeypatch.setattr(module, "PAUSE", 0.01)
    for module, name in ((patience, "_AWAY"), (enqueue, "_BROKEN"), (enqueue, "_SLOW")):
        monkeypatch.setattr(module, name, 0.2)


@pytest.fixture
def newest(server: FakeServer) -> FakeServer:
    """A server of 6.14, whose queue has another batch and items 5 and 7 of other accounts; item 6 is ours."""
    offers(server, "item_ids", "items_by_ids", "item_summaries_by_ids")
    server.answer("GET", IDS, as_json({"item_ids": [4, 5, 6, 7], "total_count": 4}))
    mixed = [*listed([7, 5], "redacted"), *listed([6]), *listed([4], "other")]
    server.answer("POST", SUMMARIES, as_json(mixed))
    return server


def sent_once(server: FakeServer) -> bool:
    return len(server.sent("POST", ENQUEUE)) == 1


@pytest.mark.parametrize("answer", [HANG_UP, CUT, OWN_FAULT, PLAIN_FAULT, *PROXY_FAULTS])
def test_what_is_queued_is_found_whatever_became_of_the_answer(
    newest: FakeServer, runner: Runner, answer: Answer
) -> None:
    newest.answer("POST", ENQUEUE, answer)
    has(newest, 1)
    assert runner.submit(Poster()) == (6, BATCH)
    assert sent_once(newest)


def test_a_slow_answer_is_not_waited_for_twice(newest: FakeServer) -> None:
    newest.answer("POST", ENQUEUE, Answer(enqueued().body, seconds=1))
    has(newest, 1)
    with InvokeAI(newest.url, timeout=0.2, check="off") as client:
        assert client.submit(Poster()).item_id == 6
    assert sent_once(newest)


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"ok"', b"{broken", b'{"item_ids": 7}', b'{"item_ids": ["x"]}', b'{"enqueued": "x"}']
)
def test_a_strange_answer_is_looked_into(newest: FakeServer, runner: Runner, body: bytes) -> None:
    newest.answer("POST", ENQUEUE, Answer(body))
    has(newest, 1)
    assert runner.submit(Poster()) == (6, BATCH)
    assert sent_once(newest)


@pytest.mark.parametrize("answer", [Answer(b"[]"), Answer(b"{broken"), Answer(PAGE, media_type="text/html")])
def test_a_strange_answer_and_nothing_queued(newest: FakeServer, runner: Runner, answer: Answer) -> None:
    newest.answer("POST", ENQUEUE, answer)
    has(newest, 0)
    with pytest.raises(UnexpectedReply, match=r"Poster was not queued: .*The queue has nothing of batch"):
        runner.submit(Poster())
    assert sent_once(newest)


def test_a_server_that_is_still_at_it(newest: FakeServer, runner: Runner) -> None:
    newest.answer("POST", ENQUEUE, HANG_UP)
    has(newest, 1, 0, 0, 0)
    assert runner.submit(Poster()) == (6, BATCH)
    assert len(newest.sent("GET", STATUS)) == 4


def test_a_server_that_starts_again(newest: FakeServer, runner: Runner) -> None:
    newest.answer("POST", ENQUEUE, HANG_UP)
    found = as_json(status(completed=1))
    newest.answer("GET", STATUS, HANG_UP, HANG_UP, as_json({"detail": "starting"}, 503), found)
    newest.answer("GET", IDS, OWN_FAULT, as_json({"item_ids": [6], "total_count": 1}))
    assert runner.submit(Poster()) == (6, BATCH)
    assert sent_once(newest)


@pytest.mark.parametrize("answer", [OWN_FAULT, PLAIN_FAULT])
def test_the_servers_own_fault_and_nothing_queued(newest: FakeServer, runner: Runner, answer: Answer) -> None:
    newest.answer("POST", ENQUEUE, answer)
    has(newest, 0)
    with pytest.raises(ServerFault, match=r"Poster was not queued: .*The queue has nothing of batch") as caught:
        runner.submit(Poster())
    assert caught.value.status == 500
    # It has answered, so it is done: one look will do.
    assert len(newest.sent("GET", STATUS)) == 1
    assert sent_once(newest)


@pytest.mark.parametrize("answer", [HANG_UP, *PROXY_FAULTS])
def test_nothing_queued_proves_nothing_where_it_was_not_the_server_that_answered(
    newest: FakeServer, runner: Runner, answer: Answer
) -> None:
    newest.answer("POST", ENQUEUE, answer)
    has(newest, 0)
    with pytest.raises(SubmitUncertain, match=r"It was not sent again\. For 0\.2 s the queue had nothing") as caught:
        runner.submit(Poster())
    assert caught.value.batch_id == BATCH
    assert len(newest.sent("GET", STATUS)) > 2
    assert sent_once(newest)


@pytest.mark.parametrize("answer", [HANG_UP, OWN_FAULT])
def test_a_server_that_cannot_be_asked(newest: FakeServer, runner: Runner, answer: Answer) -> None:
    newest.answer("POST", ENQUEUE, answer)
    newest.answer("GET", STATUS, HANG_UP)
    with pytest.raises(SubmitUncertain, match="The server could not be asked for it") as caught:
        runner.submit(Poster())
    assert f"GET {STATUS}" in str(caught.value)
    assert sent_once(newest)


def test_a_login_that_is_lost_ends_the_looking(newest: FakeServer, runner: Runner) -> None:
    newest.answer("POST", ENQUEUE, HANG_UP)
    newest.answer("GET", STATUS, as_json({"detail": "Authentication required"}, 401))
    with pytest.raises(SubmitUncertain, match="Authentication required"):
        runner.submit(Poster())
    assert len(newest.sent("GET", STATUS)) == 1


@pytest.mark.parametrize("code", [401, 409, 422])
def test_a_refusal_is_not_looked_into(newest: FakeServer, runner: Runner, code: int) -> None:
    newest.answer("POST", ENQUEUE, as_json({"detail": "no"}, code))
    with pytest.raises((Refused, Unauthorized)):
        runner.submit(Poster())
    assert newest.sent("GET", STATUS) == []


@pytest.mark.parametrize("answer", [HANG_UP, OWN_FAULT])
def test_a_part_that_was_taken_is_canceled(server: FakeServer, runner: Runner, answer: Answer) -> None:
    offers(server, "item_ids", "item_summaries_by_ids")
    server.answer("POST", ENQUEUE, answer)
    has(server, 4)
    server.answer("GET", IDS, as_json({"item_ids": [9, 8, 7, 6], "total_count": 4}))
    server.answer("POST", SUMMARIES, as_json(listed([9, 8, 7, 6])))
    server.answer("PUT", f"{QUEUE}/cancel_by_batch_ids", as_json({"canceled": 4}))
    with pytest.raises(Refused, match="took 4 of 6 items, which were canceled"):
        runner.submit_batch(GrainStudy(amounts=[0.1, 0.2], seeds=[1, 2, 3], softness=[0.0, 1.0, 2.0]))
    (canceled,) = server.sent("PUT")
    assert canceled.json == {"batch_ids": [BATCH]}


def test_runs_are_in_their_order(server: FakeServer, runner: Runner) -> None:
    offers(server, "item_ids", "item_summaries_by_ids")
    server.answer("POST", ENQUEUE, HANG_UP)
    has(server, 6)
    server.answer("GET", IDS, as_json({"item_ids": [8, 9, 12, 10, 11, 7], "total_count": 6}))
    server.answer("POST", SUMMARIES, as_json(listed([8, 9, 12, 10, 11, 7])))
    study = GrainStudy(amounts=[0.1, 0.2], seeds=[1, 2, 3], softness=[0.0, 1.0, 2.0])
    assert runner.submit_batch(study) == ((7, 8, 9, 10, 11, 12), BATCH)


def test_what_a_run_has_called_is_no_run(server: FakeServer, runner: Runner) -> None:
    offers(server, "item_ids", "item_summaries_by_ids")
    server.answer("POST", ENQUEUE, HANG_UP)
    has(server, 3)
    server.answer("GET", IDS, as_json({"item_ids": [9, 8, 7], "total_count": 3}))
    server.answer("POST", SUMMARIES, as_json([*listed([9, 8], parent_item_id=7), *listed([7])]))
    assert runner.submit(Poster()) == (7, BATCH)


def test_a_batch_that_is_counted_and_not_listed(server: FakeServer, runner: Runner) -> None:
    offers(server, "item_ids", "item_summaries_by_ids")
    server.answer("POST", ENQUEUE, HANG_UP)
    has(server, 1)
    server.answer("GET", IDS, as_json({"item_ids": [9], "total_count": 1}))
    server.answer("POST", SUMMARIES, as_json(listed([9], "redacted")))
    with pytest.raises(SubmitUncertain, match=rf"Poster was queued, 1 items as batch {BATCH}, but .*lists 0"):
        runner.submit(Poster())


def summaries_of(server: FakeServer, item_ids: range, ours: int, path: str, runner: Callable[[], Any]) -> list[int]:
    """Submit to a server with many items, of which one is ours; return how many ids each request asked for."""
    server.answer("POST", ENQUEUE, HANG_UP)
    has(server, 1)
    server.answer("GET", IDS, as_json({"item_ids": [*reversed(item_ids)], "total_count": len(item_ids)}))
    server.answer("POST", path, as_json(listed([2], "other")), as_json(listed([ours])), as_json([]))
    assert runner() == (ours, BATCH)
    return [len(r.json["item_ids"]) for r in server.sent("POST", path)]


def test_many_items_are_asked_for_in_parts_until_all_are_found(server: FakeServer, runner: Runner) -> None:
    offers(server, "item_ids", "items_by_ids", "item_summaries_by_ids")
    sizes = summaries_of(server, range(5000), 3500, SUMMARIES, lambda: runner.submit(Poster()))
    assert sizes == [1000, 1000]
    first, second = (r.json["item_ids"] for r in server.sent("POST", SUMMARIES))
    assert (first[0], second[-1]) == (4999, 3000)


def test_items_with_sessions_are_asked_for_in_small_parts(server: FakeServer, runner: Runner) -> None:
    offers(server, "item_ids", "items_by_ids")
    assert summaries_of(server, range(100), 60, ITEMS, lambda: runner.submit(Poster())) == [25, 25]


def test_a_release_that_lists_pages_and_gives_no_ids(server: FakeServer, runner: Runner) -> None:
    offers(server, "list")
    reply = {"queue_id": "default", "enqueued": 2, "requested": 2, "batch": {}, "priority": 0}
    server.answer("POST", ENQUEUE, as_json(reply))
    pages = [listed([3, 4], "other", priority=2), listed([1, 2], "other"), listed([5, 6]), listed([7])]
    server.answer("GET", LIST, *(as_json({"limit": 2, "has_more": True, "items": items}) for items in pages))
    assert runner.submit_batch(GrainStudy(amounts=[0.1, 0.2], seeds=[1], softness=[0.5])) == ((5, 6), BATCH)
    asked = [dict(parse_qsl(r.query)) for r in server.sent("GET", LIST)]
    assert [(q.get("cursor"), q.get("priority")) for q in asked] == [(None, None), ("4", "2"), ("2", "0")]
    assert not server.sent("GET", STATUS)


@pytest.mark.parametrize("page", [{"items": [], "has_more": True}, {"items": listed([3], "other"), "has_more": True}])
def test_pages_have_an_end(server: FakeServer, runner: Runner, page: dict[str, Any]) -> None:
    offers(server, "list")
    server.answer("POST", ENQUEUE, as_json({"enqueued": 1, "requested": 1}))
    server.answer("GET", LIST, as_json(page))
    with pytest.raises(SubmitUncertain, match="does not tell which"):
        runner.submit(Poster())
    assert len(server.sent("GET", LIST)) <= 2


@pytest.mark.parametrize("document", [[], {"items": 5}, {"items": [5]}, {"items": [{"item_id": "x"}]}, None])
def test_a_list_that_is_none(server: FakeServer, runner: Runner, document: Any) -> None:
    offers(server, "list")
    server.answer("POST", ENQUEUE, as_json({"enqueued": 1, "requested": 1}))
    server.answer("GET", LIST, as_json(document))
    with pytest.raises(SubmitUncertain, match="list of queue items is none"):
        runner.submit(Poster())


def test_a_document_without_any_list(server: FakeServer, runner: Runner) -> None:
    offers(server)
    server.answer("POST", ENQUEUE, as_json({"enqueued": 1, "requested": 1}))
    with pytest.raises(SubmitUncertain, match="has no path that lists the items"):
        runner.submit(Poster())


def test_the_document_is_read_once_and_only_when_needed(server: FakeServer) -> None:
    offers(server, "list")
    with InvokeAI(server.url, check="off") as client:
        client.submit(Poster())
        assert not server.sent("GET", "/openapi.json")
        server.answer("POST", ENQUEUE, as_json({"enqueued": 1, "requested": 1}))
        server.answer("GET", LIST, as_json({"items": json.loads(json.dumps(listed([7]))), "has_more": False}))
        client.submit(Poster())
        client.submit(Poster())
    assert len(server.sent("GET", "/openapi.json")) == 1


def test_a_full_queue_of_a_release_without_ids(server: FakeServer, runner: Runner) -> None:
    offers(server, "list")
    server.answer("POST", ENQUEUE, as_json({"enqueued": 0, "requested": 1}))
    with pytest.raises(Refused, match="took 0 of 1 items"):
        runner.submit(Poster())
    assert not server.sent("GET", LIST)
