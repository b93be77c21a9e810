"""Uploads: a content is opened, measured, and sent in pieces, never held as a whole."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from flowbind.digest import measured
from flowbind.errors import ConnectionBroken, InputError, NotTheApi, Refused, RequestTimeout
from flowbind.transport.steps import Call, Operation, Reply, Upload, Work
from flowbind.transport.wire import details, parsed, read

if TYPE_CHECKING:
    from flowbind.invokeai.gallery.stored import Category, Kind

Content = Path | bytes | BinaryIO
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
    (4, b"ftyp", "video/mp4", ".mp4"),
)
_HUNG_UP = "A server that refuses an upload may hang up before it has all of it."
_NO_SUCH_PATH = ("Not Found", "Method Not Allowed")


@dataclass(frozen=True)
class Where:
    """Where an upload goes: `board` is an id, `metadata` JSON."""

    board: str | None = None
    category: Category = "user"
    is_intermediate: bool = False
    metadata: str | None = None


NOWHERE = Where()
"""Among the assets that are on no board."""


@dataclass(frozen=True)
class Source:
    """A content that was opened and measured; `place` names it in messages."""

    file: BinaryIO
    start: int
    size: int
    digest: str
    head: bytes
    place: str
    stem: str
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


def sent(kind: Kind[Any], source: Source, where: Where) -> Operation[Mapping[str, Any]]:
    """Upload a content; return what the server tells of it, which has the shape that flowbind knows."""
    from flowbind.invokeai import _rest

    media_type, suffix = next(
        ((m, s) for start, magic, m, s in _MAGIC if source.head[start:].startswith(magic)),
        ("application/octet-stream", ""),
    )
    fields = {"metadata": where.metadata} if where.metadata is not None else {}
    upload = Upload(f"{source.stem}{suffix}", source.file, source.start, source.size, media_type, fields)
    params = {f"{kind.word}_category": where.category, "is_intermediate": str(where.is_intermediate).lower()}
    if where.board is not None:
        params["board_id"] = where.board
    try:
        reply: Reply = yield Call("POST", f"{kind.path}/upload", params, upload=upload)
    except RequestTimeout:
        raise
    except ConnectionBroken as error:
        raise ConnectionBroken(f"Sending {source.place}: {error} {_HUNG_UP} {kind.taken}") from None
    if reply.status in (404, 405) and details(reply) in _NO_SUCH_PATH:
        raise NotTheApi(
            f"The server does not take {source.place}: it knows no {kind.word}s. {kind.lacking}", status=reply.status
        )
    try:
        document: Mapping[str, Any] = parsed(reply)
    except Refused as error:
        raise Refused(f"The server does not take {source.place}. {error}", status=reply.status) from None
    read(getattr(_rest, kind.dto), document)
    return document


def _open(content: Content, word: str) -> Source:
    # A file's name may hold bytes that are no text; the server gives what it keeps a name of its own anyway.
    if isinstance(content, bytes):
        file: BinaryIO = io.BytesIO(content)
        place, path, is_own = "the given bytes", Path(word), True
    elif isinstance(content, Path):
        file = content.open("rb")
        place, path, is_own = f"the file {str(content)!r}", content, True
    else:
        file, path, is_own = content, _path_of(content, word), False
        place = f"the open file {str(path)!r}"
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
    stem = path.stem.encode("utf-8", "replace").decode()
    return Source(file, start, size, digest, head, place, stem, is_own)


def _path_of(file: BinaryIO, word: str) -> Path:
    """Return the path of an open file; one that was opened by its number has none."""
    name = getattr(file, "name", None)
    return Path(os.fsdecode(name)) if isinstance(name, str | bytes) and name else Path(word)


def _copied(file: BinaryIO) -> BinaryIO:
    """Return what comes out of a pipe as a file: it is read twice, to be known and to be sent."""
    import shutil
    import tempfile

    copy = tempfile.TemporaryFile()  # noqa: SIM115  who opened the source closes it
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy
