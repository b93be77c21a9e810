"""Warnings kept from the user in one thread, while others go on being warned."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast


class _ThisThread(threading.local):
    """Stands in a filter of warnings for the pattern of a module, and fits in the thread alone that sets `match`.

    Nothing of it is Python's own code: while a filter is looked for, no other thread may get its turn and remove one.
    """

    match: Callable[[str], object] = re.compile("(?!)").match


@contextmanager
def quiet() -> Iterator[None]:
    """Have no warnings in this thread.

    `warnings.catch_warnings` is about all threads: it would take from the others what they are told, and two that
    overlap leave each other's filters behind.
    """
    this = _ThisThread()
    this.match = re.compile("").match
    own = ("ignore", None, Warning, this, 0)
    filters = cast(list[Any], warnings.filters)
    filters.insert(0, own)
    try:
        yield
    finally:
        # Another thread may have kept the filter, to put it back.
        del this.match
        with suppress(ValueError):
            filters.remove(own)
