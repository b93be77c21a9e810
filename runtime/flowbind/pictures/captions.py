"""What stands below pictures: the values that runs were given, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
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
"""As many of them stand before the place where long texts begin to differ."""


def captions(rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """Return what all rows of values have in common, and a caption for each of what is its own, such as "steps=4".

    A single row shares nothing. Of texts that are long, a part is shown that begins a little before they differ. Raises
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
    different = {*texts}
    if not any(len(text) > _LONGEST for text in different):
        return texts
    alike = next((n for n, letters in enumerate(zip(*different, strict=False)) if len({*letters}) > 1), 0)
    start = max(0, alike - _BEFORE)
    # Not within a word, if one begins there soon.
    start = texts[0].find(" ", start, alike) + 1 or start
    return [_part(text, start) for text in texts]


def _part(text: str, start: int) -> str:
    if len(text) <= _LONGEST:
        return text
    part = text[start : start + _LONGEST]
    return ("…" if start else "") + part + ("…" if start + len(part) < len(text) else "")
