"""Sweeps: many instances that differ in a few inputs, and seeds for them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from copy import deepcopy
from itertools import product
from pathlib import PurePath
from typing import Any, TypeVar

from pydantic import BaseModel

from flowbind.errors import InputError
from flowbind.workflow import Workflow, named, unknown

LARGEST_SEED = 2**32 - 1
"""The largest seed that servers take: 32 bits without a sign."""

W = TypeVar("W", bound=Workflow[Any])


def grid(base: W, /, **values: Iterable[Any]) -> list[W]:
    """Return an instance for each combination of values, the last name varying fastest.

    Each has what `base` has, but for the inputs named; no two share a list. A list of values may be any iterable; each
    value is checked once, however many instances have it. Raises `flowbind.errors.InputError` with all that is refused.
    """
    checked, problems = _checked(base, values)
    if problems:
        raise InputError(problems)
    return _made(base, checked, product(*checked.values()))


def zipped(base: W, /, **values: Iterable[Any]) -> list[W]:
    """Return an instance for each place in lists of one length, of which all advance together.

    Otherwise like `grid`. Raises `flowbind.errors.InputError`, also for lists of several lengths.
    """
    checked, problems = _checked(base, values)
    lengths = {name: len(listed) for name, listed in checked.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{named(type(base), name)} has {length}" for name, length in lengths.items())
        problems.append(f"Lists that advance together must have one length: {counts}.")
    if problems:
        raise InputError(problems)
    return _made(base, checked, zip(*checked.values(), strict=True) if checked else [()])


def random_seeds(n: int, *, maximum: int = LARGEST_SEED, seed: int | None = None) -> list[int]:
    """Return `n` different seeds, each from 0 to `maximum` with the same chance.

    With a `seed` of its own the list is the same each time. Raises `ValueError` where there are no `n` such seeds.
    """
    if not 0 <= n <= maximum + 1:
        raise ValueError(f"There are no {n} different seeds from 0 to {maximum}.")
    return random.Random(seed).sample(range(maximum + 1), n)


def _checked(base: Workflow[Any], values: Mapping[str, Iterable[Any]]) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the lists of values as the class holds them, and all that is refused."""
    kind = type(base)
    trial = base.model_copy()
    checked: dict[str, list[Any]] = {}
    problems: list[str] = []
    for name, listed in values.items():
        if name not in kind.model_fields:
            problems.append(unknown(kind, name))
        elif not _is_list_of_values(listed):
            problems.append(f"{named(kind, name)} takes a list of values here: write {name}=[...].")
        else:
            checked[name] = []
            for value in listed:
                try:
                    setattr(trial, name, value)
                except InputError as error:
                    problems += error.problems
                checked[name].append(vars(trial).get(name))
    # What is read-only says so of every value.
    return checked, list(dict.fromkeys(problems))


def _is_list_of_values(listed: object) -> bool:
    """Tell a list from what can be gone through as well, but is surely meant as one value."""
    return isinstance(listed, Iterable) and not isinstance(listed, str | bytes | bytearray | Mapping | BaseModel)


def _made(base: W, names: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> list[W]:
    """Return a copy of `base` for each row of values, which are not checked again: that makes thousands cheap."""
    names = tuple(names)
    kept = {name: own for name, own in vars(base).items() if name not in names and _copied(own) is not own}
    made: list[W] = []
    for row in rows:
        one = base.model_copy(update=dict(zip(names, map(_copied, row), strict=True)))
        # Not by `update`, which would mark them as set.
        vars(one).update((name, _copied(own)) for name, own in kept.items())
        made.append(one)
    return made


def _copied(value: Any) -> Any:
    """Return a value of which nothing is shared that can change."""
    return value if isinstance(value, PurePath) else deepcopy(value)
