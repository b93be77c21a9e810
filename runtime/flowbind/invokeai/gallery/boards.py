"""The boards of a server: finding them by id or name, making and changing them, and what is on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flowbind.errors import BoardNotFound
from flowbind.outside import one_line
from flowbind.place import Place
from flowbind.transport.cached import Cached
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, list_in, quoted, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board, DeletedBoard

T = TypeVar("T")
BOARDS = "/api/v1/boards"
NO_BOARD = "none"
"""What the server calls the place of what is on no board."""
HERE = Place("server.boards", True)


class BoardIndex:
    """The boards of one server."""

    def __init__(self) -> None:
        self._boards = Cached(list_boards)

    def resolve(self, wanted: str, place: Place) -> Operation[str]:
        """Return the id of a board given by id or name; `place` names the input in the error."""
        return (yield from self._find(wanted, place, _matches)).board_id

    def id_of(self, board: Board | str, place: Place = HERE) -> Operation[str]:
        """Return the id of a board given as the server told it, or by id or name; `place` names it in the error."""
        return (yield from self.resolve(board, place)) if isinstance(board, str) else board.board_id

    def by_name(self, name: str) -> Operation[Board]:
        """Return what the server tells now of the board of a name."""
        self.forget()
        return (yield from self._find(name, HERE, _called))

    def changed(self, board: Board | str, change: Callable[[str], Operation[T]]) -> Operation[T]:
        """Change a board, whose id `change` is given, and nothing that was named so a minute ago."""
        self.forget()
        board_id = yield from self.id_of(board)
        try:
            return (yield from change(board_id))
        finally:
            self.forget()

    def forget(self) -> None:
        """Have the server asked for its boards when they are needed next."""
        self._boards.forget()

    def _find(
        self, wanted: str, place: Place, matches: Callable[[Sequence[Board], str], Sequence[Board]]
    ) -> Operation[Board]:
        found = yield from self._boards.find(lambda boards: matches(boards, wanted))
        if len(found) == 1:
            return found[0]
        if found:
            ids = one_line(", ".join(board.board_id for board in found))
            raise BoardNotFound(f'{place}: {len(found)} boards are called "{wanted}"; pass an id: {ids}.')
        from difflib import get_close_matches

        names = [b.board_name for b in self._boards.items]
        near = get_close_matches(wanted, names, n=3) or names[:3]
        hint = f"Nearest: {', '.join(one_line(name, 120) for name in near)}." if near else "The server has no boards."
        raise BoardNotFound(
            f'{place}: the server has no board "{wanted}". {hint} {place.cure("Create it, or pass another.")}'
        )


def list_boards(*, include_archived: bool = True) -> Operation[Sequence[Board]]:
    """Return the boards that the account may see."""
    from flowbind.invokeai._rest import Board

    reply = yield from get(f"{BOARDS}/", {"all": "true", "include_archived": include_archived})
    return [read(Board, board) for board in list_in(reply)]


def found(board_id: str) -> Operation[Board]:
    """Return what the server tells of a board."""
    from flowbind.invokeai._rest import Board

    return read(Board, (yield from get(f"{BOARDS}/{quoted(board_id)}")))


def created(name: str, index: BoardIndex) -> Operation[Board]:
    """Make a board."""
    from flowbind.invokeai._rest import Board

    params = {"board_name": _checked(name)}
    try:
        return read(Board, (yield from send("POST", f"{BOARDS}/", params=params)))
    finally:
        index.forget()


def updated(board: Board | str, index: BoardIndex, given: Mapping[str, Any]) -> Operation[Board]:
    """Change what is given of a board, and return it as it is then."""
    from flowbind.invokeai._rest import Board

    if "board_name" in given:
        _checked(given["board_name"])
    # Releases refuse what they do not know, null too.
    changes = {key: value for key, value in given.items() if value is not None}
    reply = yield from index.changed(board, lambda board_id: send("PATCH", f"{BOARDS}/{quoted(board_id)}", changes))
    return read(Board, reply)


def deleted(
    board: Board | str, index: BoardIndex, include_images: bool, forget_images: Callable[[], None]
) -> Operation[DeletedBoard]:
    """Delete a board, with what is on it or without."""
    from flowbind.invokeai._rest import DeletedBoard

    def delete(board_id: str) -> Operation[Any]:
        return (yield from send("DELETE", f"{BOARDS}/{quoted(board_id)}", params={"include_images": include_images}))

    try:
        reply = yield from index.changed(board, delete)
    finally:
        if include_images:
            # A request that fails may have deleted some.
            forget_images()
    return read(DeletedBoard, reply)


def _checked(name: str) -> str:
    """Return a name for a board; the server's own limit is 300 characters."""
    if not name.strip():
        raise ValueError("A board needs a name that is not empty: the server would take it, and nobody could see it.")
    return name


def _matches(boards: Sequence[Board], wanted: str) -> Sequence[Board]:
    return [board for board in boards if board.board_id == wanted] or _called(boards, wanted)


def _called(boards: Sequence[Board], name: str) -> Sequence[Board]:
    # The page hides what is archived: the other of two boards is meant.
    called = [board for board in boards if board.board_name == name]
    return [board for board in called if not board.archived] or called
