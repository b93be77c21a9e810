"""The custom node that serves metrics, in a real ComfyUI: the checkout that COMFYUI_PATH names, started here."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowbind.comfyui import ComfyUI

from .parts import carry_out

FOLDER = Path(__file__).resolve().parents[3] / "runtime/comfyui_metrics"
FOLDERS = ("custom_nodes", "input", "models", "output", "temp", "user")
STARTS = 180.0
"""Seconds that a server may take to start."""


def interpreter(checkout: Path) -> str:
    """Return the Python of a checkout: that of COMFYUI_PYTHON, of its own environment, or this one."""
    own = (checkout / folder / "bin/python" for folder in ("venv", ".venv"))
    return os.environ.get("COMFYUI_PYTHON") or next((str(path) for path in own if path.exists()), sys.executable)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has the folder as a link, and a copy of it, too."""
    if "COMFYUI_PATH" not in os.environ:
        pytest.skip("COMFYUI_PATH names no checkout of ComfyUI")
    checkout, base = Path(os.environ["COMFYUI_PATH"]), tmp_path_factory.mktemp("base")
    for folder in FOLDERS:
        (base / folder).mkdir()
    (base / "custom_nodes/comfyui_metrics").symlink_to(FOLDER)
    shutil.copytree(FOLDER, base / "custom_nodes/metrics.copied")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [interpreter(checkout), "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(port)]
    words += ["--base-directory", str(base), "--disable-auto-launch", "--disable-api-nodes"]
    words += ["--database-url", "sqlite:///:memory:"]
    with (base / "log").open("wb") as log, subprocess.Popen(words, cwd=checkout, stdout=log, stderr=log) as server:
        try:
            running = f"http://127.0.0.1:{port}"
            wait_for(running, server, base / "log")
            yield running
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers; fail with its log when it has ended, or does not answer in time."""
    with ComfyUI(url, events=False) as client:
        until = time.monotonic() + STARTS
        while not client.is_alive(timeout=2):
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"ComfyUI did not start:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.5)


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
