"""The custom node that serves metrics, in a real ComfyUI: the checkout that COMFYUI_PATH names, started here."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.real_comfyui import real_comfyui

from flowbind.local_server import records

from .parts import carry_out

FOLDER = Path(__file__).resolve().parents[3] / "runtime/comfyui_metrics"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has the folder as a link, and a copy of it, too."""
    base = tmp_path_factory.mktemp("base")
    local = real_comfyui(base)
    nodes = base / "custom_nodes"
    nodes.mkdir()
    (nodes / "comfyui_metrics").symlink_to(FOLDER)
    shutil.copytree(FOLDER, nodes / "metrics.copied")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(records.FOLDER, str(base / "state"))
        with local:
            yield local.url


@pytest.fixture(params=["sync", "async"])
def carried(url: str, request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """What carries a script out with both clients."""
    return lambda script: carry_out(request.param, url, script)


def test_a_real_server_tells_its_load(carried: Callable[[Any], Any]) -> None:
    async def script(client: Any) -> Any:
        return (await client.metrics()).machine, await client.system_stats()

    told, stats = carried(script)
    assert told.version == 1
    assert abs(told.time.timestamp() - time.time()) < 60
    assert 0 <= told.cpu.percent <= 100
    assert told.cpu.count == os.cpu_count()
    assert told.ram.total == stats.system.ram_total
    assert 0 < told.process.ram_used < told.ram.used < told.ram.total
    assert told.process.cpu_percent >= 0
    # It was started for the CPU.
    assert all(gpu.torch_index is None for gpu in told.gpus)


def test_its_nodes_are_those_that_it_had(carried: Callable[[Any], Any]) -> None:
    async def script(client: Any) -> Any:
        return await client.request("GET", "/object_info")

    modules = {node["python_module"] for node in carried(script).values()}
    assert not [name for name in modules if name.startswith("custom_nodes.")]
