"""What is in pictures and videos: uploads and downloads, async."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar, overload

from flowbind.invokeai import downloads, gallery
from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.fields import Data, Image, Video
from flowbind.invokeai.stored import Kind, StoredT
from flowbind.invokeai.uploads import Category, Where

if TYPE_CHECKING:
    from flowbind.invokeai.media import MediaIndex

MediaT = TypeVar("MediaT", Image, Video)


class AsyncContents(AsyncHandle, Generic[MediaT, StoredT]):
    """What uploads and downloads; a `str` is always the name of what is on the server."""

    _kind: Kind[StoredT]

    @property
    @abstractmethod
    def _index(self) -> MediaIndex[StoredT]:
        """What the client knows of these already."""

    async def upload(
        self,
        content: Path | Data | BinaryIO,
        *,
        board: str | None = None,
        category: Category = "user",
        is_intermediate: bool = False,
        metadata: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> StoredT:
        """Upload a file, its bytes or an open binary file, in pieces; return what the server keeps.

        `board` is a name or an id. A content that this client has uploaded to the same place before, and that is still
        there, is not sent once more, unless with `again`. Raises `OSError` for a file that cannot be read,
        `flowbind.errors.InputError` for an empty one, `BoardNotFound`, `Refused` for what is of another kind or too
        large, and any `ServerError`. Source: `POST /api/v1/images/upload`, of videos `POST /api/v1/videos/upload`.
        """
        where = Where(board, category, is_intermediate, None if metadata is None else json.dumps(dict(metadata)))
        told = await self._server.perform(self._index.upload(content, where, self._lookup.boards, again=again))
        return gallery.stored(self._kind, told, self)

    async def save(self, media: MediaT | str, path: str | Path) -> Path:
        """Download one to a file, or into a folder under its own name; return the file's path.

        The file is there whole or not at all. Raises `flowbind.errors.ImageNotFound` or `VideoNotFound`, `OSError`, and
        any `ServerError`. Source: `GET /api/v1/images/i/{image_name}/full`, `GET /api/v1/videos/i/{video_name}/full`.
        """
        return await self._server.perform(downloads.save(self._kind, media, path))

    async def bytes(self, media: MediaT | str) -> Data:
        """Download one as the bytes of its file: PNG for pictures, MP4 for videos.

        Raises `flowbind.errors.ImageNotFound` or `VideoNotFound` and any `ServerError`. Source: `GET
        /api/v1/images/i/{image_name}/full`, `GET /api/v1/videos/i/{video_name}/full`.
        """
        return await self._server.perform(downloads.content_of(self._kind, media))

    @overload
    async def thumbnail(self, media: MediaT | str) -> Data: ...
    @overload
    async def thumbnail(self, media: MediaT | str, path: str | Path) -> Path: ...
    async def thumbnail(self, media: MediaT | str, path: str | Path | None = None) -> Data | Path:
        """Download a small WebP picture of one, as bytes; with `path` to a file, or into a folder.

        It is at most 256 pixels wide and high. Raises what `save` raises. Source: `GET
        /api/v1/images/i/{image_name}/thumbnail`, `GET /api/v1/videos/i/{video_name}/thumbnail`.
        """
        if path is None:
            return await self._server.perform(downloads.thumbnail_of(self._kind, media))
        return await self._server.perform(downloads.save_thumbnail(self._kind, media, path))
