# Made from ../awaited/images.py. Do not edit: run `make twins`.
"""The pictures of a server, sync."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flowbind.invokeai import archives, downloads
from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.fields import Image
from flowbind.invokeai.stored import IMAGES, StoredImage

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.invokeai.media import MediaIndex


class Images(Gallery[StoredImage], Contents[Image, StoredImage]):
    """The pictures of a server."""

    _kind = IMAGES

    @property
    def _index(self) -> MediaIndex[StoredImage]:
        return self._lookup.images

    def open(self, image: Image | str) -> PillowImage:
        """Download a picture as one of Pillow, decoded; needs the extra `flowbind[images]`.

        Pillow's own limits say what is too large. Raises `ModuleNotFoundError` without Pillow, its errors for what it
        cannot read, `flowbind.errors.ImageNotFound` and any `ServerError`. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._server.perform(downloads.opened(self._kind, image))

    def download(
        self,
        path: str | Path,
        *,
        images: Iterable[Image | str] | None = None,
        board: str | None = None,
        timeout: float = 600.0,
    ) -> Path:
        """Download many pictures as one ZIP archive to a file, or into a folder; return the file's path.

        Either `images`, at most 1000, or `board`, a name or an id or "none" for those on no board. In the archive each
        has a folder named after its category. `timeout` is how many seconds the server may take to pack them. Raises
        `ValueError` for both or none, `flowbind.errors.ImageNotFound`, `BoardNotFound`, `RequestTimeout`, `OSError` and
        any `ServerError`. Source: `POST /api/v1/images/download`, `GET
        /api/v1/images/download/{bulk_download_item_name}`.
        """
        return self._server.perform(archives.archived(images, board, path, timeout, self._index, self._lookup.boards))
