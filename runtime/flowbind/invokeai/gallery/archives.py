"""Bulk downloads: the server packs pictures into a ZIP archive, gives it once, and tells nobody when it is ready."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.errors import ConnectionBroken, ImageNotFound, RequestTimeout, UnexpectedReply
from flowbind.invokeai.gallery.on_boards import image_names, place_id
from flowbind.invokeai.gallery.stored import name_of
from flowbind.invokeai.media import Image
from flowbind.outside import one_line
from flowbind.place import Place
from flowbind.saving import target_of
from flowbind.transport.steps import Download, Operation, Reply, Sleep
from flowbind.transport.wire import failure, quoted, read, send, unexpected

if TYPE_CHECKING:
    from zipfile import ZipInfo

    from flowbind.invokeai._rest import Board
    from flowbind.invokeai.gallery.boards import BoardIndex
    from flowbind.invokeai.gallery.index import MediaIndex

_PATH = "/api/v1/images/download"
_ZIP = "application/zip"
_BOARD = Place("images.download, `board`", True)
_MOST_TIMES = 100
"""How many times as large as itself an archive may become; pictures hardly get smaller in one."""
_LOOK = 0.2
"""Seconds between two looks: an archive that did not grow meanwhile is taken for whole."""
_PATIENCE = (0.0, 2.0, 10.0, 60.0)
"""Seconds before the first look; the later ones where an archive was fetched before it was whole."""
_SUSPICIOUS = 2.0
"""Seconds without an archive after which the pictures are looked for: one that is missing ends the packing unsaid."""
# The archive can be seen while it is written, and is deleted when it was sent. A range behind its end is refused, which
# tells how long it is and deletes nothing; releases that know no ranges send it.
_BEHIND_THE_END = {"range": f"bytes={10**17}-"}


def archived(
    images: Iterable[Image | str] | None,
    board: Board | str | None,
    path: str | Path,
    timeout: float,
    index: MediaIndex[Any],
    boards: BoardIndex,
) -> Operation[Path]:
    """Save pictures of a server, or those of a board, as a ZIP archive; a folder gets one under the server's name.

    Raises `RequestTimeout` for an archive that is not ready after `timeout` seconds.
    """
    until = time.monotonic() + timeout
    if (images is None) == (board is None):
        raise ValueError("images.download takes either `images` or `board`.")
    body: dict[str, Any]
    if board is None:
        names: Sequence[str] = [*dict.fromkeys(map(name_of, images or ()))]
        body = {"image_names": names}
    else:
        names = yield from image_names(board, boards, _BOARD)
        body = {"board_id": (yield from place_id(board, boards, _BOARD))}
    # What a board holds is there, and may be too much to look for one by one.
    doubtful = names if board is None else ()
    for pause in _PATIENCE:
        archive = yield from _ordered(body)
        target = yield from target_of(path, archive, ("zip",))
        yield Sleep(pause)
        try:
            yield from _fetched(archive, target, until, names, doubtful, index)
        except RequestTimeout:
            raise
        except (ConnectionBroken, _NotWhole):
            # What grows while it is sent ends otherwise than it began.
            continue
        return target
    raise UnexpectedReply(f"The archives that the server made of {len(names)} pictures are broken. Try again later.")


def _is_plain(entry: ZipInfo) -> bool:
    """Tell whether an entry is a file that is unpacked below the folder that was chosen, on any system."""
    parts = entry.filename.removesuffix("/").replace("\\", "/").split("/")
    is_inside = not {"", ".", ".."}.intersection(parts) and ":" not in entry.filename and entry.filename.isprintable()
    return is_inside and stat.S_IFMT(entry.external_attr >> 16) in (0, stat.S_IFREG, stat.S_IFDIR)


class _NotWhole(OSError):
    """An archive that was fetched while the server wrote it."""


def _ordered(body: dict[str, Any]) -> Operation[str]:
    """Have an archive made; return its name."""
    from flowbind.invokeai._rest import ImagesDownloaded

    name = read(ImagesDownloaded, (yield from send("POST", _PATH, body))).bulk_download_item_name
    if not name:
        raise UnexpectedReply("The server does not say what it calls the archive.")
    return name


def _fetched(
    archive: str, target: Path, until: float, names: Sequence[str], doubtful: Sequence[str], index: MediaIndex[Any]
) -> Operation[None]:
    download = partial(Download, f"{_PATH}/{quoted(archive)}", target, _ZIP, check=partial(_check, names))
    started, looked, length = time.monotonic(), False, ""
    while True:
        reply: Reply = yield download(_BEHIND_THE_END)
        if reply.status == 416 and reply.content_range == length:
            reply = yield download()
        if reply.status == 200:
            if not reply.media_type.startswith(_ZIP):
                raise unexpected(reply, "a ZIP archive")
            return
        if reply.status not in (404, 416):
            raise failure(reply)
        length = reply.content_range
        now = time.monotonic()
        if now > until:
            raise RequestTimeout(
                f"The server has not packed {len(names)} pictures yet. Give it more time (`timeout`), or ask for fewer."
            )
        if not length and not looked and now - started > _SUSPICIOUS:
            looked = True
            for name in doubtful:
                if (yield from index.found(name)) is None:
                    raise ImageNotFound(f'The server has no image "{name}", and packs none without it.')
        yield Sleep(_LOOK)


def _check(names: Sequence[str], archive: Path) -> None:
    from zipfile import ZipFile

    try:
        with ZipFile(archive) as opened:
            entries = opened.infolist()
    except Exception:
        # Of an archive that is not whole, anything may be read as anything.
        raise _NotWhole("The archive is not whole.") from None
    if strange := next((entry.filename for entry in entries if not _is_plain(entry)), None):
        raise UnexpectedReply(f"The server's archive is not saved: it holds {one_line(strange, 80)!r}.")
    if sum(entry.file_size for entry in entries) > _MOST_TIMES * archive.stat().st_size:
        raise UnexpectedReply("The server's archive is not saved: it is made to fill the disk when it is unpacked.")
    held = {entry.filename.rpartition("/")[2] for entry in entries}
    if missing := [name for name in names if name not in held]:
        raise UnexpectedReply(
            f"The server's archive lacks {len(missing)} of {len(names)} pictures, such as {missing[0]}: they were "
            "deleted meanwhile, or their files are gone from the server's disk. Ask for the others."
        )
