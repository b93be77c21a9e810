# Made from ../awaited/handle.py. Do not edit: run `make twins`.
"""What the handles of an sync client have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.transport.part import Part

if TYPE_CHECKING:
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.recovery import Supports
    from flowbind.invokeai.runs.tracked import Server


class Handle(Part["Server"]):
    """A part of a server, as its client sees it: `lookup` is what the client knows of the server already."""

    def __init__(self, server: Server, lookup: Lookup, supports: Supports) -> None:
        super().__init__(server)
        self._lookup = lookup
        self._supports = supports
