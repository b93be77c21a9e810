"""The only ways by which text from outside reaches generated source: one function per kind of place."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any


def literal(value: Any) -> str:
    """Return a JSON value as Python source; what is not printable (controls, bidi marks, surrogates) is escaped."""
    if isinstance(value, dict):
        # Sorted: the order of keys in an export says nothing.
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinities have no literal")
    assert value is None or isinstance(value, bool | int | float | str), type(value)
    return repr(value)


def docstring(text: str) -> str:
    """Return text fit for the inside of a triple-quoted docstring."""
    lines = [comment(line).rstrip() for line in text.strip().split("\n")]
    escaped = "\n".join(lines).strip().replace("\\", "\\\\")
    # Three quotes would end the docstring, and so would those before its own.
    return re.sub(r'"(?=""|"?\Z)', r'\\"', escaped)


def comment(text: str) -> str:
    """Return text fit for the rest of one comment line."""
    # On the first two lines Python reads "coding: utf-7" as the encoding of all that follows.
    text = re.sub("coding(?=[:=])", "coding ", text)
    if text.isprintable() and text.isascii():
        return text  # nearly always, and most of the time went into looking at each letter
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or not _is_invisible(c))


def identifier(text: str) -> str:
    """Return the text, which must be a Python identifier."""
    if not text.isidentifier() or unicodedata.normalize("NFKC", text) != text:
        raise ValueError(f"{text!r} is no identifier")
    return text


def _is_invisible(char: str) -> bool:
    return not char.isprintable()
