"""The page of features links each to a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/features.md"
TEST = re.compile(r"\[`?(test_\w+)`?\]\(\.\./(tests/[\w/]+\.py)\)")


def rows() -> list[str]:
    """Return the rows of the page's tables, without their heads."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| feature |")]


def test_each_row_links_a_test_that_is_there() -> None:
    wrong = []
    for row in rows():
        linked = TEST.findall(row.rsplit("|", 2)[1])
        there = [f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") for name, file in linked]
        if not linked or not all(there):
            wrong.append(row)
    assert not wrong
