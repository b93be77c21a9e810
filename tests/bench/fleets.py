"""Many servers: how much more they do than one, and what it costs to hand instances to them.

    python -m tests.bench.fleets NUMBER

hands a number of instances to three servers that need no time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench.measuring import ROOT
from tests.bench.processes import Cost, cost
from tests.bench.rows import Row
from tests.performance.budgets import SERVERS

RUNS = 90
INSTANCES = (1_000, 10_000, 100_000)


def fleets() -> list[Row]:
    """How many runs of 0.1 s three servers do in a second, beside one; times are of the clock."""
    from tests.behaviour.fleet.instant import unhurried

    rates = {servers: RUNS / _seconds(servers, unhurried, RUNS) for servers in (3, 1)}
    return [Row("runs of 0.1 s, a fleet of three servers", rates[3], "of one server", rates[1], SERVERS, "/s")]


def handed_out() -> dict[int, Cost]:
    """Return what it costs to hand out each number of instances."""
    command = [sys.executable, "-m", "tests.bench.fleets"]
    return {number: cost([*command, str(number)], ROOT, watched=True) for number in INSTANCES}


def _seconds(servers: int, connect: Callable[[str], Any], number: int) -> float:
    """Return how long a number of instances take."""
    from tests.behaviour.both_families.collage import Collage

    from flowbind import Fleet

    with Fleet([f"http://gpu{place}:9090" for place in range(servers)], connect=connect) as fleet:
        list(fleet.run_many(Collage() for _ in range(servers)))
        began = time.perf_counter()
        assert sum(1 for _ in fleet.run_many(Collage() for _ in range(number))) == number
        return time.perf_counter() - began


if __name__ == "__main__":
    from tests.behaviour.fleet.instant import InstantServer

    _seconds(3, InstantServer, int(sys.argv[1]))
