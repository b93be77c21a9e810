"""Measures budgets that are cheap to measure, and tells which do not hold; a process of its own, which nothing traces.

python -m tests.performance.held PART
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from tests.bench import growth, many, requests
from tests.bench.lines import Line
from tests.bench.measuring import few, import_seconds
from tests.bench.rows import Row
from tests.performance.budgets import GROWTH, IMPORT, Budget

Measured = tuple[str, Budget, float]
ATTEMPTS = 5
"""Of few repetitions each: a busy machine may spoil one, and what is slow spoils all."""
SIZES = (100, 300, 1_000)


def missed(measure: Callable[[], Iterable[Measured]]) -> dict[str, list[str]]:
    """Return the budgets that none of some attempts keeps, with what was measured."""
    found: dict[str, list[str]] = {}
    for _ in range(ATTEMPTS):
        measured = [one for one in measure() if one[0] in found or not found]
        assert measured
        spoilt = {what: f"{ratio:.2f}, not {budget}" for what, budget, ratio in measured if not budget.holds(ratio)}
        found = {what: [*found.get(what, ()), said] for what, said in spoilt.items()}
        if not found:
            break
    return found


def _import_of_a_class() -> list[Measured]:
    ours = "import flowbind.invokeai\nfrom generated import TextToImageSd15"
    other = "from pydantic import BaseModel, Field\nimport httpx"
    seconds = [(import_seconds("", ours), import_seconds("", other)) for _ in range(5)]
    return [("import", IMPORT, median(a for a, _ in seconds) / median(b for _, b in seconds))]


def _rows(part: Callable[[], Iterable[Row]]) -> list[Measured]:
    return [(row.ours, row.budget, row.ratio) for row in part() if row.budget]


def _lines(lines: Iterable[Line]) -> list[Measured]:
    return [(f"{line.what}, {line.unit}", GROWTH, line.exponent) for line in lines]


def _by_nodes() -> list[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        growth.write_projects(Path(folder), SIZES)
        return _lines(growth.of_requests(Path(folder), SIZES))


PARTS: dict[str, Callable[[], list[Measured]]] = {
    "requests": lambda: _rows(requests.requests),
    "many": lambda: _rows(many.many),
    "imports": _import_of_a_class,
    "growth by instances": lambda: _lines(growth.of_instances(SIZES)),
    "growth by results": lambda: _lines(growth.of_results(SIZES)),
    "growth by nodes": _by_nodes,
}


if __name__ == "__main__":
    with few():
        if found := missed(PARTS[sys.argv[1]]):
            sys.exit(f"missed in each attempt: {found}")
