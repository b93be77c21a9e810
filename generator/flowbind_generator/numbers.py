"""What counts as a number in JSON."""

from __future__ import annotations

import math
from typing import Any


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number; true and false are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all that JavaScript has
        return False


def is_integer(value: Any) -> bool:
    """Tell whether a JSON value is a whole number, however it is written (5.0 is one)."""
    return is_number(value) and value == math.floor(value)
