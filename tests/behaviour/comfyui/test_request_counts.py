"""How often ComfyUI is asked: what a run costs its server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import ComfyUI

from .fake_comfyui import FakeComfyUI
from .prompts import by_hand

Told = Callable[[FakeComfyUI], list[str]]


def asked(server: FakeComfyUI) -> list[str]:
    """Return what the server was asked, without ids; and forget it."""
    prompts = {prompt.prompt_id for prompt in server.posted}
    found = [f"{request.method} {request.path}" for request in server.requests]
    server.requests.clear()
    return [line.replace(next((p for p in prompts if p in line), "-"), "{}") for line in found]


JOB = "GET /api/jobs/{}"


def test_a_wait_asks_when_it_begins_and_when_it_is_told_of_the_end() -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        server.course = by_hand
        job = client.submit(ComfyTextToImage())
        assert asked(server) == ["POST /prompt"]
        prompt = server.running()

        def work() -> None:
            prompt.start()
            prompt.begin("3")
            prompt.progress(1, 20)
            prompt.end()
            prompt.begin("9")
            prompt.end(server.output_of(prompt, "9"))
            prompt.succeed()

        assert job.refresh() == "in_progress"
        assert asked(server) == [JOB]
        later = Timer(0.3, work)
        later.start()
        job.wait(20)
        # Once when it begins to wait, and once when it is told of the end.
        assert asked(server) == [JOB, JOB]


def test_the_events_of_a_run_are_one_request() -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        job = client.submit(ComfyTextToImage())
        assert [*job.events(20)]
        assert asked(server) == ["POST /prompt", JOB]


def test_a_run_without_events_asks_less_and_less_often() -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, check="off", events=False) as client:
        server.course = by_hand
        job = client.submit(ComfyTextToImage())
        prompt = server.running()
        later = Timer(1.0, prompt.succeed)
        later.start()
        job.wait(20)
        first, *others = asked(server)
    assert first == "POST /prompt"
    assert {*others} == {JOB}
    assert 2 <= len(others) <= 12


@pytest.mark.parametrize("count", [1, 5])
def test_many_runs_are_a_request_each_and_one_for_each_outcome(count: int) -> None:
    with FakeComfyUI() as server, ComfyUI(server.url, check="off") as client:
        outcomes = [*client.run_many([ComfyTextToImage(seed=seed) for seed in range(count)], timeout=20)]
        found = asked(server)
    assert len(outcomes) == count
    assert found.count("POST /prompt") == count
    assert count <= found.count(JOB) <= 2 * count
    assert {*found} == {"POST /prompt", JOB}


def test_node_classes_are_asked_for_once_each(tmp_path: Path) -> None:
    with FakeComfyUI() as server, ComfyUI(server.url) as client:
        result = client.run(ComfyTextToImage(), timeout=20)
        client.run(ComfyTextToImage(seed=1), timeout=20)
        found = asked(server)
        result.outputs.picture[0].save(tmp_path)
        assert asked(server) == ["GET /view"]
    classes = [line for line in found if "/object_info/" in line]
    assert len(classes) == len({*classes})
    assert len(found) - len(classes) <= 2 + 2 * 2
