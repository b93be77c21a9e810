# Made from ../awaited/images.py. Do not edit: run `make twins`.
"""The pictures of a server, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.stored import IMAGES, StoredImage


class Images(Gallery[StoredImage], Contents):
    """The pictures of a server."""

    _kind = IMAGES
