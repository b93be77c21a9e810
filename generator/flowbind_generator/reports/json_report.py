"""The report for programs; `docs/check.schema.json` describes it."""

from __future__ import annotations

import json
import math
from typing import Any

from flowbind_generator.checked import Checked

VERSION = 1
"""Raised when a program that reads reports would have to change."""


def as_json(checked: Checked) -> str:
    """Return all that was asked and found."""
    return dumped(
        {
            "version": VERSION,
            "questions": list(checked.questions),
            "workflows": dict(checked.workflows),
            "findings": [f.as_json() for found in checked.by_source().values() for f in found],
            "inputs": [i.as_json() for i in checked.inputs],
            "counts": checked.counts(),
        }
    )


def dumped(document: Any) -> str:
    """Return a document as JSON in ASCII: text from outside can spoil neither a terminal nor a file's encoding."""
    return json.dumps(_finite(document), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    """Return a value with text for numbers that JSON lacks: a document's 1e999 is read as infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
