"""The line that follows a run on a terminal: what it says, and that nothing of it stays, or is shown elsewhere."""

from __future__ import annotations

import io
import shutil
import time
from os import terminal_size
from types import SimpleNamespace

import pytest

from flowbind.errors import RunError
from flowbind.events import Failed, Progress, Queued, Started
from flowbind_generator import progress_line
from flowbind_generator.progress_line import ProgressLine


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The terminal that standard error is."""
    made = Terminal()
    # Not the module's own: pytest sets that anew when a test begins.
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=made))
    return made


def progress(node: str, percentage: float | None) -> Progress:
    """Return an event of a node."""
    return Progress(7, 1, node, "id", "message", percentage, 0, None)


def shown(terminal: Terminal) -> list[str]:
    """Return the lines that were shown, one in place of the other."""
    return [line.removesuffix(", 0 s") for line in terminal.getvalue().split("\r\x1b[K")[1:]]


def test_a_run_is_followed(terminal: Terminal) -> None:
    with ProgressLine("Poster", 1) as line:
        for event in (Queued(7, 1), Started(7, 1), progress("Grain", None), progress("Denoise", 44.6)):
            line.show(event)
    assert shown(terminal) == [
        *["Poster: pending"] * 2, "Poster: in progress", "Poster: Grain", "Poster: 45 % Denoise", "",
    ]  # fmt: skip


def test_one_run_of_which_nothing_else_is_told_is_counted(terminal: Terminal) -> None:
    with ProgressLine("Poster", 1, doing="") as line:
        line.count()
    assert shown(terminal) == ["Poster: 0 of 1 runs have ended", "Poster: 1 of 1 runs have ended", ""]


def test_the_runs_of_a_batch_are_counted(terminal: Terminal) -> None:
    with ProgressLine("GrainStudy", 2) as line:
        line.show(progress("Grain", 50.0))
        line.show(Failed(7, 1, RunError("x", workflow="GrainStudy", item_id=7)))
    *_, before, after, wiped = shown(terminal)
    assert before == "GrainStudy: 0 of 2 runs have ended, 50 % Grain"
    assert after == "GrainStudy: 1 of 2 runs have ended, 50 % Grain"
    assert wiped == ""


def test_hostile_labels_do_no_harm(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: terminal_size((40, 24)))
    with ProgressLine("Poster", 1) as line:
        line.show(progress("a\x1b[2J\n\u202e" + "b" * 1000, 1.0))
    *_, hostile, wiped = terminal.getvalue().split("\r\x1b[K")
    assert wiped == ""
    assert hostile.isprintable()
    assert len(hostile) < 40


def test_the_seconds_go_by_while_nothing_is_told(terminal: Terminal) -> None:
    with ProgressLine("Poster", 1):
        deadline = time.monotonic() + 10
        while "Poster: pending, 1 s" not in terminal.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine("Poster", 1) as line:
        line.show(Queued(7, 1))
        assert line.text() == "Poster: pending"
    assert capsys.readouterr() == ("", "")
