"""TOML from outside read, and text from outside written into it."""

from __future__ import annotations

import tomllib
from typing import Any


def parse(data: bytes) -> dict[str, Any]:
    """Return the tables of a TOML file; raises `ValueError` for what is none."""
    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def quoted(text: str) -> str:
    """Return text as a TOML string on one line; what is not printable (controls, bidi marks) is escaped."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    if "\ud800" <= char <= "\udfff":
        return "\\ufffd"  # half a letter, which TOML cannot say
    return f"\\U{ord(char):08x}"
