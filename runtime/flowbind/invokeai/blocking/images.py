# Made from ../awaited/images.py. Do not edit: run `make twins`.
"""The pictures of a server, sync."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.gallery import archives, changes, downloads
from flowbind.invokeai.gallery.stored import IMAGES, StoredImage
from flowbind.invokeai.media import Image

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.invokeai._rest import Board


class Images(Gallery[StoredImage, Image], Contents[StoredImage, Image]):
    """The pictures of a server."""

    _kind = IMAGES

    def open(self, image: Image | str) -> PillowImage:
        """Download a picture as one of Pillow, decoded; needs the extra `flowbind[images]`.

        Pillow's own limits say what is too large. Raises `ModuleNotFoundError` without Pillow,
        `flowbind.errors.UnexpectedReply` for what it cannot read, `ImageNotFound` and any `ServerError`. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._server.perform(downloads.opened(self._kind, image))

    def download(
        self,
        path: str | Path,
        *,
        images: Iterable[Image | str] | None = None,
        board: Board | str | None = None,
        timeout: float = 600.0,
    ) -> Path:
        """Download many pictures as one ZIP archive to a file, or into a folder; return the file's path.

        Either `images`, at most 1000, or `board`: one as the server told it, its id or name, or "none". In the archive
        each has a folder named after its category. `timeout` is how many seconds the server may take to pack them.
        Raises `ValueError` for both or none, `flowbind.errors.ImageNotFound`, `BoardNotFound`, `RequestTimeout`,
        `OSError` and any `ServerError`.

        Source: `POST /api/v1/images/download`, `GET /api/v1/images/download/{bulk_download_item_name}`.
        """
        return self._server.perform(archives.archived(images, board, path, timeout, self._index, self._lookup.boards))

    def intermediates(self) -> int:
        """Return how many intermediates there are: pictures that runs made on their way, which the page hides.

        With accounts others' are not counted, but for administrators. Raises a `flowbind.errors.ServerError`.

        Source: `GET /api/v1/images/intermediates`.
        """
        return self._server.perform(changes.intermediates())

    def delete_intermediates(self) -> int:
        """Delete all intermediates of all accounts, for good; return how many there were.

        Raises `flowbind.errors.Forbidden` for those who are no administrators of a server with accounts, and any
        `ServerError`. Source: `DELETE /api/v1/images/intermediates`.
        """
        return self._server.perform(changes.intermediates_deleted(self._index))
