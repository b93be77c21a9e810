"""Finding boards on a server, by id or name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowbind.errors import BoardNotFound
from flowbind.invokeai._wire import Operation, get, read
from flowbind.invokeai.cached import Cached
from flowbind.invokeai.place import Place

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board


class BoardIndex:
    """The boards of one server."""

    def __init__(self) -> None:
        self._boards = Cached(list_boards)

    def resolve(self, wanted: str, place: Place) -> Operation[str]:
        """Return the id of a board given by id or name; `place` names the input in the error."""
        matches = yield from self._boards.find(lambda boards: _matches(boards, wanted))
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise BoardNotFound(
                f'{place}: {len(matches)} boards are called "{wanted}"; pass an id: {", ".join(matches)}.'
            )
        from difflib import get_close_matches

        names = [b.board_name for b in self._boards.items]
        near = get_close_matches(wanted, names, n=3) or names[:3]
        hint = f"Nearest: {', '.join(near)}." if near else "The server has no boards."
        raise BoardNotFound(
            f'{place}: the server has no board "{wanted}". {hint} {place.cure("Create it, or pass another.")}'
        )


def list_boards() -> Operation[Sequence[Board]]:
    """Return all boards of the server."""
    from flowbind.invokeai._rest import Board

    reply = yield from get("/api/v1/boards/", {"all": "true"})
    return [read(Board, board) for board in reply or ()]


def _matches(boards: Sequence[Board], wanted: str) -> list[str]:
    return [b.board_id for b in boards if b.board_id == wanted] or [
        b.board_id for b in boards if b.board_name == wanted
    ]
