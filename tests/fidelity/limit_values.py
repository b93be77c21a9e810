"""Values at, just inside and just outside the limits of an input; each choice, and one that is none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from flowbind.errors import InputError
from flowbind.workflow import Workflow

from .reading import BOUNDS, Reading
from .values import python_value

_ITEMS = {
    "IntegerField": 1,
    "FloatField": 0.5,
    "StringField": "a text",
    "ImageField": {"image_name": "a picture.png"},
    "VideoField": {"video_name": "a video.mp4"},
}


def is_limited(reading: Reading) -> bool:
    """Tell whether an input has choices or bounds."""
    return any(reading[name] is not None for name in ("choices", *BOUNDS))


def values_around(reading: Reading) -> list[Any]:
    """Return values on both sides of each limit of an input, as JSON has them; of a list, those of its length."""
    if choices := reading["choices"]:
        # A number as text is no choice, though it would do for a number without choices.
        return [*choices, *(str(c) for c in choices if not isinstance(c, str)), _no_choice(choices)]
    lengths = _both_sides(reading[name] for name in ("min_items", "max_items"))
    found: list[Any] = [[_ITEMS[reading["field_type"]]] * length for length in lengths]
    match reading["field_type"]:
        case "IntegerField" | "FloatField":
            numbers = _numbers(reading)
            # Of an input that takes one or many, each is tried alone and in a list.
            found += numbers if reading["cardinality"] != "list" else []
            found += [[number] for number in numbers] if reading["cardinality"] != "single" else []
        case "StringField":
            found += ["a" * length for length in _both_sides(reading[name] for name in ("min_length", "max_length"))]
    return found


def coerced_values(reading: Reading, taken: Any) -> list[Any]:
    """Return what is of another JSON type than a value that an input takes, and that the server may take for one."""
    match taken:
        case bool() | list():
            return []
        case int() if not reading["choices"]:
            return [float(taken), taken + 0.5, str(taken), True]
        case float():
            return [str(taken), True]
        case str() if not reading["choices"]:
            return [int("1" * len(taken))] if taken else []
        case _:
            return []


def takes(workflow: type[Workflow[Any]], attribute: str, value: Any) -> bool:
    """Tell whether a class takes a value, given as JSON has it, for one of its inputs."""
    # Not made: what else the class requires is not looked at.
    instance = workflow.model_construct()
    try:
        setattr(instance, attribute, python_value(value))
    except InputError:
        return False
    return True


def _no_choice(choices: list[Any]) -> Any:
    return max(choices) + 1 if all(isinstance(c, int) for c in choices) else "no choice at all"


def _both_sides(lengths: Iterable[int | None]) -> list[int]:
    around = {length + way for length in lengths if length is not None for way in (-1, 0, 1)}
    return sorted(length for length in around if length >= 0)


def _numbers(reading: Reading) -> list[float]:
    step = reading["multiple_of"]
    limits = [reading[name] for name in ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum")]
    marks = [limit for limit in limits if limit is not None] or [step or 0]
    if reading["field_type"] == "IntegerField":
        whole = {way(mark) for mark in marks for way in (math.floor, math.ceil)}
        # Half a step is taken where the step is too small.
        ways = {-1, 0, 1, *((-step, step // 2, step) if step else ())}
        return sorted({mark + way for mark in whole for way in ways})
    # Just beside a number is the next one that a computer has.
    found = {math.nextafter(mark, end) for mark in marks for end in (-math.inf, mark, math.inf)}
    return sorted(found | ({mark + way for mark in marks for way in (-step, step / 2, step)} if step else set()))
