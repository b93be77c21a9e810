"""Where the data of these tests is: beside the checkout, or where FLOWBIND_SHARED says."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("FLOWBIND_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
CORPUS = SHARED / "corpus" / "invokeai"
DEFAULTS = CORPUS / "invoke-ai__InvokeAI"

needs_shared = pytest.mark.skipif(
    not (CORPUS.is_dir() and (SHARED / "truth").is_dir()),
    reason="the corpus and the truth are not here: put them beside the checkout, or set FLOWBIND_SHARED",
)


def truth(name: str) -> list[Any]:
    """Return the records of one file of the truth, as parameters of a test; none where the file is not here."""
    path = SHARED / "truth" / "invokeai" / f"{name}.jsonl.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [pytest.param(record, id=record["name"]) for record in map(json.loads, lines)]


def corpus() -> list[Any]:
    """Return the files of the corpus, as parameters of a test."""
    found = sorted(p for p in CORPUS.rglob("*.json") if p.name != "index.json")
    return [pytest.param(p, id=p.relative_to(CORPUS).as_posix()) for p in found]
