"""Installations to start stand-ins from, and a state folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowbind import LocalServer
from flowbind.local_server import records

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Family:
    """A family's stand-in: what it is called, and a server of it that is not started."""

    name: str
    title: str
    make: Callable[..., LocalServer]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for records that is the test's own; whatever a test has left running is stopped."""
    folder = tmp_path / "state"
    monkeypatch.setenv(records.FOLDER, str(folder))
    yield folder
    with records.held():
        left = records.running()
    for record in left:
        records.stopped(record, 0.1)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of ComfyUI, whose release has an option for its database."""
    folder = tmp_path / "ComfyUI"
    (folder / "comfy").mkdir(parents=True)
    (folder / "comfy" / "cli_args.py").write_text('parser.add_argument("--database-url", type=str)')
    shutil.copy(HERE / "comfyui_main.py", folder / "main.py")
    shutil.copy(HERE / "standing_in.py", folder)
    return folder


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A virtual environment with InvokeAI."""
    folder = tmp_path / "venv"
    make_venv(folder)
    shutil.copy(HERE / "invokeai_web.py", folder / "bin" / "invokeai-web")
    shutil.copy(HERE / "standing_in.py", folder / "bin")
    return folder


def make_venv(folder: Path) -> None:
    """Make what has an interpreter where a virtual environment has it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)


@pytest.fixture(params=["comfyui", "invokeai"])
def family(request: pytest.FixtureRequest, checkout: Path, venv: Path, tmp_path: Path) -> Family:
    """Each family, with an installation."""
    if request.param == "comfyui":
        return Family("comfyui", "ComfyUI", lambda **options: LocalServer.comfyui(checkout, **options))
    return Family("invokeai", "InvokeAI", lambda **options: LocalServer.invokeai(venv, tmp_path / "root", **options))


PROGRAM = """
import os, sys, time
from flowbind import LocalServer
def make(**options):
    return LocalServer.comfyui({checkout!r}, **options)
{body}
"""


@pytest.fixture
def program(checkout: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """What starts a program of its own that has `make`, a server of the checkout."""
    started: list[subprocess.Popen[str]] = []

    def run(body: str, *before: str) -> subprocess.Popen[str]:
        command: Sequence[str] = [*before, sys.executable, "-c", PROGRAM.format(checkout=str(checkout), body=body)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for one in started:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()
