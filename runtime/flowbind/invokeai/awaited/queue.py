"""A server's queue, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncQueue(AsyncHandle):
    """A server's queue."""
