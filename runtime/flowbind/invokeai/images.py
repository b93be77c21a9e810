"""Pictures: upload, check, download."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from flowbind.digest import sha256
from flowbind.errors import ImageNotFound, InputError, NotFound, Refused, UnexpectedReply
from flowbind.invokeai._wire import (
    Call,
    Download,
    Operation,
    Reply,
    Upload,
    Work,
    failure,
    get,
    parsed,
    quoted,
    read,
    unexpected,
)
from flowbind.invokeai.fields import Image, ImageInput
from flowbind.invokeai.place import Place

_MAGIC = ((b"\x89PNG", "image/png", ".png"), (b"\xff\xd8\xff", "image/jpeg", ".jpg"), (b"RIFF", "image/webp", ".webp"))


class ImageIndex:
    """What a client knows of a server's pictures: those it has seen, and those it has uploaded."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._uploaded: dict[str, str] = {}

    def resolve(self, image: ImageInput, place: Place) -> Operation[str]:
        """Return the name of a picture on the server: uploaded when it is a file or bytes, checked otherwise."""
        if isinstance(image, Path | bytes):
            return (yield from self._upload_once(image, place))
        name = _name(image)
        if name not in self._known:
            try:
                yield from get(f"/api/v1/images/i/{quoted(name)}")
            except NotFound:
                cure = place.cure("Pass a Path to upload a local file, or the name of an image on the server.")
                raise ImageNotFound(f'{place}: the server has no image "{name}". {cure}') from None
            self._known.add(name)
        return name

    def forget(self, names: Iterable[str]) -> None:
        """Believe no longer that the server has these; whoever deletes says so."""
        gone = set(names)
        self._known -= gone
        self._uploaded = {digest: name for digest, name in self._uploaded.items() if name not in gone}

    def forget_all(self) -> None:
        """Believe no longer that the server has what was seen, where nobody knows what was deleted."""
        self._known.clear()
        self._uploaded.clear()

    def _upload_once(self, image: Path | bytes, place: Place) -> Operation[str]:
        content = (yield from read_file(image, place)) if isinstance(image, Path) else image
        digest = sha256(content)
        if digest not in self._uploaded:
            stem = image.stem if isinstance(image, Path) else "image"
            try:
                uploaded = yield from upload(content, stem)
            except Refused as error:
                raise InputError([f"{place}: the server does not take the picture. {error}"]) from None
            self._uploaded[digest] = uploaded.name
            self._known.add(uploaded.name)
        return self._uploaded[digest]


def read_file(path: Path, place: Place) -> Operation[bytes]:
    """Return the bytes of a local picture; raises `InputError` naming the input when it cannot be read."""
    try:
        content: bytes = yield Work(path.read_bytes)
    except OSError as error:
        raise InputError([f"{place}: the file {str(path)!r} cannot be read ({error.strerror})."]) from None
    return content


def uploaded(image: Path | bytes) -> Operation[Image]:
    """Upload a picture, a file or its bytes, to the server's assets."""
    if isinstance(image, bytes):
        return (yield from upload(image, "image"))
    return (yield from upload((yield Work(image.read_bytes)), image.stem))


def upload(content: bytes, stem: str) -> Operation[Image]:
    """Upload a picture to the server's assets."""
    from flowbind.invokeai._rest import ImageDTO

    kind = next(((m, s) for magic, m, s in _MAGIC if content.startswith(magic)), ("application/octet-stream", ""))
    # A file's name may hold bytes that are no text; the server gives the picture a name of its own anyway.
    name = stem.encode("utf-8", "replace").decode()
    file = Upload(f"{name}{kind[1]}", content, kind[0])
    params = {"image_category": "user", "is_intermediate": "false"}
    reply: Reply = yield Call("POST", "/api/v1/images/upload", params, upload=file)
    dto = read(ImageDTO, parsed(reply))
    return Image(dto.image_name, dto.width, dto.height)


def save(image: Image | str, path: str | Path) -> Operation[Path]:
    """Download a picture to a file, or into a folder under the picture's own name."""
    name = _name(image)
    target = Path(path)
    if str(path).endswith(("/", os.sep)) or (yield Work(target.is_dir)):
        target = target / _file_name(name)
    reply: Reply = yield Download(f"/api/v1/images/i/{quoted(name)}/full", target)
    _check_picture(reply, name)
    return target


def content_of(image: Image | str) -> Operation[bytes]:
    """Download a picture's bytes."""
    name = _name(image)
    reply: Reply = yield Call("GET", f"/api/v1/images/i/{quoted(name)}/full")
    _check_picture(reply, name)
    return reply.body


def _name(image: Image | str) -> str:
    return image if isinstance(image, str) else image.name


def _check_picture(reply: Reply, name: str) -> None:
    if reply.status == 404:
        raise ImageNotFound(f'The server has no image "{name}" any more.')
    if reply.status >= 400:
        raise failure(reply)
    if not reply.media_type.startswith("image/"):
        raise unexpected(reply, "a picture")


def _file_name(name: str) -> str:
    """Return the server's name of a picture as a file name that cannot leave its folder."""
    own = PureWindowsPath(PurePosixPath(name).name).name
    if own != name or own in ("", ".", ".."):
        raise UnexpectedReply(f"The server's image name {name!r} is no file name; give a file to save to.")
    return own
