"""What the benchmarks print, without measuring anything."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.bench import clients, environments
from tests.bench.lines import Line
from tests.bench.rows import Absent, Row, cells
from tests.performance.budgets import GROWTH, SUBMIT, WHOLE


def test_a_peer_that_cannot_be_installed_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(command: list[str], stdout: Any, **_: Any) -> subprocess.CompletedProcess[bytes]:
        stdout.write("ERROR: no connection to https://packages.example\n")
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setenv("FLOWBIND_CACHE", str(tmp_path))
    monkeypatch.setattr(environments.subprocess, "run", fail)
    (row,) = clients.clients()
    assert isinstance(row, Absent)
    assert cells(row)[-1] == "not measured: it could not be installed"


@pytest.mark.parametrize(
    ("ours", "budget", "said"),
    [
        (0.9, WHOLE, "holds"),
        (1.5, WHOLE, "missed by 50%: it does more"),
        (0.9, SUBMIT, "holds"),
        (0.8, SUBMIT, "missed by 6%: it does more"),
        (7, None, ""),
    ],
)
def test_a_verdict_tells_why_where_a_budget_is_missed(ours: float, budget: Any, said: str) -> None:
    assert Row("this", ours, "that", 1.0, budget, reason="it does more").verdict == said


@pytest.mark.parametrize(("power", "holds"), [(1, True), (1.5, False), (2, False)])
def test_the_exponent_is_that_of_the_last_decade(power: float, holds: bool) -> None:
    line = Line("work", "things", "s", {size: 5 + size**power for size in (10, 100, 1000, 3000, 10_000)})
    assert line.exponent == pytest.approx(power, abs=0.01)
    assert GROWTH.holds(line.exponent) is holds
