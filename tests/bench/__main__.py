"""Measures flowbind beside its peers and the least that the same work can cost, and prints one table.

    python -m tests.bench [PART ...]

Nothing is asserted: the tests in tests/performance do that. Times are medians of CPU time unless a row says otherwise.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable

from tests.bench import downloads, generation, imports, many, memory, requests, submits, waits
from tests.bench.measuring import ROOT
from tests.bench.rows import Row
from tests.bench.table import table

PARTS: dict[str, Callable[[], Iterable[Row]]] = {
    "imports": imports.imports,
    "requests": requests.requests,
    "many": many.many,
    "memory": memory.memory,
    "submits": submits.submits,
    "waits": waits.waits,
    "downloads": downloads.downloads,
    "generation": lambda: [generation.generation()],
    "checks": generation.checks,
    "corpus": generation.corpus,
}


def main() -> None:
    """Measure the parts that are named, or all, and print their rows."""
    sys.path.insert(0, str(ROOT))
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    print(table([row for name in sys.argv[1:] or PARTS for row in PARTS[name]()]))


if __name__ == "__main__":
    main()
