"""The models of a server, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncModels(AsyncHandle):
    """The models of a server."""
