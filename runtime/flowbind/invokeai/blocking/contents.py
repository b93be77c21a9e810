# Made from ../awaited/contents.py. Do not edit: run `make twins`.
"""What is in pictures and videos: uploads and downloads, sync."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flowbind.invokeai import images as image_operations
from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.fields import Data, Downloads, Image


class Contents(Handle):
    """What uploads and downloads."""

    def upload(self, image: Path | Data) -> Image:
        """Upload a picture, a file or its bytes, to the server's assets.

        Raises `OSError` for a file that cannot be read, `flowbind.errors.Refused` for what is no picture, and any
        `ServerError`. Source: `POST /api/v1/images/upload`.
        """
        made = self._server.perform(image_operations.uploaded(image))
        return Image(made.name, made.width, made.height, cast(Downloads[Image], self))

    def save(self, image: Image | str, path: str | Path) -> Path:
        """Download a picture to a file, or into a folder under its own name; return the file's path.

        The file is there whole or not at all. Raises `flowbind.errors.ImageNotFound`, any `ServerError`, and `OSError`.
        Source: `GET /api/v1/images/i/{image_name}/full`.
        """
        return self._server.perform(image_operations.save(image, path))

    def bytes(self, image: Image | str) -> Data:
        """Download a picture as the bytes of a PNG file.

        Raises `flowbind.errors.ImageNotFound` and any `ServerError`. Source: `GET /api/v1/images/i/{image_name}/full`.
        """
        return self._server.perform(image_operations.content_of(image))
