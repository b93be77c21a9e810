"""Before the first run of a class it is compared with what the server says of the node classes that it uses."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from copy import deepcopy

import pytest
from generated import ComfyTextToImage

from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.drift_check import CheckMode
from flowbind.errors import DriftError, DriftWarning, ServerUnreachable

from ..fake_server import as_json
from .fake_comfyui import FakeComfyUI

USED = {
    *("CheckpointLoaderSimple", "CLIPTextEncode", "EmptyLatentImage", "KSampler", "VAEDecode", "SaveImage"),
}


@pytest.fixture
def server() -> Iterator[FakeComfyUI]:
    """A server whose node classes a test may change."""
    with FakeComfyUI() as running:
        running.classes = deepcopy({name: running.classes[name] for name in [*USED, "Canny"]})
        yield running


def asked(server: FakeComfyUI) -> list[str]:
    """Return the node classes that a server was asked for."""
    paths = [request.path.rpartition("/") for request in server.sent("GET") if "/object_info" in request.path]
    assert all(start == "/object_info" for start, _, _ in paths)
    return [name for _, _, name in paths]


def told(server: FakeComfyUI, check: CheckMode, *workflows: ComfyTextToImage) -> list[str]:
    """Run instances with one client; return what was warned of."""
    with warnings.catch_warnings(record=True) as found, ComfyUI(server.url, check=check) as client:
        warnings.simplefilter("always")
        for workflow in workflows or (ComfyTextToImage(),):
            client.run(workflow, timeout=30)
    assert all(issubclass(warning.category, DriftWarning) for warning in found)
    return [str(warning.message) for warning in found]


def test_each_class_is_asked_for_once_and_no_other(server: FakeComfyUI) -> None:
    assert told(server, "warn", ComfyTextToImage(), ComfyTextToImage(steps=3)) == []
    assert sorted(asked(server)) == sorted(USED)


def test_nothing_is_asked_where_nobody_wants_it(server: FakeComfyUI) -> None:
    del server.classes["KSampler"]
    assert told(server, "off") == []
    assert asked(server) == []


def test_a_class_that_is_gone_is_warned_of_once(server: FakeComfyUI) -> None:
    del server.classes["KSampler"]
    (warning,) = told(server, "warn", ComfyTextToImage(), ComfyTextToImage())
    assert "NODE_REMOVED" in warning
    assert '"KSampler"' in warning


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_is_raised_before_anything_is_sent(server: FakeComfyUI, kind: str) -> None:
    server.classes["KSampler"]["input"]["required"]["steps"][1]["max"] = 10

    async def run() -> None:
        async with AsyncComfyUI(server.url, check="error") as client:
            await client.submit(ComfyTextToImage())

    def submit() -> None:
        with ComfyUI(server.url, check="error") as client:
            client.submit(ComfyTextToImage())

    with pytest.raises(DriftError, match="RANGE_NARROWED") as caught:
        submit() if kind == "sync" else asyncio.run(run())
    assert [found.attribute for found in caught.value.findings] == ["steps"]
    assert server.sent("POST", "/prompt") == []


def test_a_class_that_is_not_used_is_no_drift(server: FakeComfyUI) -> None:
    del server.classes["Canny"]
    assert told(server, "error") == []


def test_a_comparison_that_fails_holds_up_no_run(server: FakeComfyUI) -> None:
    server.answers["/object_info/KSampler"] = as_json({"error": "broken"}, 500)
    (warning,) = told(server, "warn")
    assert "was not compared with the server" in warning
    assert len(server.posted) == 1


def test_nobody_at_the_address() -> None:
    with ComfyUI("http://127.0.0.1:9") as client, pytest.raises(ServerUnreachable, match="No ComfyUI answers"):
        client.run(ComfyTextToImage())
