"""The end of a log, whatever a server writes: bounded, and fit for a terminal."""

from __future__ import annotations

import re
from pathlib import Path

from flowbind.outside import printable

_MOST_BYTES = 256 * 1024
_WIDEST = 1000
"""Characters of a line."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def last_lines(file: Path, count: int) -> list[str]:
    """Return the last lines of a log, without colours; none where there is no log."""
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - _MOST_BYTES))
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    # A progress bar returns to the start of its line; what it showed last is the line.
    shown = [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip("\n").split("\n")]
    lines = [printable(_COLOURS.sub("", line[:_WIDEST]).expandtabs()) for line in shown] if text else []
    return lines[-count:] if count > 0 else []
