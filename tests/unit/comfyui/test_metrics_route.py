"""The custom node that serves metrics: loaded as ComfyUI loads it, asked often, and beside drivers that hang."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Awaitable, Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Event
from types import ModuleType
from types import SimpleNamespace as Named
from typing import Any

import pytest

from comfyui_metrics import machine as of_machine
from comfyui_metrics import newest, route
from comfyui_metrics.newest import Newest

FOLDER = Path(__file__).resolve().parents[3] / "runtime/comfyui_metrics"
Handler = Callable[[object], Awaitable[Any]]


class Routes(list[Any]):
    """A stand-in for the routes of ComfyUI's server."""

    def get(self, path: str) -> Callable[[Handler], Handler]:
        """Return what adds a route."""

        def add(handler: Handler) -> Handler:
            self.append(Named(path=path, handler=handler))
            return handler

        return add


def load(folder: Path) -> ModuleType:
    """Load a custom node as ComfyUI does: under a name made of its path."""
    spec = spec_from_file_location(str(folder).replace(".", "_x_"), folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        for name in [name for name in sys.modules if name.startswith(spec.name)]:
            del sys.modules[name]
    return module


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> Routes:
    """The routes of a server that has another one."""
    routes = Routes([Named(prefix="/static"), Named(path="/system_stats")])
    monkeypatch.setitem(sys.modules, "server", Named(PromptServer=Named(instance=Named(routes=routes))))
    monkeypatch.setitem(sys.modules, "aiohttp.web", Named(json_response=lambda told: json.loads(json.dumps(told))))
    return routes


def asked(routes: Routes) -> Any:
    """Return what the last route answers."""

    async def ask() -> Any:
        return await routes[-1].handler(None)

    return asyncio.run(ask())


def test_the_folder_is_a_custom_node_without_nodes(routes: Routes) -> None:
    module = load(FOLDER)
    assert module.NODE_CLASS_MAPPINGS == {}
    assert [getattr(route, "path", None) for route in routes] == [None, "/system_stats", "/flowbind/metrics"]


def test_what_is_answered_has_one_shape(routes: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "gpus", list)
    route.serve(routes)
    told = asked(routes)
    assert {name: sorted(value) if isinstance(value, dict) else type(value) for name, value in told.items()} == {
        "version": int,
        "time": float,
        "cpu": ["count", "percent", "temperature_celsius"],
        "ram": ["percent", "total", "used"],
        "process": ["cpu_percent", "ram_used"],
        "gpus": list,
    }
    assert told["version"] == 1


def test_a_second_copy_adds_no_second_route(routes: Routes, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    load(FOLDER)
    with caplog.at_level(logging.WARNING):
        load(Path(shutil.copytree(FOLDER, tmp_path / "again")))
    assert [getattr(route, "path", None) for route in routes].count("/flowbind/metrics") == 1
    assert "another copy" in caplog.text


@pytest.mark.parametrize("server", [None, Named(), Named(PromptServer=Named())])
def test_a_program_that_starts_no_server_loads_it_all_the_same(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    monkeypatch.setitem(sys.modules, "server", server)
    assert load(FOLDER).NODE_CLASS_MAPPINGS == {}


ALONE = """
import asyncio, json, sys
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace as Named

class Routes(list):
    def get(self, path):
        return lambda handler: self.append(handler)

routes = Routes()
sys.modules["server"] = Named(PromptServer=Named(instance=Named(routes=routes)))
sys.modules["aiohttp.web"] = Named(json_response=json.dumps)
spec = spec_from_file_location(sys.argv[1].replace(".", "_x_"), sys.argv[1] + "/__init__.py")
sys.modules[spec.name] = module = module_from_spec(spec)
spec.loader.exec_module(module)
async def ask():
    return await routes[0](None)
print(asyncio.run(ask()))
"""


def test_it_needs_no_package(tmp_path: Path) -> None:
    copied = shutil.copytree(FOLDER, tmp_path / "custom nodes.d" / "comfyui_metrics")
    words = [sys.executable, "-I", "-S", "-B", "-c", ALONE, str(copied)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)}, timeout=60)
    assert ended.stderr == ""
    told = json.loads(ended.stdout)
    assert told["cpu"] == {"percent": None, "count": os.cpu_count(), "temperature_celsius": None}
    assert told["ram"] == {"total": None, "used": None, "percent": None}
    assert told["process"] == {"cpu_percent": None, "ram_used": None}


def test_the_wheel_has_it_where_the_page_says() -> None:
    root = FOLDER.parents[1]
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert settings["wheel"]["force-include"]["runtime/comfyui_metrics"] == "flowbind/comfyui_metrics"
    assert "flowbind.__path__)')/comfyui_metrics" in (root / "docs/comfyui.md").read_text(encoding="utf-8")


def test_it_is_written_in_the_python_of_comfyui() -> None:
    for path in FOLDER.glob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


class Psutil:
    """A stand-in for psutil on a machine with sensors."""

    def __init__(self, **sensors: list[tuple[str, float]]) -> None:
        self.sensors = sensors
        self.spans: list[float] = []

    def cpu_percent(self, interval: float) -> float:
        self.spans.append(interval)
        return 37.5

    def virtual_memory(self) -> Any:
        return Named(total=1000, available=400, used=550, percent=60.0)

    def Process(self) -> Any:
        def cpu_percent(interval: float) -> float:
            self.spans.append(interval)
            return 250.0

        return Named(cpu_percent=cpu_percent, memory_info=lambda: Named(rss=300))

    def sensors_temperatures(self) -> dict[str, list[Any]]:
        return {
            name: [Named(label=label, current=current) for label, current in readings]
            for name, readings in self.sensors.items()
        }


def test_the_machine_and_the_servers_part(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil = Psutil(acpitz=[("", 20.0)], coretemp=[("Package id 0", 61.0), ("Core 0", 63.0)])
    monkeypatch.setitem(sys.modules, "psutil", psutil)
    assert of_machine.machine() == {
        "cpu": {"percent": 37.5, "count": os.cpu_count(), "temperature_celsius": 63.0},
        "ram": {"total": 1000, "used": 600, "percent": 60.0},
        "process": {"cpu_percent": 250.0, "ram_used": 300},
    }
    assert all(span > 0 for span in psutil.spans)


@pytest.mark.parametrize(
    ("sensors", "temperature"),
    [
        ({"k10temp": [("Tctl", 90.0), ("Tdie", 63.0), ("Tccd1", 61.0)]}, 63.0),
        ({"k10temp": [("Tctl", 70.0)]}, 70.0),
        ({"coretemp": [], "cpu_thermal": [("", 48.3)]}, 48.3),
        ({"nvme": [("Composite", 40.0)]}, None),
        ({}, None),
    ],
)
def test_the_temperature_of_the_cpu(
    monkeypatch: pytest.MonkeyPatch, sensors: dict[str, list[tuple[str, float]]], temperature: float | None
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", Psutil(**sensors))
    assert of_machine.machine()["cpu"]["temperature_celsius"] == temperature


def test_what_psutil_fails_at_is_none_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil: Any = Psutil()
    psutil.cpu_percent = psutil.sensors_temperatures = lambda *_: 1 / 0
    monkeypatch.setitem(sys.modules, "psutil", psutil)
    told = of_machine.machine()
    assert (told["cpu"]["percent"], told["cpu"]["temperature_celsius"], told["ram"]["used"]) == (None, None, 600)


class Question:
    """A question that is answered when a test wants it, with the number of its turn."""

    def __init__(self) -> None:
        self.turns = 0
        self.answered = Event()

    def __call__(self) -> int:
        self.turns += 1
        assert self.answered.wait(60)
        return self.turns


def test_many_who_ask_at_once_get_one_answer() -> None:
    question = Question()

    async def ask() -> list[int | None]:
        latest = Newest(question)
        asking = [asyncio.create_task(latest.get()) for _ in range(100)]
        # The loop goes on meanwhile.
        await asyncio.sleep(0.05)
        question.answered.set()
        return [*await asyncio.gather(*asking), await latest.get()]

    assert asyncio.run(ask()) == [1] * 101


def test_an_answer_is_given_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question()
    question.answered.set()

    async def ask() -> list[int | None]:
        latest = Newest(question)
        found = [await latest.get() for _ in range(3)]
        monkeypatch.setattr(newest, "_AGE", -1.0)
        return [*found, await latest.get(), await latest.get()]

    assert asyncio.run(ask()) == [1, 1, 1, 2, 3]


def test_a_question_that_nobody_answers_is_not_asked_again_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question()
    monkeypatch.setattr(newest, "_PATIENCE", 0.05)
    monkeypatch.setattr(newest, "_AGE", -1.0)

    async def ask() -> list[int | None]:
        latest = Newest(question)
        found = [await latest.get() for _ in range(5)]
        question.answered.set()
        monkeypatch.setattr(newest, "_PATIENCE", 60.0)
        return [*found, await latest.get(), await latest.get()]

    assert asyncio.run(ask()) == [None] * 5 + [1, 2]


HANGING = """
import asyncio, time
from comfyui_metrics import newest
newest._PATIENCE = 0.2
print(asyncio.run(newest.Newest(lambda: time.sleep(600)).get()))
"""


def test_a_server_ends_though_a_driver_hangs() -> None:
    words = [sys.executable, "-c", HANGING]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, cwd=FOLDER.parent, timeout=120)
    assert ended.stdout == "None\n"


def test_a_failure_is_none() -> None:
    def fail() -> int:
        raise OSError

    async def ask() -> int | None:
        return await Newest(fail).get()

    assert asyncio.run(ask()) is None


def test_a_driver_that_hangs_keeps_nothing_else_back(routes: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question()
    monkeypatch.setattr(newest, "_PATIENCE", 1.0)
    monkeypatch.setattr(route, "gpus", question)
    monkeypatch.setattr(route, "machine", lambda: {"cpu": {"percent": 1.0}, "ram": {}, "process": {}})
    route.serve(routes)
    told = asked(routes)
    question.answered.set()
    assert (told["cpu"]["percent"], told["gpus"]) == (1.0, None)


def test_a_machine_that_tells_nothing_has_the_same_shape(routes: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "machine", lambda: 1 / 0)
    monkeypatch.setattr(route, "gpus", list)
    route.serve(routes)
    told = asked(routes)
    del told["time"]
    assert told == {"version": 1, "cpu": {}, "ram": {}, "process": {}, "gpus": []}
