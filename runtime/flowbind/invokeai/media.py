"""Pictures and videos as values of inputs and outputs: names on a server, and where they are downloaded from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from flowbind.downloadable import AnyImage, AnyVideo, Data, Downloadable, Downloads, Pictures

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


class _Named(Downloadable):
    """What the server has under a name: whatever else is known of it, the name says which one it is."""

    name: str

    def __eq__(self, other: object) -> bool:
        # A listed picture is the one that a run made.
        if isinstance(other, _Named) and (isinstance(other, type(self)) or isinstance(self, type(other))):
            return self.name == other.name
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, eq=False)
class Image(_Named, AnyImage):
    """A picture on a server: `name` is the server's, `width` and `height` are pixels where they are known."""

    name: str
    width: int | None = None
    height: int | None = None
    source: Pictures[Image] | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Download the picture to a file, or into a folder under its own name; return the file's path.

        With an `AsyncInvokeAI` it is awaited; `await server.images.save(image, path)` is the same, and typed so. Raises
        `TypeError` for an image that no client made, and what `server.images.save` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().save(self, path)

    def bytes(self) -> Data:
        """Download the picture as the bytes of a PNG file; awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for an image that no client made, and what `server.images.bytes` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().bytes(self)

    def open(self) -> PillowImage:
        """Download the picture as one of Pillow (the extra `images`); awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for an image that no client made, and what `server.images.open` raises. Source: `GET
        /api/v1/images/i/{image_name}/full`.
        """
        return self._source().open(self)

    def _source(self) -> Pictures[Image]:
        if self.source is None:
            raise TypeError(f"The image {self.name!r} was not made by a client: use `server.images.save(image, path)`.")
        return self.source


@dataclass(frozen=True, eq=False)
class Video(_Named, AnyVideo):
    """A video on a server; `name` is the server's."""

    name: str
    source: Downloads[Video] | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Download the video to a file, or into a folder under its own name; return the file's path.

        With an `AsyncInvokeAI` it is awaited; `await server.videos.save(video, path)` is the same, and typed so. Raises
        `TypeError` for a video that no client made, and what `server.videos.save` raises. Source: `GET
        /api/v1/videos/i/{video_name}/full`.
        """
        return self._source().save(self, path)

    def bytes(self) -> Data:
        """Download the video as the bytes of an MP4 file; awaited with an `AsyncInvokeAI`.

        Raises `TypeError` for a video that no client made, and what `server.videos.bytes` raises. Source: `GET
        /api/v1/videos/i/{video_name}/full`.
        """
        return self._source().bytes(self)

    def _source(self) -> Downloads[Video]:
        if self.source is None:
            raise TypeError(f"The video {self.name!r} was not made by a client: use `server.videos.save(video, path)`.")
        return self.source


ImageInput = AnyImage | Path | bytes | str
"""A picture of any server, a local file, its bytes, or (as text) the name of one that is on the server."""

VideoInput = AnyVideo | Path | bytes | str
"""A video of any server, a local file, its bytes, or (as text) the name of one that is on the server."""
