"""The boards of a server, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncBoards(AsyncHandle):
    """The boards of a server."""
