"""Values of a file or an answer that may hold anything, by the shape that they should have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from sys import float_info
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a text, "" for anything else."""
    return value if isinstance(value, str) else ""


def as_read(value: Any) -> Any:
    """Return a value as the editor reads and writes it: it has no whole numbers beyond 2**53 other than fractions."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) <= 2**53:
        return value
    if abs(value) > float_info.max:
        return None
    read = float(value)
    return int(Decimal(repr(read))) if abs(read) < 1e21 else read


def at(values: list[Any], place: int) -> Any:
    """Return the value at a place, None where there is none."""
    return values[place] if 0 <= place < len(values) else None


def number(value: Any) -> float | None:
    """Return a number that is one, None for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """Return a whole number, also where it is spelled as a text; None for anything else."""
    if type(value) is int:
        return value if abs(value) < 2**53 else None
    if isinstance(value, str) and len(value) < 16 and value.removeprefix("-").isdecimal():
        return int(value)
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**53 and found == int(found) else None


def identity(value: Any) -> str | None:
    """Return an id as the editor spells it, None for what is none."""
    if isinstance(value, str):
        return value or None
    found = whole(value)
    return None if found is None else str(found)
