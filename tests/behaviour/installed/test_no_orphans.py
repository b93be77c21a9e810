"""Servers end, with all their children, however the program that started them does."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flowbind.errors import LocalServerError
from flowbind.local_server import records

from .conftest import Family
from .watching import processes_of, wait_until

Program = Callable[..., "subprocess.Popen[str]"]
RUNS = "local = make(environment={environment}).start(); print(local.log_file, flush=True); time.sleep(600)"


def first_line(program: subprocess.Popen[str]) -> str:
    """Return the first line that a program prints."""
    assert program.stdout is not None
    return program.stdout.readline().strip()


def gone(folder: Path) -> Callable[[], bool]:
    """Return what tells whether nothing of a folder runs."""
    return lambda: processes_of(folder) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_server_and_its_children_end_with_the_program(
    program: Program, tmp_path: Path, number: signal.Signals
) -> None:
    ended = program(RUNS.format(environment={"STAND_IN_CHILD": str(tmp_path / "child")}))
    log = Path(first_line(ended))
    assert len(processes_of(tmp_path)) == 4  # the program, the keeper, the server, its child
    ended.send_signal(number)
    wait_until(gone(tmp_path))
    # Even then it may clean up.
    assert log.read_text().endswith("Stopped server\n")


@pytest.mark.parametrize("detached", [True, False])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_start_that_is_cut_short_leaves_nothing(
    program: Program, tmp_path: Path, number: signal.Signals, detached: bool
) -> None:
    slow = {"STAND_IN_SLOW": "600", "STAND_IN_CHILD": str(tmp_path / "child")}
    ended = program(f"make(environment={slow}, detached={detached}).start()")
    wait_until((tmp_path / "child").exists)
    ended.send_signal(number)
    wait_until(gone(tmp_path))


def test_a_server_that_heeds_nothing_ends_with_a_killed_program(program: Program, tmp_path: Path) -> None:
    ended = program(RUNS.format(environment={"STAND_IN_IGNORES": "SIGINT"}))
    first_line(ended)
    ended.kill()
    # It has the keeper's patience, of 20 s, before it gets more than SIGINT.
    wait_until(gone(tmp_path), 40)


def test_a_fork_that_outlives_the_program_does_not_keep_its_server(program: Program, tmp_path: Path) -> None:
    body = "make().start()\nif os.fork() == 0: time.sleep(30)\nprint(1, flush=True); time.sleep(600)"
    ended = program(body)
    first_line(ended)
    ended.kill()
    wait_until(lambda: not any("keeper.py" in line or "--listen" in line for line in processes_of(tmp_path)))
    subprocess.run(["sh", "-c", f"kill {' '.join(line.split()[0] for line in processes_of(tmp_path))}"], check=False)


def test_the_end_of_a_fork_stops_nothing(program: Program) -> None:
    body = "local = make().start()\nif os.fork() == 0: sys.exit()\nos.wait(); print(local.is_running(), flush=True)"
    assert first_line(program(body)) == "True"


def test_a_program_that_ends_stops_what_it_started(program: Program, tmp_path: Path) -> None:
    ended = program("print(make().start().log_file)")
    log = Path(ended.communicate()[0].strip())
    # It has waited for it.
    assert processes_of(tmp_path) == []
    assert log.read_text().endswith("Stopped server\n")
    assert list(records.folder().glob("*.json")) == []


def test_a_server_started_behind_a_shells_ampersand_can_be_interrupted(program: Program, tmp_path: Path) -> None:
    # What a script starts so ignores SIGINT, and its children do.
    body = "import signal; assert signal.getsignal(2) == signal.SIG_IGN; local = make().start(); local.stop(); "
    told = program(body + "print(local.log(1), flush=True)", "sh", "-c", '"$0" "$@" & wait')
    assert first_line(told) == "Stopped server"
    wait_until(gone(tmp_path))


@pytest.mark.parametrize("ignored", ["SIGINT", "SIGINT,SIGTERM"])
def test_a_server_that_does_not_want_to_end_is_killed(family: Family, tmp_path: Path, ignored: str) -> None:
    with family.make(environment={"STAND_IN_IGNORES": ignored, "STAND_IN_CHILD": str(tmp_path / "child")}) as local:
        local.stop(timeout=0.1)
        assert not local.is_running()
        assert processes_of(tmp_path) == []


def test_children_of_a_server_end_with_it(family: Family, tmp_path: Path) -> None:
    with family.make(environment={"STAND_IN_CHILD": str(tmp_path / "child")}) as local:
        child = int((tmp_path / "child").read_text())
        assert os.getpgid(child) == local.pid
    assert processes_of(tmp_path) == []


def test_children_of_a_server_that_crashed_end_too(family: Family, tmp_path: Path) -> None:
    crashes = {"STAND_IN_CRASHES": str(tmp_path / "now"), "STAND_IN_CHILD": str(tmp_path / "child")}
    with family.make(environment=crashes) as local:
        (tmp_path / "now").touch()
        wait_until(gone(tmp_path))
        assert not local.is_running()


def test_a_server_whose_keeper_was_killed_is_stopped_all_the_same(family: Family, tmp_path: Path) -> None:
    with family.make() as local:
        (keeper,) = [line for line in processes_of(tmp_path) if "keeper.py" in line]
        os.kill(int(keeper.split()[0]), signal.SIGKILL)
        assert local.is_running()
    assert processes_of(tmp_path) == []


def test_a_keeper_that_is_told_to_end_ends_its_server(family: Family, tmp_path: Path) -> None:
    with family.make():
        (keeper,) = [line for line in processes_of(tmp_path) if "keeper.py" in line]
        os.kill(int(keeper.split()[0]), signal.SIGTERM)
        wait_until(gone(tmp_path))


def test_another_process_with_its_id_is_left_alone(family: Family) -> None:
    local = family.make(detached=True).start()
    local.stop()
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        with records.held():
            known = records.Record(
                engine=family.name,
                url="http://127.0.0.1:9",
                port=9,
                pid=other.pid,
                started="the start of a server that has ended",
                since=records.now(),
                folder=Path("/nowhere"),
                log=local.log_file,
                detached=True,
            )
            records.written(known)
        assert not records.stopped(known, 1)
        assert other.poll() is None
        other.kill()
    with records.held():
        assert records.running() == []


def test_what_cannot_be_ended_is_told(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    with family.make(detached=True) as local:
        with monkeypatch.context() as patched:
            patched.setattr("flowbind.local_server.keeper.end", lambda *_: False)
            with pytest.raises(LocalServerError, match="cannot be ended"):
                local.stop()
        assert local.is_running()
