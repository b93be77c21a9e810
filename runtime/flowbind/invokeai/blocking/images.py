# Made from ../awaited/images.py. Do not edit: run `make twins`.
"""The pictures of a server, sync."""

from __future__ import annotations

from flowbind.invokeai import gallery_changes
from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.fields import Image
from flowbind.invokeai.stored import IMAGES, StoredImage


class Images(Gallery[StoredImage, Image], Contents):
    """The pictures of a server."""

    _kind = IMAGES

    def intermediates(self) -> int:
        """Return how many intermediates there are: pictures that runs made on their way, which the page hides.

        With accounts others' are not counted, but for administrators. Raises a `flowbind.errors.ServerError`.

        Source: `GET /api/v1/images/intermediates`.
        """
        return self._server.perform(gallery_changes.intermediates())

    def delete_intermediates(self) -> int:
        """Delete all intermediates of all accounts, for good; return how many there were.

        Raises `flowbind.errors.Forbidden` for those who are no administrators of a server with accounts, and any
        `ServerError`. Source: `DELETE /api/v1/images/intermediates`.
        """
        return self._server.perform(gallery_changes.intermediates_deleted(self._lookup.images))
