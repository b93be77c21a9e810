"""The pictures of a server, async."""

from __future__ import annotations

from flowbind.invokeai import gallery_changes
from flowbind.invokeai.awaited.contents import AsyncContents
from flowbind.invokeai.awaited.gallery import AsyncGallery
from flowbind.invokeai.fields import Image
from flowbind.invokeai.stored import IMAGES, StoredImage


class AsyncImages(AsyncGallery[StoredImage, Image], AsyncContents):
    """The pictures of a server."""

    _kind = IMAGES

    async def intermediates(self) -> int:
        """Return how many intermediates there are: pictures that runs made on their way, which the page hides.

        With accounts others' are not counted, but for administrators. Raises a `flowbind.errors.ServerError`.

        Source: `GET /api/v1/images/intermediates`.
        """
        return await self._server.perform(gallery_changes.intermediates())

    async def delete_intermediates(self) -> int:
        """Delete all intermediates of all accounts, for good; return how many there were.

        Raises `flowbind.errors.Forbidden` for those who are no administrators of a server with accounts, and any
        `ServerError`. Source: `DELETE /api/v1/images/intermediates`.
        """
        return await self._server.perform(gallery_changes.intermediates_deleted(self._lookup.images))
