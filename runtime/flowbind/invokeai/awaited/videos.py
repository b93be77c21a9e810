"""The videos of a server (InvokeAI 6.14 and later), async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncVideos(AsyncHandle):
    """The videos of a server (InvokeAI 6.14 and later)."""
