"""What a ComfyUI tells of itself and of its models."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from flowbind.errors import NotFound, UnexpectedReply

from ..both_clients import Script
from ..fake_server import Answer, FakeServer, as_json
from .parts import NOTHING, carry_out
from .told import METRICS

STATS = {
    "system": {"os": "linux", "comfyui_version": "0.33.0", "ram_total": 5, "argv": ["main.py"]},
    "devices": [{"name": "cpu", "type": "cpu", "index": None, "vram_total": 7, "new": 1}],
}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Yield a server."""
    with FakeServer() as running:
        running.answer("GET", "/system_stats", as_json(STATS))
        running.answer("GET", "/prompt", as_json({"exec_info": {"queue_remaining": 3}}))
        running.answer("GET", "/flowbind/metrics", NOTHING)
        running.answer("GET", "/models", as_json(["checkpoints", "text_encoders", "diffusion_models"]))
        yield running


@pytest.fixture(params=["sync", "async"])
def carried(server: FakeServer, request: pytest.FixtureRequest) -> Callable[[Script], Any]:
    """What carries a script out with both clients."""
    return lambda script: carry_out(request.param, server.url, script)


async def version(client: Any) -> Any:
    return await client.version()


async def is_alive(client: Any) -> Any:
    return await client.is_alive(timeout=10)


async def metrics(client: Any) -> Any:
    return await client.metrics()


def test_what_the_server_tells_of_itself(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", "/features", as_json({"max_upload_size": 1}))
    server.answer("POST", "/free", Answer(b"", 200, "text/plain"))

    async def script(client: Any) -> Any:
        await client.free(free_memory=False)
        return [await client.system_stats(), await client.features()]

    stats, features = carried(script)
    assert (stats.system.os, stats.system.ram_total, stats.system.ram_free) == ("linux", 5, None)
    assert stats.system.model_extra == {"argv": ["main.py"]}
    assert (stats.devices[0].vram_total, stats.devices[0].model_extra) == (7, {"new": 1})
    assert features == {"max_upload_size": 1}
    assert server.sent("POST")[0].json == {"unload_models": True, "free_memory": False}
    assert carried(version) == "0.33.0"
    assert carried(is_alive) is True


@pytest.mark.parametrize(
    "answer",
    [as_json(None), as_json([]), as_json({}), as_json({"system": {}, "devices": []}), as_json({"system": 1}), NOTHING],
)
def test_who_tells_no_release(server: FakeServer, carried: Callable[[Script], Any], answer: Answer) -> None:
    server.answer("GET", "/system_stats", answer)
    with pytest.raises((UnexpectedReply, NotFound)):
        carried(version)


@pytest.mark.parametrize("answer", [as_json([]), as_json({"system": {}}), NOTHING, Answer(b"<p>", 200, "text/html")])
def test_what_is_no_comfyui_is_not_alive(server: FakeServer, carried: Callable[[Script], Any], answer: Answer) -> None:
    server.answer("GET", "/system_stats", answer)
    assert carried(is_alive) is False


def test_the_load_of_the_machine(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    told = copy.deepcopy(METRICS) | {"disk": {"free": 1}}
    told["gpus"][0]["fan_percent"] = 30
    server.answer("GET", "/flowbind/metrics", as_json(told))
    found = carried(metrics).machine
    assert found.time == datetime.fromtimestamp(METRICS["time"], UTC)
    assert found.model_dump(exclude={"time"}) == {name: value for name, value in told.items() if name != "time"}
    assert (found.gpus[0].memory_used, found.gpus[0].model_extra) == (7516192768, {"fan_percent": 30})


def test_what_the_server_cannot_know_is_none(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    told = {"version": 1, "time": 0, "cpu": {"percent": None}, "ram": {}, "process": {}, "gpus": None}
    server.answer("GET", "/flowbind/metrics", as_json(told))
    found = carried(metrics).machine
    assert (found.cpu.percent, found.cpu.temperature_celsius, found.ram.used, found.gpus) == (None, None, None, None)


@pytest.mark.parametrize("answer", [NOTHING, Answer(b"404: Not Found", 404, "text/plain; charset=utf-8")])
def test_a_server_without_the_custom_node_tells_no_load(
    server: FakeServer, carried: Callable[[Script], Any], answer: Answer
) -> None:
    server.answer("GET", "/flowbind/metrics", answer)
    assert carried(metrics).machine is None


def test_how_busy_the_server_is(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    card = {"name": "cuda:0", "type": "cuda", "index": 0, "vram_total": 12, "vram_free": 5}
    devices = [*STATS["devices"], card, {**card, "index": 1, "vram_free": None}]
    server.answer("GET", "/system_stats", as_json({**STATS, "devices": devices}))
    found = carried(metrics)
    assert (found.queue_depth, found.vram_total, found.vram_free, found.machine) == (3, 24, 5, None)


def test_the_memory_of_a_processor_is_no_vram(carried: Callable[[Script], Any]) -> None:
    found = carried(metrics)
    assert (found.queue_depth, found.vram_total, found.vram_free) == (3, None, None)


@pytest.mark.parametrize("document", [None, [], {}, {"version": 1}, METRICS | {"time": "now"}, METRICS | {"gpus": [1]}])
def test_an_odd_load_is_none(server: FakeServer, carried: Callable[[Script], Any], document: object) -> None:
    server.answer("GET", "/flowbind/metrics", as_json(document))
    with pytest.raises(UnexpectedReply):
        carried(metrics)


def test_models_are_files_in_folders(server: FakeServer, carried: Callable[[Script], Any]) -> None:
    server.answer("GET", "/models/checkpoints", as_json(["a.safetensors", "sub/b.ckpt"]))
    server.answer("GET", "/models/diffusion_models", as_json(["c.safetensors"]))
    server.answer("GET", "/models/unet", NOTHING)
    server.answer("GET", "/embeddings", as_json(["easynegative"]))

    async def script(client: Any) -> Any:
        return [
            await client.models.folders(),
            await client.models.list("checkpoints"),
            await client.models.list("unet"),
            await client.models.embeddings(),
        ]

    assert carried(script) == [
        ["checkpoints", "text_encoders", "diffusion_models"],
        ["a.safetensors", "sub/b.ckpt"],
        ["c.safetensors"],
        ["easynegative"],
    ]


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("checkpoint", r"no folder of models 'checkpoint'\. It has checkpoints\.$"),
        ("zzz", r"It has checkpoints, text_encoders, diffusion_models\.$"),
    ],
)
def test_an_unknown_folder_is_told_with_the_nearest(
    server: FakeServer, carried: Callable[[Script], Any], folder: str, words: str
) -> None:
    server.answer("GET", f"/models/{folder}", NOTHING)

    async def script(client: Any) -> None:
        await client.models.list(folder)

    with pytest.raises(NotFound, match=words):
        carried(script)


@pytest.mark.parametrize("document", [None, {}, [1], ["a", None]])
def test_an_odd_list_is_none(server: FakeServer, carried: Callable[[Script], Any], document: object) -> None:
    server.answer("GET", "/models", as_json(document))

    async def script(client: Any) -> None:
        await client.models.folders()

    with pytest.raises(UnexpectedReply):
        carried(script)
