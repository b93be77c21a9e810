"""Addresses of a value inside a JSON document: RFC 6901 pointers and RFC 9535 paths."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def json_pointer(keys: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a chain of keys and indices."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def jsonpath(keys: Sequence[str | int]) -> str:
    """Return the JSONPath (RFC 9535) of a chain of keys and indices."""
    return "$" + "".join(_step(key) for key in keys)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    if _PLAIN.match(key):
        return f".{key}"
    return f"[{json.dumps(key)}]"
