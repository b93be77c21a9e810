"""The end of a log, whatever a server writes: bounded, fit for a terminal, and without secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from flowbind.outside import printable

_MOST_BYTES = 256 * 1024
_WIDEST = 1000
"""Characters of a line."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SECRET_NAMES = re.compile(r"(TOKEN|KEY|SECRET|PASSWORD|PASSPHRASE|CREDENTIALS?)(_|$)", re.IGNORECASE)
_SHORTEST = 6
"""Characters of a secret: what is shorter is a switch or a number, and stands in many a line."""
_LOGINS = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]*@")


class Log:
    """What a server prints: a file of its own, whose end is shown without the secrets of the server's environment."""

    def __init__(self, file: Path, environment: Mapping[str, str]) -> None:
        self.file = file
        named = (value for name, value in environment.items() if _SECRET_NAMES.search(name))
        parts = {part for value in named for part in value.splitlines() if len(part) >= _SHORTEST}
        # One may be a part of another.
        self._secrets = sorted(parts, key=len, reverse=True)

    def last_lines(self, count: int) -> list[str]:
        """Return the last lines, without colours; none where there is no log."""
        try:
            with self.file.open("rb") as stream:
                stream.seek(max(0, stream.seek(0, 2) - _MOST_BYTES))
                text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        # A progress bar returns to the start of its line; what it showed last is the line.
        shown = [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip("\n").split("\n")] if text else []
        return [self._told(line) for line in shown[-count:]] if count > 0 else []

    def _told(self, line: str) -> str:
        line = _LOGINS.sub("", _COLOURS.sub("", line))
        for secret in self._secrets:
            line = line.replace(secret, "<secret>")
        return printable(line[:_WIDEST].expandtabs())
