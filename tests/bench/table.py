"""The rows as one table of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.rows import Row, shown

_TO_THE_RIGHT = {1, 3, 4}


def table(rows: Sequence[Row]) -> str:
    """Return the rows, aligned; those that miss their budget are followed by the reason."""
    lines = [("what", "cost", "beside", "cost", "ratio", "budget", "verdict")]
    lines += [
        (
            row.ours,
            shown(row.cost, row.unit),
            row.other,
            shown(row.other_cost, row.unit),
            f"{row.ratio:.2f}",
            str(row.budget or ""),
            ": ".join(filter(None, (row.verdict, row.reason))),
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(_padded(line, widths)).rstrip() for line in lines)


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if number in _TO_THE_RIGHT else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
