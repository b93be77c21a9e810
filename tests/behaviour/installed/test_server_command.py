"""`flowbind server`: start, list and stop from a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from tests.unit.command import flowbind

from flowbind import LocalServer
from flowbind.local_server import keeper, records
from flowbind_generator.cli import main

from .watching import processes_of, wait_until

FLOWBIND = [sys.executable, "-m", "flowbind", "server"]


def shell(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, and check its exit code."""
    done = subprocess.run([*FLOWBIND, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_server_outlives_the_command_that_started_it_and_is_listed_and_stopped(
    checkout: Path, tmp_path: Path
) -> None:
    started = shell("start", "comfyui", str(checkout), "--env", "HUE=red", "--", "--cpu")
    url = started.stdout.strip()
    told = httpx.get(f"{url}/system_stats").json()["system"]
    assert told["argv"][-1] == "--cpu"
    assert told["environment"]["HUE"] == "red"
    port = url.rpartition(":")[2]
    assert f"`flowbind server stop {port}` stops it." in started.stderr
    head, row = shell("list").stdout.splitlines()
    assert head.split() == ["engine", "url", "pid", "since", "state", "folder"]
    assert row.split()[:2] == ["ComfyUI", url]
    assert "answers" in row
    assert str(checkout) in row
    assert shell("stop", port).stdout == f"{url}: stopped\n"
    assert processes_of(tmp_path) == []
    assert shell("list").stdout == ""


def test_an_invokeai_of_its_root(venv: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / ".venv").symlink_to(venv)
    told = json.loads(flowbind("server", "start", "invokeai", str(tmp_path / "root"), "--format", "json").stdout)
    assert told["release"] == "6.14.2"
    again = flowbind("server", "start", "invokeai", str(tmp_path / "root"), "--venv", str(venv), code=2)
    assert "or give this one a root of its own" in again.stderr
    (one,) = json.loads(flowbind("server", "list", "--format", "json").stdout)
    assert {key: one[key] for key in ("engine", "url", "pid", "folder", "log", "detached", "answers")} == {
        "engine": "invokeai",
        "url": told["url"],
        "pid": told["pid"],
        "folder": str(tmp_path / "root"),
        "log": told["log"],
        "detached": True,
        "answers": True,
    }
    flowbind("server", "stop", told["url"])


@pytest.mark.parametrize("form", ["port", "pid", "url", "localhost", "slash"])
def test_a_server_is_meant_by_address_port_or_process(checkout: Path, form: str) -> None:
    local = LocalServer.comfyui(checkout, detached=True).start()
    target = {
        "port": str(local.port),
        "pid": str(local.pid),
        "url": local.url,
        "localhost": f"http://localhost:{local.port}",
        "slash": f"{local.url}/",
    }[form]
    assert flowbind("server", "stop", target).stdout == f"{local.url}: stopped\n"
    assert not local.is_running()


def test_all_are_stopped(checkout: Path, venv: Path, tmp_path: Path) -> None:
    both = [
        LocalServer.comfyui(checkout, detached=True).start(),
        LocalServer.invokeai(venv, tmp_path / "root", detached=True).start(),
    ]
    assert flowbind("server", "stop", "--all").stdout.count(": stopped\n") == 2
    assert not any(local.is_running() for local in both)
    assert "runs here" in flowbind("server", "stop", "--all").stderr


def test_what_is_gone_already_is_no_error(checkout: Path) -> None:
    local = LocalServer.comfyui(checkout, detached=True).start()
    os.kill(local.pid, signal.SIGKILL)
    wait_until(lambda: not local.is_running())
    listed = flowbind("server", "list")
    assert listed.stdout == ""
    assert listed.stderr.startswith(f"{local.url}: has ended; its log is {local.log_file}.\n")
    assert list(records.folder().glob("*.json")) == []
    for target in (str(local.port), str(local.pid), local.url):
        told = flowbind("server", "stop", target)
        assert told.stderr == f"{target}: nothing to stop, no server that flowbind has started runs there.\n"


@pytest.mark.parametrize("by", ["port", "pid", "url"])
def test_what_has_ended_since_somebody_looked_is_said_to_have(checkout: Path, by: str) -> None:
    local = LocalServer.comfyui(checkout, detached=True).start()
    os.kill(local.pid, signal.SIGKILL)
    wait_until(lambda: not local.is_running())
    assert flowbind("server", "stop", str(getattr(local, by))).stdout == f"{local.url}: had ended already\n"


def test_a_number_is_a_port_before_it_is_a_process(checkout: Path) -> None:
    first, second = (LocalServer.comfyui(checkout, detached=True).start() for _ in range(2))
    with records.held():
        (known,) = [record for record in records.running() if record.pid == second.pid]
        records.written(known.model_copy(update={"port": first.pid}))
    flowbind("server", "stop", str(first.pid))
    assert not second.is_running()
    assert first.is_running()


def test_one_that_cannot_be_stopped_keeps_no_other_from_it(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (LocalServer.comfyui(checkout, detached=True).start() for _ in range(2))
    end = keeper.end
    with monkeypatch.context() as patched:
        patched.setattr(keeper, "end", lambda pid, *given: pid != first.pid and end(pid, *given))
        told = flowbind("server", "stop", "--all", code=2)
    assert told.stderr == f"The process {first.pid} of the server at {first.url} cannot be ended.\n"
    assert told.stdout == f"{second.url}: stopped\n"


@pytest.mark.parametrize("command", [("list",), ("stop", "--all")])
def test_a_folder_for_records_that_cannot_be_used_is_told(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with monkeypatch.context() as patched:
        patched.setenv(records.FOLDER, str(tmp_path / "file"))
        assert "Set FLOWBIND_STATE to a folder" in flowbind("server", *command, code=2).stderr


def test_a_server_that_ends_while_it_is_stopped_is_no_error(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = LocalServer.comfyui(checkout, detached=True).start()
    surveyed = records.surveyed

    def killed_then() -> tuple[list[records.Record], list[records.Record]]:
        found = surveyed()
        if found[0]:
            os.kill(local.pid, signal.SIGKILL)
            wait_until(lambda: not local.is_running())
        return found

    monkeypatch.setattr(records, "surveyed", killed_then)
    assert flowbind("server", "stop", str(local.port)).stdout == f"{local.url}: had ended already\n"


def test_a_server_of_another_program_is_left_alone(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalServer.comfyui(checkout) as other:
        monkeypatch.setenv(records.FOLDER, str(tmp_path / "another"))
        told = flowbind("server", "stop", other.url, code=1).stderr
        assert told == f"{other.url}: ComfyUI 0.8.0 answers there, but flowbind has not started it here.\n"
        assert httpx.get(f"{other.url}/system_stats").status_code == 200
        monkeypatch.setenv(records.FOLDER, str(tmp_path / "state"))


@pytest.mark.parametrize("arguments", [(), ("--all", "8188"), ("the-one",), ("http://[bad",), ("²",)])
def test_what_is_to_be_stopped_has_to_be_said(arguments: tuple[str, ...]) -> None:
    assert "Usage" in flowbind("server", "stop", *arguments, code=2).stderr


def test_a_server_that_does_not_answer_is_listed_as_such(checkout: Path) -> None:
    local = LocalServer.comfyui(checkout, detached=True).start()
    os.kill(local.pid, signal.SIGSTOP)
    assert "does not answer" in flowbind("server", "list").stdout
    os.kill(local.pid, signal.SIGCONT)


def test_a_failed_start_says_why_and_leaves_nothing(checkout: Path, tmp_path: Path) -> None:
    told = shell("start", "comfyui", str(checkout), "--env", "STAND_IN_DIES=3", code=2)
    assert told.stdout == ""
    lines = told.stderr.splitlines()
    under = f"it ran under {sys.executable}"
    assert lines[0] == f"ComfyUI has ended while it started (exit code 3); {under}. The end of its log:"
    assert len(lines) == 21
    assert processes_of(tmp_path) == []


def test_a_taken_port_says_who_has_it(checkout: Path) -> None:
    with LocalServer.comfyui(checkout) as other:
        told = flowbind("server", "start", "comfyui", str(checkout), "--port", str(other.port), code=2).stderr
        assert told.startswith(f"Port {other.port} is taken: ComfyUI that flowbind started at ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("comfyui", "nowhere"), "give the folder that holds its main.py"),
        (("invokeai", "nowhere"), "is no virtual environment"),
        (("comfyui", "nowhere", "--env", "HUE"), "it looks like NAME=VALUE"),
        (("comfyui", "nowhere", "--port", "70000"), "70000 is not in the range"),
    ],
)
def test_what_cannot_be_started_says_why(arguments: tuple[str, ...], said: str) -> None:
    assert said in flowbind("server", "start", *arguments, code=2).stderr


def test_an_argument_that_has_an_option_is_refused(checkout: Path) -> None:
    told = flowbind("server", "start", "comfyui", str(checkout), "--", "--listen", code=2).stderr
    assert "give host= (in a shell --host) instead of the argument --listen" in told


def test_ctrl_c_while_it_starts_leaves_nothing(checkout: Path, tmp_path: Path) -> None:
    slow = ["--env", "STAND_IN_SLOW=600", "--env", f"STAND_IN_CHILD={tmp_path / 'child'}"]
    with subprocess.Popen([*FLOWBIND, "start", "comfyui", str(checkout), *slow], stderr=subprocess.PIPE) as command:
        wait_until((tmp_path / "child").exists)
        command.send_signal(signal.SIGINT)
        _, told = command.communicate()
    assert command.returncode == 130
    assert b"Traceback" not in told
    assert processes_of(tmp_path) == []


def test_each_family_can_be_started() -> None:
    listed = CliRunner().invoke(main, ["server", "start", "--help"]).stdout
    assert "comfyui" in listed
    assert "invokeai" in listed
