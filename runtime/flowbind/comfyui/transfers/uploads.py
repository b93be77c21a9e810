"""Uploads: how a file is called on the server, and sending it in pieces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from flowbind.comfyui.files import Folder, StoredFile
from flowbind.errors import InputError, Refused, ServerError, UnexpectedReply
from flowbind.saving import as_file_name, is_file_name
from flowbind.transport.contents import sending
from flowbind.transport.steps import Call, Operation, Upload
from flowbind.transport.wire import get, parsed

if TYPE_CHECKING:
    from flowbind.transport.contents import Source

IMAGE, MASK = "/upload/image", "/upload/mask"
# The server gives back none that has two dots next to each other.
_DOTS = re.compile(r"\.\.+")
_LARGE = 1 << 20
"""Bytes of a file whose size is compared with the server's limit before it is sent: no server takes less."""
_MIB = 1 << 20


@dataclass(frozen=True)
class Where:
    """Where an upload goes, and under which name, if nothing else is called so there.

    Raises `ValueError` for names that not every system takes, or that lead elsewhere.
    """

    name: str
    subfolder: str = ""
    type: Folder = "input"

    def __post_init__(self) -> None:
        for name in (self.name, *(self.subfolder.split("/") if self.subfolder else ())):
            if not is_file_name(name) or _DOTS.search(name):
                raise ValueError(f"A file cannot be uploaded as {name!r}: not every server's system takes such a name.")
        if self.type not in get_args(Folder):
            raise ValueError(f"A file cannot be uploaded to {self.type!r}: folders are {', '.join(get_args(Folder))}.")


def name_for(source: Source) -> str:
    """Return what a content is called on the server: what the file is, as far as all systems take that.

    What has no name is called by its digest, so that the same bytes give the same file.
    """
    return as_file_name(_DOTS.sub("_", source.name)) or f"{source.digest[:20]}{source.suffix}"


def sent(source: Source, where: Where, path: str = IMAGE, **fields: str) -> Operation[StoredFile]:
    """Upload a content; return where the server has it, under a name of the server's choice.

    Raises `InputError` for one that is larger than the server takes.
    """
    if source.size > _LARGE:
        yield from _check_size(source)
    form = {"type": where.type, "subfolder": where.subfolder, **fields}
    upload = Upload(where.name, source.file, source.start, source.size, source.media_type, form, "image")
    reply = yield from sending(Call("POST", path, upload=upload), source)
    if reply.status == 413:
        raise InputError([f"{source.place} has {_size(source.size)}, more than the server takes. {_CURE}"])
    try:
        return _stored(parsed(reply))
    except Refused as error:
        raise Refused(f"The server does not take {source.place}. {error}", status=reply.status) from None


_CURE = "Start it with `--max-upload-size`, or put the file into its input folder and give its name."


def _check_size(source: Source) -> Operation[None]:
    try:
        features = yield from get("/features")
    except ServerError:
        return  # releases before it are asked by sending
    largest = features.get("max_upload_size") if isinstance(features, dict) else None
    if isinstance(largest, int) and source.size > largest:
        raise InputError(
            [f"{source.place} has {_size(source.size)}, and the server takes {_size(largest)} at most. {_CURE}"]
        )


def _size(number: int) -> str:
    return f"{number / _MIB:.1f} MiB"


def _stored(document: Any) -> StoredFile:
    try:
        told: Mapping[str, Any] = document
        name, subfolder = told["name"], told.get("subfolder", "")
        if isinstance(name, str) and isinstance(subfolder, str):
            return StoredFile(name, subfolder.strip("/"), told.get("type", "input"))
    except (TypeError, KeyError, AttributeError, ValueError):
        pass
    raise UnexpectedReply("The server does not say what it calls the file. Check the address: it has to be ComfyUI's.")
