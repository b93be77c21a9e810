"""JSON for people and diffs: keys sorted, and what fits into a line on one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

_WIDTH = 120
_NESTED = (dict, list, tuple)
_scalar = json.JSONEncoder(allow_nan=False).encode
# By exact type: most values are texts and numbers, and a call for each would be most of the time.
_SCALARS: dict[type, Callable[[Any], str]] = {
    str: quoted,
    int: repr,
    float: _scalar,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}


def readable(value: Any, *, open_levels: int = 0, indent: str = "") -> str:
    """Return a value as text; objects of the first `open_levels` levels have a line for each key, even if they fit."""
    if not value or not isinstance(value, _NESTED):
        return _scalar(value)
    inner, deeper = indent + "  ", open_levels - 1
    if isinstance(value, dict):
        parts = [
            f"{quoted(key)}: "
            + (
                scalar(item)
                if (scalar := _SCALARS.get(type(item)))
                else readable(item, open_levels=deeper, indent=inner)
            )
            for key, item in sorted(value.items())
        ]
        return _joined("{", parts, "}", indent, is_open=open_levels > 0)
    parts = [
        scalar(item) if (scalar := _SCALARS.get(type(item))) else readable(item, open_levels=deeper, indent=inner)
        for item in value
    ]
    return _joined("[", parts, "]", indent)


def _joined(start: str, parts: Sequence[str], end: str, indent: str, *, is_open: bool = False) -> str:
    if not is_open and len(indent) + sum(map(len, parts)) + 2 * len(parts) <= _WIDTH:
        line = f"{start}{', '.join(parts)}{end}"
        if "\n" not in line:
            return line
    return f"{start}\n{indent}  " + f",\n{indent}  ".join(parts) + f"\n{indent}{end}"
