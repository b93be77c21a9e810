"""Processes are known by their id and the time of their start, on Linux and on macOS."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import ModuleType

import pytest

from flowbind.local_server import processes


@pytest.fixture(params=["linux", "darwin"])
def known(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as a system has it; what macOS asks, Linux answers, too."""
    source = processes.__loader__.get_source(processes.__name__)  # type: ignore[union-attr]
    module = ModuleType(processes.__name__)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", request.param)
        exec(source, module.__dict__)
    return module


def test_a_process_has_one_start(known: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    first = known.started(os.getpid())
    assert first
    # Whoever asks from another place of the world is told the same.
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert known.started(os.getpid()) == first


def test_another_process_has_another_start(known: ModuleType) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as first:
        time.sleep(1.1)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as second:
            assert known.started(first.pid) != known.started(second.pid)
            second.communicate(b"\n")
        first.communicate(b"\n")


def test_what_has_ended_is_gone(known: ModuleType) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        deadline = time.monotonic() + 20
        # Nobody has asked it for its exit code, so it still has its id.
        while known.started(process.pid) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert known.started(process.pid) is None
