"""Files of a server as values: what they know of the client that they are downloaded with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from flowbind.value import Value

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.transport.carrying import Origin

Data = bytes
"""`bytes` for annotations inside classes that have a method of that name."""

Named_contra = TypeVar("Named_contra", contravariant=True)


class Downloadable(Value):
    """What a server has, and in `source` where it is downloaded from: nowhere, once it has been pickled."""

    def _origin(self) -> Origin | None:
        """Return where it is; None where only its name is known."""
        source: Downloads[Any] | None = vars(self)["source"]
        return None if source is None else source._origin(self)


def described(file: Downloadable) -> str:
    """Return how messages call a file: with its server, where that is known."""
    origin = file._origin()
    return repr(file) if origin is None else str(origin)


class AnyImage(Downloadable):
    """A picture on a server of whichever family."""


class AnyVideo(Downloadable):
    """A video on a server of whichever family."""


class Downloads(Protocol[Named_contra]):
    """Where files are downloaded from: a handle of a client."""

    def _origin(self, named: Named_contra, /) -> Origin:
        """Return how one gets to another server."""
        ...

    def save(self, named: Named_contra, path: str | Path, /) -> Path:
        """Download one to a file."""
        ...

    def bytes(self, named: Named_contra, /) -> Data:
        """Download one's bytes."""
        ...


class Pictures(Downloads[Named_contra], Protocol[Named_contra]):
    """Where pictures are downloaded from: a handle of a client."""

    def open(self, image: Named_contra, /) -> PillowImage:
        """Download one as a picture of Pillow."""
        ...


class AsyncDownloads(Protocol[Named_contra]):
    """The same of an async client."""

    def _origin(self, named: Named_contra, /) -> Origin:
        """Return how one gets to another server."""
        ...

    async def save(self, named: Named_contra, path: str | Path, /) -> Path:
        """Download one to a file."""
        ...

    async def bytes(self, named: Named_contra, /) -> Data:
        """Download one's bytes."""
        ...


class AsyncPictures(AsyncDownloads[Named_contra], Protocol[Named_contra]):
    """The same of an async client."""

    async def open(self, image: Named_contra, /) -> PillowImage:
        """Download one as a picture of Pillow."""
        ...
