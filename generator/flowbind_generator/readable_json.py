"""JSON for people and diffs: keys sorted, and what fits into a line on one line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

_WIDTH = 120
_CONSTANTS = {None: "null", True: "true", False: "false"}
_scalar = json.JSONEncoder(allow_nan=False).encode


def readable(value: Any, *, open_levels: int = 0, indent: str = "") -> str:
    """Return a value as text; objects of the first `open_levels` levels have a line for each key, even if they fit."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return repr(value)
    if not value or not isinstance(value, dict | list | tuple):
        return _scalar(value)
    inner, deeper = indent + "  ", open_levels - 1
    if isinstance(value, dict):
        parts = [
            f"{quoted(key)}: {readable(item, open_levels=deeper, indent=inner)}" for key, item in sorted(value.items())
        ]
        return _joined("{", parts, "}", indent, is_open=open_levels > 0)
    return _joined("[", [readable(item, open_levels=deeper, indent=inner) for item in value], "]", indent)


def _joined(start: str, parts: Sequence[str], end: str, indent: str, *, is_open: bool = False) -> str:
    line = f"{start}{', '.join(parts)}{end}"
    if not is_open and len(indent) + len(line) <= _WIDTH and "\n" not in line:
        return line
    return start + ",".join(f"\n{indent}  {part}" for part in parts) + f"\n{indent}{end}"
