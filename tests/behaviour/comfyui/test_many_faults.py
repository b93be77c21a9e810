"""Many runs on a server that has little room, fails in between, or takes too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import ComfyUI
from flowbind.comfyui.runs import posting, sending
from flowbind.errors import Refused, ServerFault, SubmitUncertain, WaitTimeout

from ..fake_server import HANG_UP, Answer, as_json
from .fake_comfyui import FakeComfyUI
from .prompts import Prompt, Record, succeed, until_interrupted

FAULT = as_json({"error": "out of order"}, 500)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeComfyUI]:
    """A server, and a client that has little patience with it."""
    monkeypatch.setattr(sending, "_AGAIN", 0.01)
    monkeypatch.setattr(posting, "_BROKEN", 0.1)
    with FakeComfyUI() as running:
        yield running


def made(count: int) -> list[ComfyTextToImage]:
    """Return instances."""
    return [ComfyTextToImage(seed=number) for number in range(count)]


def seeds(outcomes: list[Any]) -> list[int]:
    """Return which instances results are of."""
    return [outcome.varied["seed"] for outcome in outcomes]


def test_only_some_wait_at_the_server_at_a_time(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 2)
    seen: list[int] = []

    def course(prompt: Prompt) -> None:
        seen.append(server.work.remaining)
        succeed(prompt)

    server.course = course
    with ComfyUI(server.url, check="off") as client:
        assert seeds([*client.run_many(made(7), timeout=30)]) == [*range(7)]
    assert len(seen) == 7
    assert max(seen) <= 2


@pytest.mark.parametrize("events", [True, False])
def test_a_fault_in_between_is_borne(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch, events: bool) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 1)

    def course(prompt: Prompt) -> None:
        if len(server.posted) == 2:
            server.instead("POST", "/prompt", FAULT, FAULT)
        succeed(prompt)

    server.course = course
    with ComfyUI(server.url, check="off", events=events) as client:
        assert seeds([*client.run_many(made(4), timeout=30)]) == [*range(4)]
    assert len(server.posted) == 4
    assert len(server.sent("POST", "/prompt")) == 6


def test_a_fault_at_the_beginning_is_told_at_once(server: FakeComfyUI) -> None:
    server.instead("POST", "/prompt", FAULT)
    with ComfyUI(server.url, check="off", events=False) as client, pytest.raises(ServerFault) as caught:
        client.run_many(made(2))
    assert not getattr(caught.value, "__notes__", ())
    assert server.posted == []


def test_what_was_queued_is_canceled_when_another_is_refused(server: FakeComfyUI) -> None:
    server.course = until_interrupted

    def judged(_: Record) -> Answer | Record:
        error = {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": "", "extra_info": {}}
        return {} if len(server.posted) < 2 else as_json({"error": error, "node_errors": {}}, 400)

    server.validate = judged
    with ComfyUI(server.url, check="off", events=False) as client:
        with pytest.raises(Refused, match="Prompt has no outputs") as caught:
            client.submit_many(made(3))
        assert caught.value.__notes__ == ["2 of 3 runs had been queued; what of them had not ended was canceled."]
        assert client.queue.remaining() == 0


def test_one_that_may_be_queued_is_canceled_with_the_others(server: FakeComfyUI) -> None:
    server.course = until_interrupted
    with ComfyUI(server.url, check="off", events=False) as client:
        first = client.submit(ComfyTextToImage())
        server.running()
        server.instead("POST", "/prompt", HANG_UP)
        with pytest.raises(SubmitUncertain) as caught:
            client.submit_many(made(2))
        assert caught.value.__notes__ == ["0 of 2 runs had been queued; what of them had not ended was canceled."]
        assert first.refresh() == "in_progress"
        first.cancel()
    assert len(server.sent("POST", "/prompt")) == 2


def test_what_does_not_end_in_time(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 1)
    server.course = until_interrupted
    with ComfyUI(server.url, check="off", events=False) as client:
        with pytest.raises(WaitTimeout, match=r"0 of 3 runs have ended after 0\.2 s; 2 were not queued") as caught:
            [*client.run_many(made(3), timeout=0.2)]
        client.queue.interrupt(str(caught.value.item_id))


def test_what_cannot_be_queued_in_time(server: FakeComfyUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_AT_ONCE", 1)

    def course(prompt: Prompt) -> None:
        server.instead("POST", "/prompt", *[FAULT] * 1000)
        succeed(prompt)

    server.course = course
    with ComfyUI(server.url, check="off", events=False) as client:
        outcomes = client.run_many(made(2), timeout=0.5)
        assert next(outcomes)
        with pytest.raises(WaitTimeout, match=r"1 of 2 runs have ended after 0\.5 s; 1 were not queued"):
            next(outcomes)
    assert len(server.posted) == 1
