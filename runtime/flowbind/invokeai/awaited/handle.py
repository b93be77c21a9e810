"""What the handles of an async client have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.transport.part import Part

if TYPE_CHECKING:
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.recovery import Supports
    from flowbind.invokeai.runs.tracked import AsyncServer


class AsyncHandle(Part["AsyncServer"]):
    """A part of a server, as its client sees it: `lookup` is what the client knows of the server already."""

    def __init__(self, server: AsyncServer, lookup: Lookup, supports: Supports) -> None:
        super().__init__(server)
        self._lookup = lookup
        self._supports = supports
