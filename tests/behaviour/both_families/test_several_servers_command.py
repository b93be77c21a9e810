"""`flowbind run --url A --url B`: runs shared out among servers of one family, and told as those of one server are."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import flowbind
from flowbind.families import client_of
from flowbind_generator.progress_line import ProgressLine

from ..drawn_sheets import captions, noted
from ..terminals import Terminal
from .comfyui_family import COMFYUI
from .family import HOLDS
from .invokeai_family import INVOKEAI
from .run_command import Command, in_project

DEAD, DEAD_TOO = "http://127.0.0.1:9", "http://127.0.0.1:1"


@pytest.fixture(params=[INVOKEAI, COMFYUI], ids=lambda family: family.name)
def command(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command on two servers, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with in_project(request.param, tmp_path, servers=2) as made:
        yield made


def with_login(url: str) -> str:
    """Return an address with a login in it."""
    return url.replace("://", "://me:hunter2@")


@contextmanager
def meanwhile(do: Callable[[], None]) -> Iterator[None]:
    """Do something beside; it has to be done by the end."""
    doing = Thread(target=do)
    doing.start()
    yield
    doing.join(30)
    assert not doing.is_alive()


def wait_until(said: Callable[[], Any]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 20
    while not said():
        assert time.monotonic() < until
        time.sleep(0.02)


def seeds(command: Command) -> dict[str, list[int]]:
    """Return the seeds that each server was given."""
    return {server.url: [given["seed"] for given in server.given()] for server in command.stand_ins}


def files(runs: Sequence[Any]) -> list[Path]:
    """Return what runs have left, as it is told."""
    return [Path(path) for run in runs for made in run.get("outputs", {}).values() for path in made]


def test_all_servers_run_at_once_and_runs_are_told_in_order(command: Command) -> None:
    def let_go() -> None:
        wait_until(lambda: all(server.posts() for server in command.stand_ins))
        assert [server.posts() for server in command.stand_ins] == [1, 1]
        for server in command.stand_ins:
            server.go_on.set()

    with meanwhile(let_go):
        runs = command.told("--set", f"text={HOLDS}", "--sweep", "seed=3,1,2,5,4")["runs"]
    assert [run["varied"] for run in runs] == [{command.family.seed: seed} for seed in (3, 1, 2, 5, 4)]
    given = seeds(command)
    assert sorted(seed for of_one in given.values() for seed in of_one) == [1, 2, 3, 4, 5]
    assert all(run["varied"][command.family.seed] in given[run["server"]] for run in runs)
    assert files(runs)
    assert all(path.is_file() for path in files(runs))


def test_a_single_instance_runs_on_one_of_them(command: Command) -> None:
    told = command.told("--set", "seed=5")
    assert told["server"] in command.urls
    assert (told["varied"], seeds(command)[told["server"]]) == ({}, [5])
    assert sum(server.posts() for server in command.stand_ins) == 1
    done = command.run("--set", "seed=6")
    assert done.stderr == ""
    assert all(Path(line).is_file() for line in done.stdout.splitlines())


def test_a_single_server_is_not_named(command: Command) -> None:
    (run,) = replace(command, urls=command.urls[:1]).told("--sweep", "seed=5")["runs"]
    assert "server" not in run


def test_the_sheet_has_what_all_servers_have_made(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = noted(monkeypatch)
    told = command.told("--sweep", "seed=3,1,2,4", "--sheet", "all.png")
    ((cells, _),) = drawn
    assert captions(cells)[:: cells.per_run] == [f"{command.family.seed}={seed}" for seed in (3, 1, 2, 4)]
    assert [path for _, path in cells.cells if path is not None] == files(told["runs"])
    assert told["sheet"] == "all.png"
    assert Path("all.png").is_file()


def test_a_server_that_is_away_is_told_and_the_others_run(command: Command) -> None:
    done = replace(command, urls=[DEAD, command.urls[0]]).run("--sweep", "seed=1,2,3")
    assert done.stderr == f"{DEAD}: Nothing answers there as {command.family.name} does. The others begin without it.\n"
    assert command.stand_in.posts() == 3
    assert all(Path(line).is_file() for line in done.stdout.splitlines())


@pytest.mark.parametrize("form", [(), ("--format", "json")])
def test_where_no_server_answers_each_is_named(command: Command, form: tuple[str, ...]) -> None:
    urls = [with_login(DEAD), DEAD_TOO]
    done = replace(command, urls=urls).run("--set", "seed=1", *form, code=2)
    first, *servers = done.stderr.splitlines()
    assert (done.stdout, first) == ("", f"{command.title}: no server can run it.")
    assert servers == [f"  {url}: Nothing answers there as {command.family.name} does." for url in (DEAD, DEAD_TOO)]


def test_a_server_of_the_other_family_runs_nothing(command: Command) -> None:
    other = COMFYUI if command.family is INVOKEAI else INVOKEAI
    with other.stand_in() as stranger:
        done = replace(command, urls=[stranger.url, command.urls[0]]).run("--sweep", "seed=1,2,3")
        assert f"{stranger.url}: Nothing answers there as {command.family.name} does." in done.stderr
        assert (stranger.posts(), command.stand_in.posts()) == (0, 3)


def test_a_login_in_an_address_is_sent_and_told_nowhere(command: Command) -> None:
    urls = [with_login(url) for url in command.urls]
    done = replace(command, urls=urls).run("--sweep", f"text=red,{command.family.fails}", "--format", "json", code=1)
    assert "hunter2" not in done.output
    assert json.loads(done.stdout)["runs"][0]["server"] in command.urls
    # What a stand-in notes of a websocket has none.
    requests = [request for server in command.stand_ins for request in server.requests if request.headers]
    assert {request.headers.get("authorization") for request in requests} == {"Basic bWU6aHVudGVyMg=="}


def test_what_is_no_address_is_told_without_its_login(command: Command) -> None:
    done = replace(command, urls=[with_login("ftp://somewhere"), command.urls[0]]).run(code=2)
    assert done.stderr.startswith("'ftp://somewhere' is no address of a server")
    assert command.stand_in.requests == []


def test_a_failure_stands_among_the_others(command: Command) -> None:
    words = ("--sweep", f"text=red,{command.family.fails},blue", "--format", "json")
    done = command.run(*words, code=1)
    runs = json.loads(done.stdout)["runs"]
    assert ["outputs" in run for run in runs] == [True, False, True]
    assert {*runs[1]} >= {"item_id", "varied", "error"}
    assert done.stderr == f"{command.title}: 1 of 3 runs did not end well. Run 2: {runs[1]['error']}\n"
    assert all(path.is_file() for path in files(runs))


def test_a_single_run_that_fails_has_its_error_alone(command: Command) -> None:
    done = command.run("--set", f"text={command.family.fails}", code=1)
    assert done.stdout == ""
    assert "did not end well" not in done.stderr
    assert " failed at " in done.stderr


def test_what_no_server_takes_is_told_with_their_reasons(command: Command) -> None:
    for server in command.stand_ins:
        server.fail_submit()
    done = command.run("--sweep", "seed=1", "--format", "json", code=2)
    first, *reasons = done.stderr.splitlines()
    assert first == f"{command.title}: 1 of 1 runs did not end well. Run 1: {command.title}: no server can run it."
    assert [reason.split()[0] for reason in reasons] == [f"{url}:" for url in command.urls]
    (run,) = json.loads(done.stdout)["runs"]
    assert run["error"].splitlines()[1:] == reasons
    assert {*run} == {"varied", "error"}


def test_what_one_server_does_not_take_another_runs(command: Command) -> None:
    command.stand_in.fail_submit()
    runs = command.told("--sweep", "seed=1,2,3,4")["runs"]
    assert [run["varied"][command.family.seed] for run in runs] == [1, 2, 3, 4]
    assert sorted(seed for of_one in seeds(command).values() for seed in of_one) == [1, 2, 3, 4]


def test_what_a_server_had_that_goes_away_is_run_elsewhere(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowbind, "Fleet", partial(flowbind.Fleet, patience=0.5))
    first, second = command.stand_ins

    def die() -> None:
        wait_until(lambda: first.posts() and second.posts())
        first.is_away = True
        second.go_on.set()

    with meanwhile(die):
        done = command.run("--set", f"text={HOLDS}", "--sweep", "seed=1,2,3,4", "--format", "json")
    assert f"{first.url} went away; 1 run went on elsewhere. " in done.stderr
    runs = json.loads(done.stdout)["runs"]
    assert {run["server"] for run in runs} == {second.url}
    assert sorted(seeds(command)[second.url]) == [1, 2, 3, 4]


def test_ctrl_c_cancels_what_goes_on_and_tells_what_is_saved(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: ProgressLine) -> None:
        wait_until(lambda: sum(server.posts() for server in command.stand_ins) == 3)
        raise KeyboardInterrupt

    counted = ProgressLine.count
    monkeypatch.setattr(ProgressLine, "count", lambda line: interrupt(line) if line._ended else counted(line))
    words = ("--sweep", f"text=red,blue,{HOLDS}", "--sweep", "seed=1", "--sheet", "all.png")
    done = command.run(*words, code=130)
    assert done.stderr == f"Canceled: what went on at {' and '.join(command.urls)}.\n"
    assert done.stdout.splitlines()
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    assert not Path("all.png").exists()
    for url in command.urls:
        # What holds would go on.
        with client_of(url, check="off") as client:
            wait_until(lambda server=client: server.metrics().queue_depth == 0)


def test_a_timeout_is_for_one_server(command: Command) -> None:
    said = command.run("--timeout", "5", code=2).stderr
    assert "--timeout lets runs go on in a server's queue" in said
    assert all(server.requests == [] for server in command.stand_ins)


def test_a_missing_extra_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = command.run(code=2)
    assert done.stderr == "Running on several servers needs its extra: pip install 'flowbind[fleet]'\n"
    assert all(server.requests == [] for server in command.stand_ins)
    replace(command, urls=command.urls[:1]).run()


def test_a_terminal_shows_how_many_have_ended_and_where_to_look(command: Command, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "flowbind", *command.words("--set", f"text={HOLDS}", "--sweep", "seed=1,2,3")]
    terminal = Terminal(words, tmp_path, {**os.environ, "COLUMNS": "100"})
    terminal.read_until(b"What the servers do: http://127.0.0.1:")
    terminal.read_until(f"{command.title}: 0 of 3 runs have ended, ".encode())
    wait_until(lambda: all(server.posts() for server in command.stand_ins))
    terminal.press_ctrl_c()
    code, output = terminal.end()
    assert (code, output) == (130, b"")
    assert b"\r\x1b[KCanceled: what went on at " in terminal.shown
    assert b"Traceback" not in terminal.shown
