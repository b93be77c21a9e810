"""Downloads: what is in the files of a server, as files, as bytes, as pictures of Pillow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from flowbind.comfyui.file_types import ENDINGS
from flowbind.comfyui.files import MARKS, File, StoredFile
from flowbind.decoding import decoded
from flowbind.errors import StoredFileNotFound
from flowbind.outside import one_line
from flowbind.saving import target_of
from flowbind.transport.steps import Call, Download, Operation, Reply
from flowbind.transport.wire import answer_to, failure, is_file, unexpected

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_FIRST_BYTE = {"range": "bytes=0-0"}
_NONE, _REFUSED, _NO_BYTE = 404, (400, 403), 416
# The server guesses a type by the name, each system in its own way.
_ANY = ""


def file_of(file: StoredFile | str) -> StoredFile:
    """Return a file that may be given as nodes call it."""
    return File.parse(file) if isinstance(file, str) else file


def save(file: StoredFile | str, path: str | Path) -> Operation[Path]:
    """Download a file, or into a folder under its own name."""
    file = file_of(file)
    target = yield from target_of(path, file.filename, ENDINGS)
    yield from downloaded(file, target)
    return target


def downloaded(file: StoredFile, target: Path | BinaryIO) -> Operation[None]:
    """Download a file to one here, by its path, or open."""
    reply: Reply = yield Download(_path(file), target, _ANY)
    _check(file, reply)


def content_of(file: StoredFile | str) -> Operation[bytes]:
    """Download the bytes of a file."""
    file = file_of(file)
    reply = yield from answer_to(Call("GET", _path(file)))
    _check(file, reply)
    return reply.body


def opened(file: StoredFile | str) -> Operation[PillowImage]:
    """Download a picture and decode it beside the event loop."""
    return (yield from decoded(content_of(file), _path(file_of(file))))


def is_there(file: StoredFile, size: int | None = None) -> Operation[bool]:
    """Tell whether the server has a file, of `size` bytes where that is given."""
    reply = yield from answer_to(Call("GET", _path(file), headers=_FIRST_BYTE))
    if reply.status == _NO_BYTE:
        return not size
    try:
        _check(file, reply, (200, 206))
    except StoredFileNotFound:
        return False
    _, _, length = reply.content_range.partition("/")
    # Who knows nothing of ranges sends all of it.
    return size is None or (length == str(size) if reply.status == 206 else len(reply.body) == size)


def _path(file: StoredFile) -> str:
    # The name says where it is, too, where it would be read as saying so.
    name = f"{file.filename} [{file.type}]" if file.filename.endswith(MARKS) else file.filename
    asked = {"filename": name, "subfolder": file.subfolder, "type": file.type}
    try:
        return "/view?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in asked.items())
    except UnicodeEncodeError:
        raise StoredFileNotFound(f"No server can have a file {_told(file)}.") from None


def _check(file: StoredFile, reply: Reply, wanted: tuple[int, ...] = (200,)) -> None:
    if reply.status == _NONE and "html" not in reply.media_type:
        raise StoredFileNotFound(
            f"The server has no file {_told(file)}: it was deleted, or it was in temp, which a start empties."
        )
    if reply.status in _REFUSED and not reply.body:
        raise StoredFileNotFound(f"The server gives out no file {_told(file)}: its name leads out of the folder.")
    if reply.status >= 400:
        raise failure(reply)
    if reply.status not in wanted or not is_file(reply.media_type, _ANY):
        raise unexpected(reply, "a file")


def _told(file: StoredFile) -> str:
    return repr(one_line(file.name, 300))
