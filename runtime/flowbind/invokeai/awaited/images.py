"""The pictures of a server, async."""

from __future__ import annotations

from flowbind.invokeai.awaited.contents import AsyncContents
from flowbind.invokeai.awaited.gallery import AsyncGallery
from flowbind.invokeai.stored import IMAGES, StoredImage


class AsyncImages(AsyncGallery[StoredImage], AsyncContents):
    """The pictures of a server."""

    _kind = IMAGES
