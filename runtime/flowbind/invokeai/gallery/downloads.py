"""Downloads: what is in pictures and videos, as files, as bytes, as pictures of Pillow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from flowbind.decoding import decoded
from flowbind.invokeai.gallery.index import NOT_FOUND
from flowbind.invokeai.gallery.stored import name_of
from flowbind.invokeai.media import Image, Video
from flowbind.saving import PICTURES, VIDEOS, target_of
from flowbind.transport.steps import Call, Download, Operation, Reply
from flowbind.transport.wire import answer_to, failure, quoted, unexpected

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.invokeai.gallery.stored import Kind

_ENDINGS = PICTURES | VIDEOS


def save(kind: Kind[Any], media: Image | Video | str, path: str | Path) -> Operation[Path]:
    """Download one to a file, or into a folder under its own name."""
    target = yield from target_of(path, name_of(media), _ENDINGS)
    yield from downloaded(kind, media, target)
    return target


def downloaded(kind: Kind[Any], media: Image | Video | str, target: Path | BinaryIO) -> Operation[None]:
    """Download one to a file, by its path, or open."""
    name = name_of(media)
    reply: Reply = yield Download(_path(kind, name, "full"), target, f"{kind.word}/")
    _check(kind, name, reply, f"{kind.word}/")


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
    target = yield from target_of(path, f"{name.rpartition('.')[0] or name}.webp", _ENDINGS)
    reply: Reply = yield Download(_path(kind, name, "thumbnail"), target, "image/")
    _check(kind, name, reply, "image/")
    return target


def opened(kind: Kind[Any], image: Image | str) -> Operation[PillowImage]:
    """Download a picture and decode it beside the event loop."""
    return (yield from decoded(content_of(kind, image), _path(kind, name_of(image), "full")))


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
