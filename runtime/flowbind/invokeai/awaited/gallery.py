"""What the server tells of the pictures or videos that it keeps, async."""

from __future__ import annotations

from typing import Generic

from flowbind.invokeai import gallery
from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.stored import Kind, StoredT


class AsyncGallery(AsyncHandle, Generic[StoredT]):
    """What lists, tells of, stars and deletes."""

    _kind: Kind[StoredT]

    async def get(self, name: str) -> StoredT:
        """Return what the server tells of one, by its name.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v1/images/i/{image_name}`.
        """
        return await self._server.perform(gallery.found(self._kind, name, self))
