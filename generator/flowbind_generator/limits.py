"""The bounds that a server enforces on a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flowbind_generator.numbers import is_integer, is_number
from flowbind_generator.quoting import literal


@dataclass(frozen=True)
class Limits:
    """Bounds of one value; None where there is none.

    Of a list, `min_items` and `max_items` count its items; the other bounds are those of each item.
    """

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None


def limits_in_words(limits: Limits) -> str:
    """Return the bounds as a phrase, or ""."""
    low, high = limits.minimum, limits.maximum
    words: list[str] = []
    if low is not None and high is not None:
        words.append(f"{low} to {high}")
    elif low is not None:
        words.append(f"{low} or more")
    elif high is not None:
        words.append(f"{high} or less")
    if limits.exclusive_minimum is not None:
        words.append(f"more than {limits.exclusive_minimum}")
    if limits.exclusive_maximum is not None:
        words.append(f"less than {limits.exclusive_maximum}")
    if limits.multiple_of is not None:
        words.append(f"a multiple of {limits.multiple_of}")
    if limits.min_length is not None:
        words.append(f"at least {limits.min_length} long")
    if limits.max_length is not None:
        words.append(f"at most {limits.max_length} long")
    if limits.pattern is not None:
        words.append(f"matching {literal(limits.pattern)}")
    if limits.min_items is not None:
        words.append("at least one item" if limits.min_items == 1 else f"at least {limits.min_items} items")
    if limits.max_items is not None:
        words.append("at most one item" if limits.max_items == 1 else f"at most {limits.max_items} items")
    return ", ".join(words)


def choice_refusal(value: Any, choices: Iterable[Any]) -> str | None:
    """Return why a JSON value is none of some choices, or None when it is one; true is not 1."""
    known = any(value == c and isinstance(value, bool) == isinstance(c, bool) for c in choices)
    return None if known else "it is not among the choices"


def number_refusal(value: Any, limits: Limits, *, is_whole: bool) -> str | None:
    """Return why a JSON value is no number within bounds, or None when it is one."""
    if not (is_integer(value) if is_whole else is_number(value)):
        return "it is no whole number" if is_whole else "it is no number"
    low, high, step = limits.minimum, limits.maximum, limits.multiple_of
    if low is not None and value < low:
        return f"it is less than {low}"
    if high is not None and value > high:
        return f"it is more than {high}"
    if limits.exclusive_minimum is not None and value <= limits.exclusive_minimum:
        return f"it is not more than {limits.exclusive_minimum}"
    if limits.exclusive_maximum is not None and value >= limits.exclusive_maximum:
        return f"it is not less than {limits.exclusive_maximum}"
    if step and abs(value / step - round(value / step)) > 1e-9:
        return f"it is no multiple of {step}"
    return None
