"""What holds of everything that is public, whichever family of servers it is for."""

from __future__ import annotations

import inspect
import re
from typing import Any


def members(owner: type[Any]) -> list[str]:
    """Return the public members of a class."""
    return [name for name in dir(owner) if not name.startswith("_")]


def check_docstring(name: str, function: Any, *, asks: bool) -> None:
    """Check that a function says what it does, what it raises, and what it asks the server where it does."""
    said = inspect.getdoc(function) or ""
    first = said.partition("\n\n")[0]
    assert first[:1].isupper(), name
    assert re.search(r"[.;](\s|$)", first), name
    assert re.search(r"\b[Rr]aises\b", said), f"{name} does not say what it raises"
    if asks:
        assert re.search(r"\bSource:\s", said), f"{name} does not say what it asks the server"


def check_twins(sync: type[Any], twin: type[Any]) -> None:
    """Check that a class and its async twin have the same members, which take and give the same."""
    assert members(sync) == members(twin)
    for name in members(sync):
        member, other = getattr(sync, name), getattr(twin, name)
        if not callable(member):
            continue
        assert member.__doc__, name
        if inspect.ismethod(member):
            assert inspect.ismethod(other), name  # it makes a client, which asks nobody
            continue
        assert inspect.iscoroutinefunction(other) or "AsyncIterator" in str(inspect.signature(other)), name
        assert not inspect.iscoroutinefunction(member), name
        one, two = inspect.signature(member), inspect.signature(other)
        assert [str(p) for p in one.parameters.values()] == [str(p) for p in two.parameters.values()], name
        returned = str(two.return_annotation).replace("Async", "")
        assert str(one.return_annotation) == returned, name
        assert other.__doc__, name
    assert str(inspect.signature(sync)) == str(inspect.signature(twin)).replace("Async", "")
