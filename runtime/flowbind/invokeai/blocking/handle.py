# Made from ../awaited/handle.py. Do not edit: run `make twins`.
"""What the handles of an sync client have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.recovery import Supports
    from flowbind.invokeai.runs.tracked import Server


class Handle:
    """A part of a server, as its client sees it: `lookup` is what the client knows of the server already."""

    def __init__(self, server: Server, lookup: Lookup, supports: Supports) -> None:
        self._server = server
        self._lookup = lookup
        self._supports = supports

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._server!r}>"
