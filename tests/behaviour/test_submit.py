"""Submitting: sent once, and every way in which the server's answer can go wrong has its own error."""

from __future__ import annotations

import socket
import time

import pytest
from generated import Poster

from flowbind.errors import Refused, ServerUnreachable, SubmitUncertain, UnexpectedReply
from flowbind.invokeai import AsyncInvokeAI, InvokeAI
from flowbind.transport import patience

from .conftest import Runner
from .fake_server import ENQUEUE, HANG_UP, Answer, FakeServer, as_json, enqueued

SKY = "878f56da-2db2-471d-8223-cb19b8a114bc"


def test_a_lost_reply_leaves_it_uncertain(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, HANG_UP)
    with pytest.raises(SubmitUncertain) as caught:
        runner.submit(Poster())
    (post,) = server.sent("POST")
    assert caught.value.batch_id == post.json["batch"]["batch_id"]
    assert caught.value.batch_id in str(caught.value)
    assert "was not sent again" in str(caught.value)


def test_a_reply_cut_in_the_middle_leaves_it_uncertain(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, Answer(b'{"item_ids": [7]}' + b" " * 100, cut=12))
    with pytest.raises(SubmitUncertain):
        runner.submit(Poster())
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_fault_of_the_server_leaves_it_uncertain(server: FakeServer, runner: Runner, status: int) -> None:
    server.answer("POST", ENQUEUE, as_json({"detail": "Unexpected error while enqueuing batch: full"}, status))
    with pytest.raises(SubmitUncertain, match="Unexpected error while enqueuing batch: full") as caught:
        runner.submit(Poster())
    (post,) = server.sent("POST")
    assert caught.value.batch_id == post.json["batch"]["batch_id"]


def test_a_slow_server_leaves_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AWAY", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with InvokeAI(url, timeout=0.2, check="off") as server, pytest.raises(SubmitUncertain, match=r"for 0\.2 s"):
            server.submit(Poster())


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    started = time.monotonic()
    with (
        InvokeAI(url, check="off") as server,
        pytest.raises(ServerUnreachable, match=r"Is the server running") as caught,
    ):
        server.run(Poster())
    assert url in str(caught.value)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("url", ["127.0.0.1:9090", "ftp://x", "http://", ""])
@pytest.mark.parametrize("client", [InvokeAI, AsyncInvokeAI])
def test_an_address_that_is_none(client: type[InvokeAI] | type[AsyncInvokeAI], url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a server"):
        client(url)


def test_a_web_page_instead_of_json(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, Answer(b"<!doctype html>", media_type="text/html; charset=utf-8"))
    with pytest.raises(UnexpectedReply, match="a web page instead of JSON"):
        runner.submit(Poster())
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize("body", [b"[]", b"null", b'"ok"', b"{broken", b'{"item_ids": 7}', b'{"item_ids": ["x"]}'])
def test_json_of_another_program(server: FakeServer, runner: Runner, body: bytes) -> None:
    server.answer("POST", ENQUEUE, Answer(body))
    with pytest.raises(UnexpectedReply):
        runner.submit(Poster())
    assert len(server.sent("POST")) == 1


def test_a_redirect_is_not_followed(server: FakeServer, runner: Runner) -> None:
    to_login = Answer(b"", 302, "text/html", headers={"location": "/login"})
    server.answer("POST", ENQUEUE, to_login)
    with pytest.raises(UnexpectedReply):
        runner.submit(Poster())
    assert not server.sent("GET", "/login")


def test_a_refused_value_names_its_input(server: FakeServer, runner: Runner) -> None:
    where = ["body", "batch", "graph", "nodes", SKY, "blank_image", "width"]
    found = {"type": "less_than_equal", "loc": where, "msg": "Input should be less than or equal to 4096", "input": 1}
    server.answer("POST", ENQUEUE, as_json({"detail": [found]}, 422))
    with pytest.raises(Refused) as caught:
        runner.submit(Poster(width=9999))
    assert caught.value.attribute == "width"
    assert caught.value.status == 422
    assert 'Poster.width ("Width"): Input should be less than or equal to 4096' in str(caught.value)
    assert "flowbind spec pull" in str(caught.value)


def test_a_node_type_that_the_server_lacks_is_named_without_all_others(server: FakeServer, runner: Runner) -> None:
    where = ["body", "batch", "graph", "nodes", SKY]
    others = "'collect', 'iterate', 'save_image'"
    words = f"Input tag 'blank_image' found using 'type' does not match any of the expected tags: {others}"
    about = {"discriminator": "'type'", "tag": "blank_image", "expected_tags": others}
    found = {"type": "union_tag_invalid", "loc": where, "msg": words, "input": {}, "ctx": about}
    server.answer("POST", ENQUEUE, as_json({"detail": [found]}, 422))
    with pytest.raises(Refused) as caught:
        runner.submit(Poster())
    assert 'Poster: the node "Sky": the server has no node type "blank_image". Install' in str(caught.value)
    assert "save_image" not in str(caught.value)


def test_a_refused_graph_says_why(server: FakeServer, runner: Runner) -> None:
    found = {"type": "value_error", "loc": ["body", "batch", "graph"], "msg": "Graph contains cycles"}
    server.answer("POST", ENQUEUE, as_json({"detail": [found]}, 422))
    with pytest.raises(Refused, match="Graph contains cycles") as caught:
        runner.submit(Poster())
    assert caught.value.attribute is None


@pytest.mark.parametrize(
    "detail", [None, "text", [], ["text"], [{"loc": None}], {"msg": "x"}, [{"type": "union_tag_invalid"}]]
)
def test_a_refusal_of_any_shape(server: FakeServer, runner: Runner, detail: object) -> None:
    server.answer("POST", ENQUEUE, as_json({"detail": detail}, 422))
    with pytest.raises(Refused):
        runner.submit(Poster())


def test_a_full_queue_is_a_refusal(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, enqueued([]))
    with pytest.raises(Refused, match="took 0 of 1 items"):
        runner.submit(Poster())


def test_the_first_item_is_the_oldest(server: FakeServer, runner: Runner) -> None:
    server.answer("POST", ENQUEUE, enqueued([12, 11, 10]))
    item_id, _ = runner.submit(Poster())
    assert item_id == 10


def test_each_submit_has_a_batch_of_its_own(server: FakeServer, runner: Runner) -> None:
    poster = Poster()
    returned = [runner.submit(poster)[1] for _ in range(3)]
    posted = [post.json["batch"]["batch_id"] for post in server.sent("POST", ENQUEUE)]
    assert posted == returned
    assert len(set(posted)) == 3


def test_the_address_may_have_a_path(server: FakeServer) -> None:
    server.answer("POST", f"/invoke{ENQUEUE}", enqueued([3]))
    with InvokeAI(f"{server.url}/invoke/", check="off") as client:
        assert client.submit(Poster()).item_id == 3
