"""Tables of plain text, and of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = ("what", "cost", "beside", "cost", "ratio", "budget", "verdict")
_TO_THE_RIGHT = {"cost", "ratio"}


def table(lines: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    """Return lines of cells, aligned."""
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return "\n".join("  ".join(_padded(line, widths, head)).rstrip() for line in (head, *lines))


def markdown(lines: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    """Return lines of cells as a table of Markdown."""
    rule = ["--:" if name in _TO_THE_RIGHT else "---" for name in head]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *lines))


def _padded(line: Sequence[str], widths: Sequence[int], head: Sequence[str]) -> list[str]:
    return [
        cell.rjust(width) if name in _TO_THE_RIGHT else cell.ljust(width)
        for cell, width, name in zip(line, widths, head, strict=True)
    ]
