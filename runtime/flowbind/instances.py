"""Several instances that are submitted together: of one class, and what is wrong with some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flowbind.errors import InputError
from flowbind.rechecking import check_again
from flowbind.workflow import Workflow

_MOST_TOLD = 10
"""As many wrong instances as one message tells of."""


def of_one_class(workflows: Iterable[Workflow[Any]]) -> list[Workflow[Any]]:
    """Return the instances as a list; raises `TypeError` where they are not instances of one class."""
    if isinstance(workflows, Workflow):
        raise TypeError(f"This is one {type(workflows).__name__}, not several: put it into a list, or use `run`.")
    rows = list(workflows)
    kind = type(rows[0]) if rows else Workflow
    if not all(issubclass(found, Workflow) and found is kind for found in set(map(type, rows))):
        place, other = next((n, r) for n, r in enumerate(rows) if not isinstance(r, Workflow) or type(r) is not kind)
        name = type(other).__name__
        said = f"a {name}, workflows[0] a {kind.__name__}" if isinstance(other, Workflow) else f"a {name}, no workflow"
        raise TypeError(f"workflows[{place}] is {said}: all have to be instances of one class.")
    return rows


def problems_of(
    rows: Sequence[Workflow[Any]], places: Iterable[int], check: Callable[[Workflow[Any]], None] = check_again
) -> list[str]:
    """Return what is wrong with some instances, in the words of a single submit, which does the same `check`."""
    problems: list[str] = []
    wrong = 0
    for place in places:
        try:
            check(rows[place])
        except InputError as error:
            wrong += 1
            if wrong <= _MOST_TOLD:
                problems += [f"workflows[{place}]: {problem}" for problem in error.problems]
    left = wrong - _MOST_TOLD
    return problems + ([f"{left} more instances have values that are refused."] if left > 0 else [])
