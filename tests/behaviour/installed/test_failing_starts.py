"""Starts that fail: a port that is taken, a server that dies or is slow, two at once, logs of any size."""

from __future__ import annotations

import ast
import errno
import os
import re
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flowbind import LocalServer
from flowbind.errors import LocalServerError, PortTaken, ServerDied, StartTimeout
from flowbind.local_server import keeper, placing, records
from flowbind.local_server.ports import free_port

from .conftest import Family
from .watching import processes_of, wait_until


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens at, which answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_of_another_program_is_told_before_anything_is_started(
    family: Family, taken: int, tmp_path: Path
) -> None:
    with pytest.raises(PortTaken, match=rf"Port {taken} is taken: another program listens there\. Stop it, or") as told:
        family.make(port=taken).start()
    assert told.value.log == ()
    assert list(tmp_path.rglob("*.log")) == []


def test_who_answers_at_a_taken_port_is_named(
    family: Family, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalServer.comfyui(checkout) as other:
        # It is another user's: nothing here knows of it.
        monkeypatch.setenv(records.FOLDER, str(tmp_path / "another"))
        with pytest.raises(PortTaken, match=r"ComfyUI 0\.8\.0 answers there already"):
            family.make(port=other.port).start()


def test_who_has_started_at_a_port_is_named(family: Family, checkout: Path) -> None:
    with (
        LocalServer.comfyui(checkout) as other,
        pytest.raises(PortTaken, match=rf"ComfyUI that flowbind started at [-\d]+ [:\d]+, pid {other.pid}\."),
    ):
        family.make(port=other.port).start()


def test_a_port_that_is_taken_meanwhile_is_told(family: Family, tmp_path: Path) -> None:
    port = free_port("127.0.0.1", ())
    local = family.make(port=port, environment={"STAND_IN_SLOW": "3", "STAND_IN_CHILD": str(tmp_path / "child")})
    with ThreadPoolExecutor() as pool:
        started = pool.submit(local.start)
        wait_until((tmp_path / "child").exists)
        with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=f"taken port {port} meanwhile"):
            started.result()
    assert processes_of(tmp_path) == []


def test_another_server_that_answers_meanwhile_is_not_taken_for_it(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {"STAND_IN_SLOW": "600", "STAND_IN_CHILD": str(tmp_path / "child")}
    port = free_port("127.0.0.1", ())
    local = LocalServer.comfyui(checkout, port=port, environment=slow)
    with ThreadPoolExecutor() as pool:
        started = pool.submit(local.start)
        wait_until((tmp_path / "child").exists)
        monkeypatch.setenv(records.FOLDER, str(tmp_path / "another"))
        with LocalServer.comfyui(checkout, port=port):
            # Linux tells who listens; elsewhere the log does, when the server fails.
            with pytest.raises(PortTaken, match="meanwhile"):
                started.result()
            monkeypatch.setenv(records.FOLDER, str(tmp_path / "state"))


def test_a_free_port_that_is_taken_meanwhile_costs_another_try(
    family: Family, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = placing.free_port
    offered = [taken, taken]
    monkeypatch.setattr(placing, "free_port", lambda *given: offered.pop() if offered else chosen(*given))
    with family.make() as local:
        assert local.port != taken
        assert offered == []


def test_free_ports_that_are_always_taken_are_given_up(
    family: Family, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "free_port", lambda *_: taken)
    with pytest.raises(PortTaken):
        family.make().start()


def test_an_address_of_another_machine_is_refused(family: Family) -> None:
    with pytest.raises(LocalServerError, match=r"cannot listen at 192\.0\.2\.1, port any: "):
        family.make(host="192.0.2.1").start()


def test_a_server_that_dies_shows_the_end_of_its_log(family: Family, tmp_path: Path) -> None:
    local = family.make(environment={"STAND_IN_DIES": "3"})
    with pytest.raises(ServerDied) as told:
        local.start()
    assert told.value.exit_code == 3
    assert told.value.log == tuple(rf"loading {number}\u202e" for number in range(10, 30))
    lines = str(told.value).splitlines()
    started = r"ended while it started \(exit code 3\); it ran under \S+/python\S*\. The end of its log:"
    assert re.fullmatch(f"{family.title} has {started}", lines[0])
    assert lines[-1] == r"    loading 29\u202e"
    assert processes_of(tmp_path) == []
    # It is still there to be read.
    assert "loading 0" in local.log()


def test_a_server_that_is_killed_at_its_start_says_by_what(family: Family) -> None:
    with pytest.raises(ServerDied, match=r"by SIGKILL: the system ends what wants more memory") as told:
        family.make(environment={"STAND_IN_DIES": "-9"}).start()
    assert told.value.exit_code == 137


def test_a_server_that_does_not_get_ready_is_stopped(family: Family, tmp_path: Path) -> None:
    slow = {"STAND_IN_SLOW": "600", "STAND_IN_CHILD": str(tmp_path / "child")}
    with pytest.raises(StartTimeout, match=r"has not answered at 127\.0\.0\.1:\d+ within 1 s, and was stopped") as told:
        family.make(environment=slow, timeout=1).start()
    assert isinstance(told.value, TimeoutError)
    assert processes_of(tmp_path) == []
    with records.held():
        assert records.running() == []


def test_secrets_of_its_environment_are_not_shown(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-shell")
    given = {
        "HF_TOKEN": "hf_s3cret",
        "PGPASSWORD": "hf_s3cret-and-more",
        "CUDA_VISIBLE_DEVICES": "loading",
        "A_KEY": "1",
        "STAND_IN_SAYS": "no hf_s3cret-and-more, hf_s3cret, sk-of-the-shell at http://ada:pa55@proxy:80/ada:1@",
        "STAND_IN_DIES": "3",
    }
    local = family.make(environment=given)
    with pytest.raises(ServerDied) as told:
        local.start()
    for shown in (str(told.value), local.log()):
        assert "no <secret>, <secret>, <secret> at http://proxy:80/ada:1@" in shown
        assert "loading 29" in shown


def test_a_folder_for_records_that_cannot_be_used_is_told(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with monkeypatch.context() as patched:
        patched.setenv(records.FOLDER, str(tmp_path / "file"))
        with pytest.raises(LocalServerError, match=r"which cannot be used: Not a directory\. Set FLOWBIND_STATE to"):
            family.make().start()


def test_a_disk_that_gets_full_while_it_starts_is_told(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = records.written
    rooms = [written]

    def full(record: records.Record) -> None:
        if not rooms:
            raise OSError(errno.ENOSPC, "No space left on device")
        rooms.pop()(record)

    monkeypatch.setattr(records, "written", full)
    with pytest.raises(LocalServerError, match=f"{family.title} cannot be started: .*No space left"):
        family.make().start()
    assert processes_of(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match=r"ComfyUI cannot be started: .*file"):
        LocalServer.comfyui(checkout, output_directory=tmp_path / "file" / "out").start()


@pytest.mark.parametrize("python", ["missing", "not-executable", "no-python"])
def test_an_interpreter_that_cannot_be_run_is_told(checkout: Path, tmp_path: Path, python: str) -> None:
    (tmp_path / "not-executable").touch()
    (tmp_path / "no-python").write_text("#!/bin/sh\necho broken >&2; exit 1")
    (tmp_path / "no-python").chmod(0o755)
    with pytest.raises(LocalServerError, match=f"{tmp_path / python} (cannot be run|does not start it)"):
        LocalServer.comfyui(checkout, python=tmp_path / python).start()
    assert processes_of(tmp_path) == []


def test_of_two_starts_at_once_one_wins(family: Family, tmp_path: Path) -> None:
    port = free_port("127.0.0.1", ())
    made = [family.make(port=port, environment={"STAND_IN_SLOW": "0.3"}) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        errors = [future.exception() for future in [pool.submit(local.start) for local in made]]
    (won,) = [local for local, error in zip(made, errors, strict=True) if error is None]
    (told,) = [str(error) for error in errors if error is not None]
    # An InvokeAI holds its root, too.
    assert f"Port {port} is taken: " in told or "runs already from" in told
    assert f"pid {won.pid}" in told
    won.stop()
    assert processes_of(tmp_path) == []


def test_of_two_threads_that_start_the_same_one_wins(family: Family, tmp_path: Path) -> None:
    local = family.make(environment={"STAND_IN_SLOW": "0.3"})
    with ThreadPoolExecutor() as pool:
        errors = [future.exception() for future in [pool.submit(local.start) for _ in range(2)]]
    (told,) = [str(error) for error in errors if error is not None]
    assert told == f"This server runs already, at {local.url}."
    local.stop()
    assert processes_of(tmp_path) == []


def test_a_start_that_another_thread_stops_says_so(family: Family, tmp_path: Path) -> None:
    slow = {"STAND_IN_SLOW": "600", "STAND_IN_CHILD": str(tmp_path / "child")}
    local = family.make(environment=slow)
    with ThreadPoolExecutor() as pool:
        started = pool.submit(local.start)
        wait_until((tmp_path / "child").exists)
        local.stop()
        with pytest.raises(ServerDied, match=r"ended while it started \(by SIGINT\)"):
            started.result()
    assert processes_of(tmp_path) == []


def test_of_two_processes_that_start_at_once_one_wins(program: Any, tmp_path: Path) -> None:
    port = free_port("127.0.0.1", ())
    start = f"print(make(port={port}, detached=True).start().pid)"
    body = f"try: {start}\nexcept Exception as error: print(type(error).__name__)"
    both = [program(body) for _ in range(2)]
    told = sorted(one.communicate()[0].strip() for one in both)
    assert told[1] == "PortTaken"
    assert told[0].isdigit()
    assert len(processes_of(tmp_path)) == 1


def test_a_root_that_another_server_uses_is_refused_with_the_cure(venv: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "root")
    with LocalServer.invokeai(venv, tmp_path / "root") as local:
        told = (
            rf"at {local.url} \(pid {local.pid}\); two .* `flowbind server stop {local.port}`, or .* a root of its own"
        )
        with pytest.raises(LocalServerError, match=told):
            LocalServer.invokeai(venv, tmp_path / "link").start()


def test_of_a_huge_log_only_the_end_is_read(family: Family) -> None:
    with family.make(environment={"STAND_IN_PRINTS": str(30_000_000)}) as local:
        assert local.log_file.stat().st_size > 29_000_000
        tracemalloc.start()
        try:
            shown = local.log(5).splitlines()
            assert tracemalloc.get_traced_memory()[1] < 3_000_000
        finally:
            tracemalloc.stop()
        assert len(shown) == 5
        assert local.log(0) == ""


def test_a_log_without_line_ends_is_bounded_too(family: Family) -> None:
    with family.make() as local:
        with local.log_file.open("ab") as log:
            log.write(b"10%\r50%\r\xff100%\n" + b"y" * 5_000_000)
        assert len(local.log()) < 2000
    with family.make() as local:
        with local.log_file.open("ab") as log:
            log.write(b"10%\r50%\r\xff100%\n")
        assert local.log(1) == "\ufffd100%"


def test_what_others_put_among_the_records_stays(family: Family) -> None:
    with family.make():
        strange = records.folder() / "notes.json"
        strange.write_text('{"mine": true}')
    assert strange.exists()


def test_logs_of_long_ago_are_removed(family: Family) -> None:
    with family.make() as local:
        pass
    old = local.log_file.with_name("comfyui-1.log")
    old.touch()
    os.utime(old, (0, 0))
    with family.make():
        assert not old.exists()
        assert local.log_file.exists()


def test_records_are_the_users_alone(family: Family) -> None:
    with family.make() as local:
        assert records.folder().stat().st_mode & 0o077 == 0
        assert local.log_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"XDG_STATE_HOME": "/state"}, "/state/flowbind/servers"), ({"HOME": "/home/ada"}, "/home/ada/.local/state")],
)
def test_records_are_where_the_system_has_such_things(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in (records.FOLDER, "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(records.folder()).startswith(expected)


def test_a_keeper_is_read_by_older_interpreters() -> None:
    ast.parse(Path(keeper.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))


def test_a_keeper_runs_without_flowbind(tmp_path: Path) -> None:
    asked = [sys.executable, "-I", "-S", keeper.__file__, str(tmp_path / "missing")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 127
    assert "missing" in done.stderr
