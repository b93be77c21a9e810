"""Texts with `%date:yyyy-MM-dd%` and `%Node.widget%`, as the editor replaces them at each run; the server does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flowbind.workflow import UNSET

_PATTERN = re.compile("%([^%]+)%")
_PART_OF_DATE = re.compile("dd?|MM?|hh?|mm?|ss?|yyy?y?")
_NOT_IN_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_DATE = "date:"


def replaced(text: str, value_of: Callable[[str, str], Any], now: datetime) -> str:
    """Return a text with dates and values of other nodes in it.

    `value_of` returns the value of a node's widget by the names of both, `UNSET` where there is none: then the text
    stays as it is, as with all that is neither. Raises nothing.
    """

    def replacement(found: re.Match[str]) -> str:
        first, *further = found[1].split(".")
        if len(further) == 1:
            value = value_of(first, further[0])
            return found[0] if value is UNSET else _NOT_IN_NAMES.sub("_", _as_text(value))
        return _date(first.removeprefix(_DATE), now) if first.startswith(_DATE) else found[0]

    return _PATTERN.sub(replacement, text)


def is_replaced(text: str) -> bool:
    """Tell whether there is something in a text that the editor may replace."""
    return _PATTERN.search(text) is not None


def _date(form: str, now: datetime) -> str:
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def part(found: re.Match[str]) -> str:
        letters = found[0]
        if letters[0] in parts:
            return str(parts[letters[0]]).zfill(len(letters))
        # Three letters are nothing to the editor.
        return {"yy": str(now.year)[2:], "yyyy": str(now.year)}.get(letters, letters)

    return _PART_OF_DATE.sub(part, form)


def _as_text(value: Any) -> str:
    """Return a value as the editor writes it; whole numbers exactly, where the browser would round large ones."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return "[object Object]" if isinstance(value, dict) else str(value)


def _number(value: float) -> str:
    from decimal import Decimal

    if value and not 1e-6 <= abs(value) < 1e21:
        return re.sub(r"e-0", "e-", repr(value))
    return format(Decimal(repr(value or 0)), "f").removesuffix(".0")
