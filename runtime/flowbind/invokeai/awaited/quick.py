"""What people reach for first, each a workflow that flowbind brings along, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.handle import AsyncHandle


class AsyncQuick(AsyncHandle):
    """What people reach for first, each a workflow that flowbind brings along."""
