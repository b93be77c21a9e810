"""What a client has uploaded to a server: each content once, as long as it is there."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from flowbind.comfyui.files import Folder, StoredFile
from flowbind.comfyui.transfers.downloads import is_there
from flowbind.comfyui.transfers.uploads import MASK, Where, name_for, sent
from flowbind.errors import StoredFileNotFound
from flowbind.outside import one_line
from flowbind.transport.carrying import Carried, is_of
from flowbind.transport.contents import opened
from flowbind.transport.uploaded import Seen, Uploaded, for_input

if TYPE_CHECKING:
    from flowbind.downloadable import Downloadable
    from flowbind.place import Place
    from flowbind.transport.address import Home
    from flowbind.transport.contents import Content, Source
    from flowbind.transport.steps import Operation

_WORD = "file"
# Nodes for 3D models look for them there, all others at the root.
_SUBFOLDERS = {"model_3d": "3d"}
_Names = dict[Where, StoredFile]
_Sized = tuple[StoredFile, int]
"""A file, and how many bytes of it were uploaded: another one may have its name by now."""


class FileIndex:
    """What a client knows of a server's files; `home` is where the server is."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._carried = Carried[_Sized]()
        self._seen = Seen[StoredFile]()
        self._uploaded = Uploaded[Where, StoredFile]()

    def resolve(self, given: Downloadable | Path | bytes, place: Place, kind: str) -> Operation[str]:
        """Return what nodes call what is given for an input of a kind, uploaded or carried over where it was not here.

        Errors name the input.
        """
        if isinstance(given, StoredFile) and is_of(self._home, given):
            return given.name
        upload = partial(self._named, _SUBFOLDERS.get(kind, ""))
        if isinstance(given, Path | bytes):
            file, _ = yield from for_input(upload(given), given, place)
        else:
            file, _ = yield from self._carried.named(given, place, self._is_here, upload)
        return file.name

    def upload(
        self, content: Content, *, name: str | None, subfolder: str, type: Folder, overwrite: bool
    ) -> Operation[StoredFile]:
        """Return the file that a content was uploaded to, now or earlier; `overwrite` replaces what is called so."""
        return (
            yield from self._uploaded.named(content, _WORD, partial(self._placed, name, subfolder, type, overwrite))
        )

    def _placed(
        self, name: str | None, subfolder: str, type: Folder, overwrite: bool, source: Source, names: _Names
    ) -> Operation[StoredFile]:
        where = Where(name or name_for(source), subfolder, type)
        if overwrite:
            file = yield from sent(source, where, overwrite="true")
            self._uploaded.forget(file)
        elif (known := names.get(where)) and (yield from is_there(known, source.size)):
            return known
        else:
            file = yield from sent(source, where)
        self._seen.note(file)
        names[where] = file
        return file

    def _named(self, subfolder: str, content: Content) -> Operation[_Sized]:
        return self._uploaded.named(content, _WORD, partial(self._in_folder, subfolder))

    def _in_folder(self, subfolder: str, source: Source, names: _Names) -> Operation[_Sized]:
        """Return the file that a content was uploaded to, under whatever name that says the same of what it is."""
        wanted = Where(name_for(source), subfolder)
        for where, file in [*names.items()]:
            if _alike(where) == _alike(wanted):
                if (yield from self._is_here((file, source.size))):
                    return file, source.size
                names.pop(where, None)
        file = names[wanted] = yield from sent(source, wanted)
        self._seen.note(file)
        return file, source.size

    def _is_here(self, sized: _Sized) -> Operation[bool]:
        file, size = sized
        if self._seen.is_trusted(file):
            return True
        found = yield from is_there(file, size)
        if found:
            self._seen.note(file)
        return found


def masked(mask: Content, image: StoredFile, name: str | None, subfolder: str) -> Operation[StoredFile]:
    """Upload a mask; return the picture that the server makes of it and one that it has."""
    import json

    source = yield from opened(mask, "mask")
    original = json.dumps({"filename": image.filename, "subfolder": image.subfolder, "type": image.type})
    try:
        where = Where(name or name_for(source), subfolder)
        file = yield from sent(source, where, MASK, original_ref=original)
    finally:
        source.close()
    # Of a picture that it does not have, the server makes nothing, and says that it did.
    if not (yield from is_there(file)):
        raise StoredFileNotFound(
            f"The server has made no picture of {one_line(image.name, 300)!r} and a mask: it does not have that one."
        )
    return file


def _alike(where: Where) -> tuple[str, Folder, str]:
    return where.subfolder, where.type, PurePath(where.name).suffix.lower()
