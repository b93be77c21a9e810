"""What is in pictures and videos: uploads and downloads, async."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from flowbind.downloadable import Data
from flowbind.invokeai.awaited.media import AsyncMedia
from flowbind.invokeai.gallery import downloads, lists
from flowbind.invokeai.gallery.stored import Category, NamedT, StoredT
from flowbind.invokeai.gallery.uploads import Where
from flowbind.transport.carrying import Origin

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board


class AsyncContents(AsyncMedia[StoredT, NamedT]):
    """What uploads and downloads; a `str` is always the name of what is on the server."""

    async def upload(
        self,
        content: Path | Data | BinaryIO,
        *,
        board: Board | str | None = None,
        category: Category = "user",
        is_intermediate: bool = False,
        metadata: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> StoredT:
        """Upload a file, its bytes or an open binary file, in pieces; return what the server keeps.

        `board` is one as the server told it, its id or its name. A content that this client has uploaded to the same
        place before, and that is still there, is not sent once more, unless with `again`. Raises `OSError` for a file
        that cannot be read, `flowbind.errors.InputError` for an empty one, `BoardNotFound`, `Refused` for what is of
        another kind or too large, and any `ServerError`.

        Source: `POST /api/v1/images/upload`, of videos `POST /api/v1/videos/upload`.
        """
        where = Where(None, category, is_intermediate, None if metadata is None else json.dumps(dict(metadata)))
        told = await self._server.perform(self._index.upload(content, where, board, self._lookup.boards, again=again))
        return lists.stored(self._kind, told, self)

    async def save(self, named: NamedT | str, path: str | Path) -> Path:
        """Download one to a file, or into a folder under its own name; return the file's path.

        The file is there whole or not at all. Raises `flowbind.errors.ImageNotFound` or `VideoNotFound`, `OSError`, and
        any `ServerError`. Source: `GET /api/v1/images/i/{image_name}/full`, `GET /api/v1/videos/i/{video_name}/full`.
        """
        return await self._server.perform(downloads.save(self._kind, named, path))

    async def bytes(self, named: NamedT | str) -> Data:
        """Download one as the bytes of its file: PNG for pictures, MP4 for videos.

        Raises `flowbind.errors.ImageNotFound` or `VideoNotFound` and any `ServerError`. Source: `GET
        /api/v1/images/i/{image_name}/full`, `GET /api/v1/videos/i/{video_name}/full`.
        """
        return await self._server.perform(downloads.content_of(self._kind, named))

    @overload
    async def thumbnail(self, named: NamedT | str) -> Data: ...
    @overload
    async def thumbnail(self, named: NamedT | str, path: str | Path) -> Path: ...
    async def thumbnail(self, named: NamedT | str, path: str | Path | None = None) -> Data | Path:
        """Download a small WebP picture of one, as bytes; with `path` to a file, or into a folder.

        It is at most 256 pixels wide and high. Raises what `save` raises. Source: `GET
        /api/v1/images/i/{image_name}/thumbnail`, `GET /api/v1/videos/i/{video_name}/thumbnail`.
        """
        if path is None:
            return await self._server.perform(downloads.thumbnail_of(self._kind, named))
        return await self._server.perform(downloads.save_thumbnail(self._kind, named, path))

    def _origin(self, named: NamedT) -> Origin:
        # The server gives no name twice.
        download = partial(downloads.downloaded, self._kind, named)
        return Origin(self._server._access, named.name, named.name, download)
