# Made from ../awaited/files.py. Do not edit: run `make twins`.
"""The files of a server, sync."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, overload

from flowbind.comfyui.file_types import FileT, class_of, downloadable
from flowbind.comfyui.files import Folder, Image, StoredFile
from flowbind.comfyui.transfers import downloads, index
from flowbind.downloadable import Data
from flowbind.transport.carrying import Itself, Origin
from flowbind.transport.part import Part, Performer

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from flowbind.comfyui.transfers.index import FileIndex


class Files(Part[Performer]):
    """The files of a server, in its folders input, output and temp; it tells of those that one knows by name.

    A `str` is always what nodes call a file that is on the server: `"sub/a.png"` in input, `"a.png [output]"`.
    """

    def __init__(self, server: Performer, index: FileIndex) -> None:
        super().__init__(server)
        self._index = index

    @overload
    def upload(
        self,
        content: Path | Data | BinaryIO,
        kind: type[FileT],
        *,
        name: str | None = None,
        subfolder: str = "",
        type: Folder = "input",
        overwrite: bool = False,
    ) -> FileT: ...
    @overload
    def upload(
        self,
        content: Path | Data | BinaryIO,
        kind: None = None,
        *,
        name: str | None = None,
        subfolder: str = "",
        type: Folder = "input",
        overwrite: bool = False,
    ) -> StoredFile: ...
    def upload(
        self,
        content: Path | Data | BinaryIO,
        kind: type[StoredFile] | None = None,
        *,
        name: str | None = None,
        subfolder: str = "",
        type: Folder = "input",
        overwrite: bool = False,
    ) -> StoredFile:
        """Upload a file, its bytes or an open binary file, in pieces; return the file that the server has of it.

        It is of the class `kind`, such as `Image`, else of the one that its name speaks for. Without a `name` it is
        called as the file is, with `_` for what not every system takes in a name, or by a digest of its bytes. Where
        another file is called so, the server chooses a name like `"a (1).png"`, or with `overwrite` replaces that file.
        A content that this client has uploaded to the same place under the same name before, and that is still there,
        is not sent once more, unless with `overwrite`. Raises `OSError` for a file that cannot be read, `ValueError`
        for a name or subfolder that not every system takes, `flowbind.errors.InputError` for an empty file or one
        larger than the server takes, and any `ServerError`. Source: `POST /upload/image`.
        """
        uploading = self._index.upload(content, name=name, subfolder=subfolder, type=type, overwrite=overwrite)
        file = self._server.perform(uploading)
        return downloadable(file, kind or class_of(file.filename), self)

    def upload_mask(
        self, mask: Path | Data | BinaryIO, image: Image | str, *, name: str | None = None, subfolder: str = ""
    ) -> Image:
        """Upload a mask for a picture on the server; return the new picture that the server makes of both.

        The mask is a picture of the same size whose alpha channel becomes that of the other: where it is transparent,
        `Load Image` gives a mask. Raises `flowbind.errors.StoredFileNotFound` where the server has no such picture,
        and what `upload` raises. Source: `POST /upload/mask`.
        """
        masking = index.masked(mask, downloads.file_of(image), name, subfolder)
        return downloadable(self._server.perform(masking), Image, self)

    def save(self, file: StoredFile | str, path: str | Path) -> Path:
        """Download a file, or into a folder under its own name; return the file's path.

        The file is there whole or not at all. A folder takes no names that programs read as their own: for those,
        `path` is that of a file. Raises `flowbind.errors.StoredFileNotFound`, `OSError`, and any `ServerError`;
        `UnexpectedReply` for such a name. Source: `GET /view`.
        """
        return self._server.perform(downloads.save(file, path))

    def bytes(self, file: StoredFile | str) -> Data:
        """Download the bytes of a file.

        Raises `flowbind.errors.StoredFileNotFound` and any `ServerError`. Source: `GET /view`.
        """
        return self._server.perform(downloads.content_of(file))

    def open(self, image: StoredFile | str) -> PillowImage:
        """Download a picture as one of Pillow, decoded; needs the extra `flowbind[images]`.

        Pillow's own limits say what is too large. Raises `ModuleNotFoundError` without Pillow,
        `flowbind.errors.UnexpectedReply` for what it cannot read, `StoredFileNotFound` and any `ServerError`. Source:
        `GET /view`.
        """
        return self._server.perform(downloads.opened(image))

    def _origin(self, file: StoredFile) -> Origin:
        # The server gives a name again when its file is gone, so it does not say which content is meant.
        return Origin(self._server._access, file.filename, Itself(file), partial(downloads.downloaded, file))
