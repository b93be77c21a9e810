"""Contents to upload: opened, measured, and known by how they begin."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from flowbind.digest import measured
from flowbind.errors import ConnectionBroken, InputError, RequestTimeout
from flowbind.transport.steps import Call, Operation, Reply, Work


@dataclass(frozen=True)
class Passing:
    """What another server had: an open file of it, what it is called, and its `place` in messages."""

    file: BinaryIO
    name: str
    place: str

    def __str__(self) -> str:
        return self.name


Content = Path | bytes | BinaryIO | Passing
"""What can be uploaded: a file, its bytes, or an open binary file, from where it stands to its end."""

# What a file begins with, at which byte, and what it is then: the server wants to be told.
_MAGIC = (
    (0, b"\x89PNG", "image/png", ".png"),
    (0, b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (8, b"WEBP", "image/webp", ".webp"),
    (0, b"GIF8", "image/gif", ".gif"),
    (0, b"BM", "image/bmp", ".bmp"),
    (0, b"II*\0", "image/tiff", ".tif"),
    (0, b"MM\0*", "image/tiff", ".tif"),
    (8, b"M4A ", "audio/mp4", ".m4a"),
    (4, b"ftyp", "video/mp4", ".mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm", ".webm"),
    (8, b"WAVE", "audio/wav", ".wav"),
    (0, b"fLaC", "audio/flac", ".flac"),
    (0, b"OggS", "audio/ogg", ".ogg"),
    (0, b"ID3", "audio/mpeg", ".mp3"),
    (0, b"\xff\xfb", "audio/mpeg", ".mp3"),
    (0, b"glTF", "model/gltf-binary", ".glb"),
)
_UNKNOWN = ("application/octet-stream", "")


@dataclass(frozen=True)
class Source:
    """A content that was opened and measured; `place` names it in messages.

    `name` is the file's, "" where it has none; `media_type` and `suffix` are what its beginning says that it is.
    """

    file: BinaryIO
    start: int
    size: int
    digest: str
    media_type: str
    suffix: str
    place: str
    name: str
    is_own: bool

    def close(self) -> None:
        """Close the file, unless it is the caller's."""
        if self.is_own:
            self.file.close()


def opened(content: Content, word: str) -> Operation[Source]:
    """Open a content and measure it beside the event loop; `word` says what it should be.

    Raises `OSError` for a file that cannot be read and `InputError` for an empty one.
    """
    if isinstance(content, str):
        raise TypeError(f"Pass a Path to upload a file: a str is the name of {word}s that are on the server.")
    source: Source = yield Work(partial(_open, content, word))
    return source


def sending(call: Call, source: Source, taken: str = "") -> Operation[Reply]:
    """Send the request of an upload; where the connection breaks, the error names the content, and what is `taken`."""
    try:
        reply: Reply = yield call
    except RequestTimeout:
        raise
    except ConnectionBroken as error:
        hint = "A server that refuses an upload may hang up before it has all of it."
        raise ConnectionBroken(f"Sending {source.place}: {error} {hint} {taken}".rstrip()) from None
    return reply


def _open(content: Content, word: str) -> Source:
    if isinstance(content, bytes):
        file: BinaryIO = io.BytesIO(content)
        place, name, is_own = "the given bytes", "", True
    elif isinstance(content, Path):
        file = content.open("rb")
        place, name, is_own = f"the file {str(content)!r}", content.name, True
    elif isinstance(content, Passing):
        file, place, name, is_own = content.file, content.place, content.name, False
        file.seek(0)
    else:
        path = _path_of(content)
        file, name, is_own = content, Path(path).name, False
        place = f"the open file {path or word!r}"
        if isinstance(file, io.TextIOBase):
            raise TypeError(f"{place} is one of text: open it with mode 'rb'.")
        if not file.seekable():
            file, is_own = _copied(file), True
    try:
        start = file.tell()
        head = file.read(16)
        file.seek(start)
        digest, size = measured(file)
        if not size:
            raise InputError([f"There is nothing in {place}."])
    except BaseException:
        if is_own:
            file.close()
        raise
    known = ((media_type, suffix) for at, magic, media_type, suffix in _MAGIC if head[at:].startswith(magic))
    # A file's name may hold bytes that are no text.
    name = name.encode("utf-8", "replace").decode()
    return Source(file, start, size, digest, *next(known, _UNKNOWN), place, name, is_own)


def _path_of(file: BinaryIO) -> str:
    """Return the path of an open file, "" for one that has none: it was opened by its number, or is in memory."""
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, str | bytes) else ""


def _copied(file: BinaryIO) -> BinaryIO:
    """Return what comes out of a pipe as a file: it is read twice, to be known and to be sent."""
    import shutil
    import tempfile

    copy = tempfile.TemporaryFile()  # noqa: SIM115  who opened the source closes it
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy
