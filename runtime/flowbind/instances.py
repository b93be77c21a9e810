"""What is submitted: instances of a class of the client's own server, together those of one class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flowbind.errors import InputError
from flowbind.rechecking import check_again
from flowbind.workflow import Workflow

_MOST_TOLD = 10
"""As many wrong instances as one message tells of."""


def check_instance(workflow: object, server: str) -> None:
    """Raise `TypeError` for what is no instance of a class that a server runs, by what its client is called."""
    if isinstance(workflow, type) and issubclass(workflow, Workflow):
        raise TypeError(f"This is the class {workflow.__name__}, no instance: hand over `{workflow.__name__}(...)`.")
    if not isinstance(workflow, Workflow):
        raise TypeError(f"This is a {type(workflow).__name__}, no workflow: make an instance of a generated class.")
    check_class(type(workflow), server)


def check_class(workflow: type[Workflow[Any]], server: str) -> None:
    """Raise `TypeError` for what is no class of workflows, or one that another server runs."""
    if not (isinstance(workflow, type) and issubclass(workflow, Workflow)):
        name = type(workflow).__name__
        cure = f"hand over its class, `{name}` or `type(...)`" if isinstance(workflow, Workflow) else "hand over one"
        raise TypeError(f"This is a {name}, no class of workflows: {cure}.")
    own = workflow.__server__
    if own != server:
        raise TypeError(
            f"{workflow.__name__} is a workflow of {own}, and this is a client of {server}: "
            f"use `{own}` or `Async{own}`."
        )


def of_one_class(workflows: Iterable[Workflow[Any]], server: str) -> list[Workflow[Any]]:
    """Return the instances as a list; raises `TypeError` where they are not of one class that the server runs."""
    if isinstance(workflows, Workflow):
        raise TypeError(f"This is one {type(workflows).__name__}, not several: put it into a list, or use `run`.")
    rows = list(workflows)
    if len(set(map(type, rows))) > 1:
        from flowbind import loaded

        rows = loaded.made_alike(rows)
    kind = type(rows[0]) if rows else Workflow
    if not all(issubclass(found, Workflow) and found is kind for found in set(map(type, rows))):
        place, other = next((n, r) for n, r in enumerate(rows) if not isinstance(r, Workflow) or type(r) is not kind)
        name = type(other).__name__
        said = f"a {name}, workflows[0] a {kind.__name__}" if isinstance(other, Workflow) else f"a {name}, no workflow"
        raise TypeError(f"workflows[{place}] is {said}: all have to be instances of one class.")
    if rows:
        check_class(kind, server)
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
