"""What the sync client gives is made of what the async client gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_twins_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "tests/maintain/twins.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
