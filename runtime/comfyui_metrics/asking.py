"""Asking what may not be there, or not want to answer."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")


def asked(question: Callable[..., T], *arguments: Any) -> T | None:
    """Return an answer, or None for any error: each driver and each package of one fails in its own way."""
    try:
        return question(*arguments)
    except Exception:
        return None


def number(text: str) -> float | None:
    """Return a text as a number, or None for another, such as "[N/A]"."""
    value = asked(float, text)
    return None if value is None or not isfinite(value) else value
