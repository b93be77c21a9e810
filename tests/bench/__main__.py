"""Measures flowbind beside its peers and the least that the same work can cost, and prints one table.

    python -m tests.bench [PART ...]

Without parts all are measured, and docs/performance.md and README.md get the tables. `large_growth` is only measured
where it is named. Nothing is asserted: the tests in tests/performance do that. Times are medians of CPU time unless a
row says otherwise.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

from tests.bench import growth, lines, page
from tests.bench.clients import clients
from tests.bench.downloads import downloads
from tests.bench.fleets import fleets
from tests.bench.generation import corpus, unchanged
from tests.bench.generators import generators
from tests.bench.imports import imports
from tests.bench.lines import Line
from tests.bench.many import many
from tests.bench.measuring import ROOT
from tests.bench.memory import memory
from tests.bench.prompts import prompts
from tests.bench.requests import requests
from tests.bench.rows import Absent, Row, cells
from tests.bench.submits import submits
from tests.bench.table import table
from tests.bench.waits import waits

T = TypeVar("T")
PARTS: dict[str, Callable[[], Iterable[Row | Absent]]] = {
    "imports": imports,
    "requests": requests,
    "many": many,
    "memory": memory,
    "submits": submits,
    "waits": waits,
    "downloads": downloads,
    "clients": clients,
    "fleets": fleets,
    "unchanged": unchanged,
    "generators": generators,
    "corpus": corpus,
    "prompts": prompts,
}
GROWTH: dict[str, Callable[[], Iterable[Line]]] = {"growth": growth.growth, "large_growth": growth.large_growth}


def main() -> None:
    """Measure the parts that are named, or all, and print their rows."""
    sys.path.insert(0, str(ROOT))
    named = sys.argv[1:] or [*PARTS, "growth"]
    if unknown := {*named} - {*PARTS, *GROWTH}:
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join([*PARTS, *GROWTH])}.")
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    print(machine, flush=True)
    rows = [row for name in named if name in PARTS for row in _measured(name, PARTS[name])]
    grown = [line for name in named if name in GROWTH for line in _measured(name, GROWTH[name])]
    if rows:
        print(table([cells(row) for row in rows]))
    if grown:
        print("\nHow costs grow, in times of the first:")
        print(table([lines.cells(line) for line in grown], lines.HEAD))
    for row in rows:
        if row.verdict.startswith("missed") and not row.reason:
            print(f"Without a reason: {row.ours}, beside {row.other}: {row.verdict}", file=sys.stderr)
    if not sys.argv[1:]:
        page.write(machine, rows, grown)


def _measured(name: str, part: Callable[[], Iterable[T]]) -> list[T]:
    print(f"Measuring {name} ...", file=sys.stderr, flush=True)
    return [*part()]


if __name__ == "__main__":
    main()
