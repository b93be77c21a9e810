"""Budgets that are cheap to measure hold: ratios of what was measured in turn, never seconds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.bench.measuring import ROOT, USUAL

from .budgets import Budget
from .held import ATTEMPTS, PARTS, missed


@pytest.mark.parametrize("part", PARTS)
def test_budgets(part: str) -> None:
    command = [sys.executable, "-m", "tests.performance.held", part]
    done = subprocess.run(command, cwd=ROOT, env=USUAL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_one_good_attempt_is_enough() -> None:
    ratios = iter([3.0, 1.0])
    assert missed(lambda: [("this", Budget(2), next(ratios)), ("that", Budget(2), 1.0)]) == {}
    found = missed(lambda: [("this", Budget(2), 3.0), ("that", Budget(2), 1.0)])
    assert found == {"this": ["3.00, not <= 2"] * ATTEMPTS}
