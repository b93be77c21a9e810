"""Where a download goes: to a file, or into a folder under the server's name, which cannot leave it on any system."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from functools import partial
from pathlib import Path

from flowbind.errors import UnexpectedReply
from flowbind.outside import one_line
from flowbind.transport.steps import Operation, Work

PICTURES = frozenset({"png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"})
"""How the names of pictures end."""
VIDEOS = frozenset({"mp4", "m4v", "mov", "webm", "mkv"})
"""How the names of videos end."""
TEXTS = frozenset({"txt", "json", "csv", "srt"})
"""How the names of texts end: some are those of files that programs read as their own, so none is replaced."""
_LONGEST_NAME = 200
"""Bytes: file systems take 255, and a file that is being written has a longer name."""
# Windows takes the first for devices, whatever comes after a dot, and drops the dots and spaces of the second.
_NO_FILE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(\..*)?|.*[. ]|\s.*")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029<>:"/\\|?*\ud800-\udfff]')


def target_of(path: str | Path, name: str, endings: Collection[str]) -> Operation[Path]:
    """Return the file to save to: `path`, or where that is a folder, the server's name in it.

    Raises `UnexpectedReply` for a name that is none, or that ends otherwise than `endings`.
    """
    target = Path(path)
    if str(path).endswith(("/", os.sep)) or (yield Work(target.is_dir)):
        target /= _file_name(name, endings)
        yield Work(partial(_check_free, target))
    return target


def is_file_name(name: str) -> bool:
    """Tell whether a name is one of a file on any system."""
    is_one = bool(name) and not (_NOT_IN_NAMES.search(name) or _NO_FILE.fullmatch(name))
    return is_one and len(name.encode()) <= _LONGEST_NAME


def as_file_name(name: str) -> str:
    """Return the name that comes nearest to it and is one of a file on any system; "" where nothing is left of it."""
    stem, ending = os.path.splitext(_NOT_IN_NAMES.sub("_", name).lstrip())
    room = max(_LONGEST_NAME - len(ending.encode()), 0)
    short = (_cut(stem, room) + _cut(ending, _LONGEST_NAME)).rstrip(". ")
    return _cut(f"_{short}", _LONGEST_NAME) if _NO_FILE.fullmatch(short) else short


def _cut(text: str, room: int) -> str:
    return text.encode()[:room].decode("utf-8", "ignore")


def _file_name(name: str, endings: Collection[str]) -> str:
    # Whatever is in a folder that begins with a dot, or ends otherwise, may be what a program reads as its own.
    ending = name.rpartition(".")[2].lower()
    if not is_file_name(name) or name.startswith(".") or "." not in name or ending not in endings:
        raise UnexpectedReply(f"The server's name {one_line(name, 300)!r} is no file name; give a file to save to.")
    return name


def _check_free(target: Path) -> None:
    """Raise `UnexpectedReply` where the file of another name would be replaced, or a text."""
    if not target.exists():
        return
    if target.suffix[1:].lower() in TEXTS:
        raise UnexpectedReply(
            f"The server's name {target.name!r} is that of a text that is here already; give a file to save to."
        )
    # Some systems take names for one that differ in case, or in how letters are composed.
    if target.name not in os.listdir(target.parent):
        raise UnexpectedReply(
            f"The server's name {target.name!r} is that of another file here, but for how it is written; "
            "give a file to save to."
        )
