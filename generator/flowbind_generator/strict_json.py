"""JSON from outside, read within bounds: what comes out breaks nobody who walks it, and is JSON again when written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from json import detect_encoding
from typing import Any, NoReturn

DEEPEST = 100
"""How deep lists and objects may stand in each other; the editor writes 15, and Python reads no literal of 200."""
MOST_VALUES = 4_000_000
"""How much a file may hold: each value takes some hundred bytes of memory, if only two in the file."""

Pairs = list[tuple[str, Any]]
Constant = Callable[[str], Any]
"""What NaN, Infinity and -Infinity mean, which Python writes and JSON has not."""

# A tuple, since a union would be made anew for each value.
_NESTED = (dict, list)
_SURELY_FINITE = 300


def refuse_constant(name: str) -> NoReturn:
    """Raise `ValueError` for a constant that JSON has not."""
    raise ValueError(f"{name} is no JSON value")


def parse(
    text: str | bytes,
    *,
    most: float = MOST_VALUES,
    made: Callable[[Pairs], Any] | None = None,
    constant: Constant = refuse_constant,
) -> Any:
    """Return a JSON document; raises `ValueError` for what is none, no server reads, or is out of bounds.

    `made` makes an object of its keys and values, instead of `dict`.
    """
    if isinstance(text, bytes):
        text = text.decode(detect_encoding(text), "surrogatepass")
    # An upper bound that takes no time: these also stand in texts.
    if sum(map(text.count, "[{,")) > most:
        raise ValueError(f"it holds more than {most:,} values")
    try:
        document = json.loads(
            text, parse_constant=constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=made
        )
        if not _is_deep(document):
            return document
    except RecursionError:
        pass
    raise ValueError(f"it is nested too deeply, in more than {DEEPEST} levels")


def _is_deep(document: Any) -> bool:
    level = [document] if isinstance(document, _NESTED) else []
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, _NESTED)
        ]
        if not level:
            return False
    return True


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits if len(digits) <= 20 else digits[:17] + '...'} is too large a number")
    return number


def _whole(digits: str) -> int:
    # What is read later as a fraction must fit one.
    if len(digits) > _SURELY_FINITE:
        _finite(digits)
    return int(digits)
