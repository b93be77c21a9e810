"""Writes what was measured into docs/performance.md, its most telling rows into README.md, and the plot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.bench import lines
from tests.bench.lines import Line
from tests.bench.measuring import ROOT
from tests.bench.plot import plot
from tests.bench.rows import Absent, Row, cells
from tests.bench.table import markdown

PAGE, README, PLOT = ROOT / "docs" / "performance.md", ROOT / "README.md", ROOT / "docs" / "growth.svg"
QUOTED = (
    ("modules per CPU second", "ariadne-codegen"),
    ("import of the client", "invokeai-py-client"),
    ("request of 1000 nodes, 100 inputs set", "invokeai-py-client"),
    ("submit of 12 nodes, 9 inputs set", "invokeai-py-client"),
    ("what submit and wait add to a run of 50 ms, wall", "invokeai-py-client"),
    ("download of 200 MB to a file", "invokeai-py-client"),
    ("memory that a download of 200 MB to a file adds", "invokeai-py-client"),
)
"""What README.md quotes: what is measured, and how the name of the other side begins."""
QUOTED_HEAD = ("what", "beside", "ratio")


def write(machine: str, rows: Sequence[Row | Absent], grown: Sequence[Line]) -> None:
    """Put the tables of a whole run into both pages, and draw the plot."""
    measured = [cells(row) for row in rows]
    fill(PAGE, "machine", machine)
    fill(PAGE, "rows", markdown(measured))
    fill(PAGE, "growth", markdown([lines.cells(line) for line in grown], lines.HEAD))
    PLOT.write_text(plot(grown), encoding="utf-8")
    fill(README, "quoted", markdown(quoted(measured), QUOTED_HEAD))


def quoted(measured: Sequence[Sequence[str]]) -> list[tuple[str, str, str]]:
    """Return of the table's rows those that README.md quotes: what, beside, ratio."""
    found = [
        (line[0], line[2], line[4])
        for what, other in QUOTED
        for line in measured
        if line[0] == what and line[2].startswith(other)
    ]
    assert len(found) == len(QUOTED), "a row that README.md quotes is called otherwise"
    return found


def part(page: Path, name: str) -> str:
    """Return what stands between two markers of a page."""
    found = re.search(_between(name), page.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{page.name} has no part {name}"
    return found[2].strip()


def fill(page: Path, name: str, text: str) -> None:
    """Replace what stands between two markers of a page."""
    before = part(page, name)
    whole = page.read_text(encoding="utf-8")
    if before != text:
        whole = re.sub(_between(name), lambda m: f"{m[1]}\n{text}\n{m[3]}", whole, flags=re.DOTALL)
        page.write_text(whole, encoding="utf-8")


def _between(name: str) -> str:
    return rf"(<!-- measured: {name} -->)(.*?)(<!-- end of {name} -->)"
