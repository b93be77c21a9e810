"""Files of a server as values of inputs and outputs: pictures, sounds, videos, 3D models and others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from flowbind.downloadable import AnyImage, AnyVideo, Data, Downloadable, Pictures

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Folder = Literal["input", "output", "temp"]
"""The folders of a server: what was uploaded, what runs left behind, and what previews leave for a while."""

MARKS = ("[input]", "[output]", "[temp]")
"""What the server takes for the folder at the end of a name."""
_ANNOTATED = re.compile(r"(.*) \[(input|output|temp)\]", re.DOTALL)


@dataclass(frozen=True)
class StoredFile(Downloadable):
    """A file in a folder of the server, by its name there; `type` is the folder, `subfolder` the way within it."""

    filename: str
    subfolder: str = ""
    type: Folder = "input"
    source: Pictures[Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.filename or "/" in self.filename:
            raise ValueError(
                f"{type(self).__name__}: filename is {self.filename!r}, not the name of a file: folders belong into "
                f"`subfolder`, or use `{type(self).__name__}.parse`"
            )
        if self.type not in get_args(Folder):
            raise ValueError(f"{type(self).__name__}: type is {self.type!r}, not {' or '.join(get_args(Folder))}")

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the file that a node calls `name`: `"subfolder/name.png [output]"`; without brackets it is an input.

        Raises `ValueError` for a text that names no file.
        """
        path, folder = name, "input"
        if annotated := _ANNOTATED.fullmatch(name):
            path, folder = annotated.groups()
        subfolder, _, filename = path.rpartition("/")
        return cls(filename, subfolder, next(known for known in get_args(Folder) if known == folder))

    @property
    def name(self) -> str:
        """What a node calls the file, as `parse` reads it."""
        path = f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename
        # A name that ends like one in another folder would be read as that; the server looks for no space.
        is_plain = self.type == "input" and not path.endswith(MARKS)
        return path if is_plain else f"{path} [{self.type}]"

    def save(self, path: str | Path) -> Path:
        """Download the file, or into a folder under its own name; return the file's path.

        With an `AsyncComfyUI` it is awaited; `await server.files.save(file, path)` is the same, and typed so. Raises
        `TypeError` for a file that no client made, and what `server.files.save` raises. Source: `GET /view`.
        """
        return self._source().save(self, path)

    def bytes(self) -> Data:
        """Download the file's bytes; awaited with an `AsyncComfyUI`.

        Raises `TypeError` for a file that no client made, and what `server.files.bytes` raises. Source: `GET /view`.
        """
        return self._source().bytes(self)

    def _source(self) -> Pictures[Any]:
        if self.source is None:
            raise TypeError(
                f"{type(self).__name__} {self.name!r} was not made by a client: use `server.files.save(file, path)`."
            )
        return self.source


@dataclass(frozen=True)
class Image(StoredFile, AnyImage):
    """A picture on a server."""

    def open(self) -> PillowImage:
        """Download the picture as one of Pillow (the extra `images`); awaited with an `AsyncComfyUI`.

        Raises `TypeError` for a picture that no client made, and what `server.files.open` raises. Source: `GET /view`.
        """
        return self._source().open(self)


@dataclass(frozen=True)
class Audio(StoredFile):
    """A sound on a server."""


@dataclass(frozen=True)
class Video(StoredFile, AnyVideo):
    """A video on a server."""


@dataclass(frozen=True)
class Model3D(StoredFile):
    """A 3D model on a server."""


@dataclass(frozen=True)
class File(StoredFile):
    """A file of any other kind on a server."""


ImageInput = AnyImage | Path | bytes | str
"""A picture of any server, a local file, its bytes, or (as text) the name of one that is on the server."""

AudioInput = Audio | Path | bytes | str
"""A sound of any server, a local file, its bytes, or (as text) the name of one that is on the server."""

VideoInput = AnyVideo | Path | bytes | str
"""A video of any server, a local file, its bytes, or (as text) the name of one that is on the server."""

Model3DInput = Model3D | Path | bytes | str
"""A 3D model of any server, a local file, its bytes, or (as text) the name of one that is on the server."""

FileInput = File | Path | bytes | str
"""A file of any server, a local one, its bytes, or (as text) the name of one that is on the server."""

FILE_KINDS = frozenset({"image", "audio", "video", "model_3d", "file"})
"""The kinds of slots whose values are files."""
