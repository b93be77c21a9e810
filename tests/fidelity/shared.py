"""Where the data of these tests is: beside the checkout, or where FLOWBIND_SHARED says."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]

SHARED = Path(os.environ.get("FLOWBIND_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
CORPUS = SHARED / "corpus" / "invokeai"
MISSING = "the corpus and the truth are not here: put them beside the checkout, or set FLOWBIND_SHARED"

needs_shared = pytest.mark.skipif(not (CORPUS.is_dir() and (SHARED / "truth").is_dir()), reason=MISSING)


@cache
def records() -> tuple[Record, ...]:
    """Return all records of the truth: real files, then those made for the purpose; none where they are not here."""
    found: list[Record] = []
    for name in ("real", "synthetic"):
        path = SHARED / "truth" / "invokeai" / f"{name}.jsonl.gz"
        if path.is_file():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                found += map(json.loads, lines)
    return tuple(found)


def records_with(*keys: str) -> list[Record]:
    """Return the records that have any of some keys."""
    return [r for r in records() if any(r.get(key) for key in keys)]


def exports() -> list[Path]:
    """Return the files of the corpus."""
    return sorted(p for p in CORPUS.rglob("*.json") if p.name != "index.json")


def named(case: Any) -> str:
    """Return what a case is called: a record of the truth, or a file of the corpus."""
    return case.relative_to(CORPUS).as_posix() if isinstance(case, Path) else str(case["name"])


def parameters(cases: Iterable[Any], name: Callable[[Any], str] = named) -> list[Any]:
    """Return cases as parameters of a test."""
    return [pytest.param(case, id=name(case)) for case in cases]


if __name__ == "__main__":
    # Asked by make before it starts a server.
    sys.exit(None if CORPUS.is_dir() else f"Nothing to measure: {MISSING}.")
