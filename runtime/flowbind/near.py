"""Names that were meant: those near to a wrong one, else some of all."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from flowbind.outside import one_line

_MOST = 20


def near_to(wrong: str, known: Iterable[str]) -> list[str]:
    """Return the names that are near to a wrong one, whatever their case, at most three."""
    by_lower = {name.lower(): name for name in reversed(list(known))}
    return [by_lower[found] for found in get_close_matches(wrong.lower(), by_lower, n=3)]


def some_of(known: Iterable[str]) -> str:
    """Return names as a list in words, of many only the first."""
    names = list(map(_short, known))
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return (", ".join(names[:_MOST]) or "none") + more


def hint(wrong: str, known: Iterable[str], what: str) -> str:
    """Return what to say of a wrong name: the near ones, else that `what` ("its inputs") are these."""
    names = list(dict.fromkeys(known))
    near = near_to(wrong, names)
    return f"did you mean {' or '.join(map(_short, near))}?" if near else f"{what} are {some_of(names)}."


def _short(name: str) -> str:
    return one_line(name, 80)
