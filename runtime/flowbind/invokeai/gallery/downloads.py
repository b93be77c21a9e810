"""Downloads: what is in pictures and videos, as files, as bytes, as pictures of Pillow."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.errors import UnexpectedReply
from flowbind.invokeai.gallery.index import NOT_FOUND
from flowbind.invokeai.gallery.stored import name_of
from flowbind.invokeai.media import Image, Video
from flowbind.outside import one_line
from flowbind.transport.steps import Call, Download, Operation, Reply, Work
from flowbind.transport.wire import answer_to, failure, quoted, unexpected

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.invokeai.gallery.stored import Kind

_LONGEST_NAME = 200
"""Bytes: file systems take 255, and a file that is being written has a longer name."""
# Whatever is in a folder that begins with a dot, or ends otherwise, may be what a program reads as its own.
_FILE = re.compile(r"(?i)[^.].*\.(png|jpe?g|webp|gif|bmp|tiff?|avif|mp4|m4v|mov|webm|mkv|zip)")
# Windows takes the first for devices, whatever comes after a dot, and drops the dots and spaces of the second.
_NO_FILE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(\..*)?|.*[. ]|\s.*")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029<>:"/\\|?*\ud800-\udfff]')


def save(kind: Kind[Any], media: Image | Video | str, path: str | Path) -> Operation[Path]:
    """Download one to a file, or into a folder under its own name."""
    name = name_of(media)
    target = yield from target_of(path, name)
    reply: Reply = yield Download(_path(kind, name, "full"), target, f"{kind.word}/")
    _check(kind, name, reply, f"{kind.word}/")
    return target


def content_of(kind: Kind[Any], media: Image | Video | str) -> Operation[bytes]:
    """Download the bytes of one."""
    name = name_of(media)
    reply = yield from answer_to(Call("GET", _path(kind, name, "full")))
    _check(kind, name, reply, f"{kind.word}/")
    return reply.body


def thumbnail_of(kind: Kind[Any], media: Image | Video | str) -> Operation[bytes]:
    """Download the bytes of the small picture that the page lists one with."""
    name = name_of(media)
    reply = yield from answer_to(Call("GET", _path(kind, name, "thumbnail")))
    _check(kind, name, reply, "image/")
    return reply.body


def save_thumbnail(kind: Kind[Any], media: Image | Video | str, path: str | Path) -> Operation[Path]:
    """Download the small picture to a file, or into a folder under the name of what it shows."""
    name = name_of(media)
    target = yield from target_of(path, f"{name.rpartition('.')[0] or name}.webp")
    reply: Reply = yield Download(_path(kind, name, "thumbnail"), target, "image/")
    _check(kind, name, reply, "image/")
    return target


def opened(kind: Kind[Any], image: Image | str) -> Operation[PillowImage]:
    """Download a picture and decode it beside the event loop."""
    try:
        import PIL.Image  # noqa: F401  before anything is downloaded
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Opening pictures needs its extra: pip install 'flowbind[images]'", name=error.name
        ) from None
    content = yield from content_of(kind, image)
    picture: PillowImage = yield Work(partial(_decoded, content, _path(kind, name_of(image), "full")))
    return picture


def target_of(path: str | Path, name: str) -> Operation[Path]:
    """Return the file to save to: `path`, or where that is a folder, the server's name in it."""
    target = Path(path)
    if str(path).endswith(("/", os.sep)) or (yield Work(target.is_dir)):
        target /= _file_name(name)
        yield Work(partial(_check_free, target))
    return target


def _decoded(content: bytes, path: str) -> PillowImage:
    from io import BytesIO

    from PIL import Image as pillow

    try:
        picture = pillow.open(BytesIO(content))
        picture.load()
    except Exception as error:
        # Each format of Pillow's has errors of its own.
        raise UnexpectedReply(
            f"GET {path} was answered with what Pillow cannot read ({type(error).__name__}: {one_line(error)})."
        ) from None
    return picture


def _path(kind: Kind[Any], name: str, what: str) -> str:
    return f"{kind.path}/i/{quoted(name)}/{what}"


def _check(kind: Kind[Any], name: str, reply: Reply, media_type: str) -> None:
    if reply.status == 404 and "html" not in reply.media_type:
        raise NOT_FOUND[kind.word](f'The server has no {kind.word} "{name}" any more.')
    if reply.status >= 400:
        raise failure(reply)
    if reply.status != 200 or not reply.media_type.startswith(media_type):
        error = unexpected(reply, kind.one)
        raise type(error)(" ".join(filter(None, [str(error), kind.lacking])), status=reply.status)


def _file_name(name: str) -> str:
    """Return a name of the server's as that of a file, which cannot leave its folder on any system."""
    is_one = _FILE.fullmatch(name) and not (_NOT_IN_NAMES.search(name) or _NO_FILE.fullmatch(name))
    if not is_one or len(name.encode()) > _LONGEST_NAME:
        raise UnexpectedReply(f"The server's name {one_line(name, 300)!r} is no file name; give a file to save to.")
    return name


def _check_free(target: Path) -> None:
    """Raise `UnexpectedReply` where the file of another name would be replaced."""
    # Some systems take names for one that differ in case, or in how letters are composed.
    if target.exists() and target.name not in os.listdir(target.parent):
        raise UnexpectedReply(
            f"The server's name {target.name!r} is that of another file here, but for how it is written; "
            "give a file to save to."
        )
