"""What is on boards: names of it, putting it on a board and taking it off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flowbind.invokeai.gallery.boards import BOARDS, HERE, NO_BOARD, BoardIndex
from flowbind.invokeai.gallery.portions import in_portions, names_in
from flowbind.invokeai.gallery.stored import VIDEOS
from flowbind.invokeai.runs.recovery import Supports
from flowbind.place import Place
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, quoted, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board

_IMAGES = "/api/v1/board_images/batch"
_VIDEOS = f"{VIDEOS.path}/board"


def place_id(board: Board | str, index: BoardIndex, place: Place = HERE) -> Operation[str]:
    """Return the id of a board, or what the server calls the place of what is on none."""
    return NO_BOARD if board == NO_BOARD else (yield from index.id_of(board, place))


def image_names(board: Board | str, index: BoardIndex, place: Place = HERE) -> Operation[Sequence[str]]:
    """Return the names of all pictures on a board."""
    board_id = yield from place_id(board, index, place)
    return names_in({"names": (yield from get(f"{BOARDS}/{quoted(board_id)}/image_names"))}, "names")


def images_moved(names: Iterable[str], board: Board | str, index: BoardIndex) -> Operation[Sequence[str]]:
    """Put pictures on a board."""
    board_id = yield from index.id_of(board)

    def move(portion: list[str]) -> Operation[list[str]]:
        reply = yield from send("POST", _IMAGES, {"board_id": board_id, "image_names": portion})
        return names_in(reply, "added_images", "added_image_names")

    return (yield from in_portions(names, move, "put on the board"))


def images_removed(names: Iterable[str]) -> Operation[Sequence[str]]:
    """Take pictures off the boards that they are on."""

    def remove(portion: list[str]) -> Operation[list[str]]:
        reply = yield from send("POST", f"{_IMAGES}/delete", {"image_names": portion})
        return names_in(reply, "removed_images", "removed_image_names")

    return (yield from in_portions(names, remove, "taken off its board"))


def videos_moved(
    names: Iterable[str], board: Board | str, index: BoardIndex, supports: Supports
) -> Operation[Sequence[str]]:
    """Put videos on a board: the server takes one at a time."""
    board_id = yield from index.id_of(board)

    def move(portion: list[str]) -> Operation[list[str]]:
        reply = yield from send("POST", _VIDEOS, {"board_id": board_id, "video_name": portion[0]})
        return names_in(reply, "added_videos")

    moving = in_portions(names, move, "put on the board", portion=1)
    return (yield from VIDEOS.asked(moving, supports))


def videos_removed(names: Iterable[str], supports: Supports) -> Operation[Sequence[str]]:
    """Take videos off the boards that they are on: the server takes one at a time."""

    def remove(portion: list[str]) -> Operation[list[str]]:
        return names_in((yield from send("DELETE", _VIDEOS, {"video_name": portion[0]})), "removed_videos")

    removing = in_portions(names, remove, "taken off its board", portion=1)
    return (yield from VIDEOS.asked(removing, supports))
