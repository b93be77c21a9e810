"""The workflows that a server keeps, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncLibrary(AsyncHandle):
    """The workflows that a server keeps."""
