"""Saved values of widgets: what their own types refuse, and the defaults of the attributes."""

from __future__ import annotations

import re
from typing import Any

from flowbind_generator.comfyui.widget_types import WidgetType
from flowbind_generator.default_code import fresh
from flowbind_generator.limits import choice_refusal, number_refusal
from flowbind_generator.numbers import is_number
from flowbind_generator.quoting import literal

_LONGEST = 80


def unwrapped(value: Any) -> Any:
    """Return a value without what the editor puts around lists and curves, which could be taken for links."""
    if isinstance(value, dict) and "__value__" in value:
        inner = value["__value__"]
        return inner if isinstance(inner, list) or value.get("__type__") == "CURVE" else value
    return value


def refusal(kind: WidgetType, value: Any) -> str | None:
    """Return why a widget's own type refuses a JSON value, or None when it takes it."""
    if kind.cardinality == "list":
        if not isinstance(value, list):
            return "it is no list"
        return next((reason for item in value if (reason := _item_refusal(kind, item))), None)
    return _item_refusal(kind, value)


def _item_refusal(kind: WidgetType, value: Any) -> str | None:
    if kind.choices is not None:
        return choice_refusal(value, kind.choices)
    match kind.base:
        case "int" | "float":
            return number_refusal(value, kind.limits, is_whole=kind.base == "int")
        case "bool":
            return None if isinstance(value, bool) else "it is neither true nor false"
        case "str":
            if not isinstance(value, str):
                return "it is no text"
            pattern = kind.limits.pattern
            return None if pattern is None or re.fullmatch(pattern, value) else "it has not the pattern"
        case "numbers":
            fits = isinstance(value, dict) and all(map(is_number, value.values()))
            return None if fits else "it is no object of numbers"
        case "dict":
            return None if isinstance(value, dict) else "it is no object"
        case "scalar":
            members, name = kind.annotation.split(" | "), type(value).__name__
            fits = name in members or (name == "int" and "float" in members and is_number(value))
            return None if fits else "it is none of its types"
        case _:
            return None


def default_code(kind: WidgetType, value: Any) -> str:
    """Return a value that fits as Python source."""
    if isinstance(value, list | dict):
        return fresh(kind.annotation, literal(value))
    if kind.choices is not None:
        return literal(next(c for c in kind.choices if choice_refusal(value, [c]) is None))
    return literal({"int": int, "float": float}[kind.base](value) if kind.base in ("int", "float") else value)


def in_words(value: Any) -> str:
    """Return a saved value for people: a text may be as long as a file."""
    if isinstance(value, list | dict):
        return "(a list)" if isinstance(value, list) else "(an object)"
    told = literal(value)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"
