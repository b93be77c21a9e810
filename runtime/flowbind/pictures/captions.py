"""What stands below pictures: the values that runs were given, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import Any, cast

from pydantic import BaseModel

from flowbind.downloadable import Downloadable
from flowbind.outside import printable
from flowbind.workflow import RANDOM

_LONGEST = 90
"""The characters of a text that a caption shows: the others of a run should still be seen."""
_LONG = 40
"""From so many characters on, a text has lines of its own."""
_BEFORE = 20
"""At least as many of them stand before the place where long texts begin to differ, or after it."""


def captions(rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """Return what all rows of values have in common, and a caption for each of what is its own, such as "steps=4".

    A single row shares nothing. Of a long text, the part is shown in which it begins to differ from the others. Raises
    nothing.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: _shown([row[name] for row in rows if name in row]) for name in names}
    shared = {n for n, texts in columns.items() if 1 < len(rows) == len(texts) and len({*texts}) == 1}
    left = {name: iter(texts) for name, texts in columns.items()}
    own = [{name: next(left[name]) for name in names if name in row} for row in rows]
    return (
        _lines({name: columns[name][0] for name in names if name in shared}),
        [_lines({name: text for name, text in row.items() if name not in shared}) for row in own],
    )


def shown(value: object) -> str:
    """Return a value on one line: a model by its name, a picture by that of its file, a float as Python has it.

    Raises nothing.
    """
    if isinstance(value, str):
        return printable(" ".join(value.split()))
    if value is RANDOM:
        return "random"
    if isinstance(value, PurePath):
        return printable(value.name)
    if isinstance(value, Downloadable):
        return printable(str(cast(Any, value).name).rpartition("/")[2])
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, cast(Sequence[object], value)))}]"
    if isinstance(value, Mapping):
        return _members(cast(Mapping[str, object], value))
    if is_dataclass(value) or isinstance(value, BaseModel):
        # A model is known by its name, whatever else is known of it.
        name = getattr(value, "name", None)
        return shown(name) if isinstance(name, str) else _members(vars(value))
    return printable(str(value))


def _members(values: Mapping[str, object]) -> str:
    return f"({_joined({name: shown(value) for name, value in values.items() if value is not None})})"


def _lines(texts: Mapping[str, str]) -> str:
    """Return values as a caption has them: what is long begins and ends a line."""
    made = ""
    was_long = False
    for name, text in texts.items():
        is_long = len(text) > _LONG
        made += ("\n" if is_long or was_long else ", ") if made else ""
        made += _joined({name: text})
        was_long = is_long
    return made


def _joined(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{printable(str(name))}={text}" for name, text in texts.items())


def _shown(values: Sequence[object]) -> list[str]:
    """Return the values that runs were given for one input, none of them long."""
    texts = [shown(value) for value in values]
    if not any(len(text) > _LONGEST for text in texts):
        return texts
    ordered = sorted({*texts})
    # Of texts in their order, those that are next to each other are alike for longest.
    alike = dict.fromkeys(ordered, 0)
    for one, other in pairwise(ordered):
        length = _alike(one, other)
        alike[one], alike[other] = max(alike[one], length), length
    return [_part(text, alike[text]) for text in texts]


def _alike(one: str, other: str) -> int:
    """Return how many letters two texts begin with that are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _part(text: str, alike: int) -> str:
    """Return the part of a text with the place up to which it is like another one."""
    if len(text) <= _LONGEST:
        return text
    start = 0
    if alike > _LONGEST - _BEFORE:
        start = alike - _BEFORE
        # Not within a word, if one begins there soon.
        start = text.find(" ", start, alike) + 1 or start
    part = text[start : start + _LONGEST]
    return ("…" if start else "") + part + ("…" if start + len(part) < len(text) else "")
