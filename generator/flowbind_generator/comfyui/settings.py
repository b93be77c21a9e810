"""`--set attribute=value` for ComfyUI: text for text, a path for a file, JSON for the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowbind.comfyui.files import FILE_KINDS
from flowbind.comfyui.request import CHOOSING, REPLACING
from flowbind.errors import InputError
from flowbind.workflow import RANDOM
from flowbind_generator.ir import Input

_TEXTS = frozenset({CHOOSING, REPLACING, "model"})
"""The kinds of inputs whose values are always texts."""


def parse_setting(item: Input, text: str) -> Any:
    """Return the value of an input that a text stands for; what the type refuses is left to the class and its messages.

    Raises `InputError` for a list or object that is no JSON.
    """
    if item.kind in FILE_KINDS:
        return Path(text) if Path(text).is_file() else text
    if item.choices:
        return next((choice for choice in item.choices if choice == text or json.dumps(choice) == text), text)
    if item.kind in _TEXTS or item.field_type == "STRING":
        return text
    if item.random and text.lower() == "random":
        return RANDOM
    try:
        value = json.loads(text)
    except ValueError:
        if item.kind == "wrapped":
            place = f'{item.attribute} ("{item.label}")'
            raise InputError([f"{place} takes a list or an object in JSON, which this is not: {text}."]) from None
        # A name, or what the class will refuse with its own message.
        return text
    if item.field_type == "FLOAT" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
