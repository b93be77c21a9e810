"""Where inside a value something is refused: pydantic's places, without the names of the types that it tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

_OF_A_KEY = frozenset({"extra_forbidden", "missing"})
_NOTHING = object()


def place_inside(value: object, found: Mapping[str, Any], outer: int = 0) -> str:
    """Return the place of one of pydantic's errors in a value as `points.0.x`, "" for the value itself.

    `outer` is the number of steps that lead to the value.
    """
    loc: Sequence[str | int] = found["loc"][outer:]
    steps: list[str] = []
    for number, part in enumerate(loc, start=1):
        inner = _part(value, part)
        if inner is not _NOTHING:
            value = inner
            steps.append(str(part))
        elif number == len(loc) and found["type"] in _OF_A_KEY:
            steps.append(str(part))
    return ".".join(steps)


def _part(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(part, _NOTHING)
    if isinstance(value, list | tuple):
        return value[part] if isinstance(part, int) and part < len(value) else _NOTHING
    if isinstance(value, BaseModel):
        names = (name for name, field in type(value).model_fields.items() if part in (name, field.alias))
        return getattr(value, next(names, ""), _NOTHING)
    return getattr(value, part, _NOTHING) if isinstance(part, str) and not isinstance(value, str) else _NOTHING
