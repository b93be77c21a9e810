"""The checkout's generated package on the path, and a server in memory for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fuzz.fake_time import fake_time
from tests.fuzz.played import Player

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    """What carries scripts out on a server in memory."""
    with fake_time() as clock:
        made = Player(clock)
        yield made
        made.close()
