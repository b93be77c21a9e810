"""JSON for people and diffs: keys sorted, and what fits into a line on one line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_WIDTH = 120
_in_one_line = json.JSONEncoder(sort_keys=True, allow_nan=False).encode


def readable(value: Any, *, open_levels: int = 0, indent: str = "") -> str:
    """Return a value as text; objects of the first `open_levels` levels have a line for each key, even if they fit."""
    if open_levels <= 0 or not isinstance(value, dict) or not value:
        text = _in_one_line(value)
        if len(indent) + len(text) <= _WIDTH or not isinstance(value, dict | list):
            return text
    inner = indent + "  "
    deeper = open_levels - 1
    if isinstance(value, dict):
        lines = (
            f"{_in_one_line(key)}: {readable(item, open_levels=deeper, indent=inner)}"
            for key, item in sorted(value.items())
        )
        return _block("{", lines, "}", indent)
    return _block("[", (readable(item, open_levels=deeper, indent=inner) for item in value), "]", indent)


def _block(start: str, lines: Iterable[str], end: str, indent: str) -> str:
    return start + ",".join(f"\n{indent}  {line}" for line in lines) + f"\n{indent}{end}"
