# Made from ../awaited/boards.py. Do not edit: run `make twins`.
"""The boards of a server, sync."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Unpack

from flowbind.downloadable import Data
from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.blocking.images import Images
from flowbind.invokeai.blocking.quick import Quick
from flowbind.invokeai.blocking.videos import Videos
from flowbind.invokeai.gallery import boards, on_boards
from flowbind.invokeai.gallery.lists import Filters
from flowbind.invokeai.gallery.stored import StoredImage, StoredVideo, name_of
from flowbind.invokeai.media import Image, Video

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board, DeletedBoard


class Boards(Handle):
    """The boards of a server; wherever one is taken, it is as the server told it, its id, or (but for `get`) its name.

    A picture is on one board, or on none. What another account keeps to itself is not found.
    """

    def list(self, *, include_archived: bool = False) -> Sequence[Board]:
        """Return the boards that the account may see, the newest first.

        Raises a `flowbind.errors.ServerError`. Source: `GET /api/v1/boards/`.
        """
        return self._server.perform(boards.list_boards(include_archived=include_archived))

    def get(self, board: Board | str) -> Board:
        """Return what the server tells now of a board, by its id.

        Raises `flowbind.errors.NotFound`, `Forbidden` for what another account keeps to itself, and any `ServerError`.
        Source: `GET /api/v1/boards/{board_id}`.
        """
        return self._server.perform(boards.found(board if isinstance(board, str) else board.board_id))

    def by_name(self, name: str) -> Board:
        """Return what the server tells now of the board of a name; of two boards, the one that is not archived.

        Raises `flowbind.errors.BoardNotFound`, which tells the nearest names, or the ids where several boards have the
        name, and any `ServerError`. Source: `GET /api/v1/boards/`.
        """
        return self._server.perform(self._lookup.boards.by_name(name))

    def create(self, name: str) -> Board:
        """Make a board; the name may be that of another, and has at most 300 characters.

        Raises `ValueError` for an empty name, `flowbind.errors.Refused` for one that is too long, and any
        `ServerError`. Source: `POST /api/v1/boards/`.
        """
        return self._server.perform(boards.created(name, self._lookup.boards))

    def rename(self, board: Board | str, name: str) -> Board:
        """Give a board another name, and return it as it is then.

        Raises what `create` raises, `flowbind.errors.BoardNotFound`, and `Forbidden` for another account's board.
        Source: `PATCH /api/v1/boards/{board_id}`.
        """
        return self._server.perform(boards.updated(board, self._lookup.boards, {"board_name": name}))

    def update(
        self,
        board: Board | str,
        *,
        archived: bool | None = None,
        visibility: Literal["private", "shared", "public"] | None = None,
    ) -> Board:
        """Archive a board or take it out again, or change who may see it, and return it as it is then.

        Others see a board that is shared, and may put pictures on one that is public. Raises
        `flowbind.errors.BoardNotFound`, `Forbidden` for another account's board, `Refused` for `visibility` before
        6.13, and any `ServerError`. Source: `PATCH /api/v1/boards/{board_id}`.
        """
        changes = {"archived": archived, "board_visibility": visibility}
        return self._server.perform(boards.updated(board, self._lookup.boards, changes))

    def delete(self, board: Board | str, *, include_images: bool = False) -> DeletedBoard:
        """Delete a board, for good; what is on it stays on the server, on no board, or is deleted as well.

        The answer tells which pictures and videos were on it (`deleted_board_images`), were deleted (`deleted_images`)
        or could not be and stay (`failed_images`). With accounts, what others put on it stays. Raises
        `flowbind.errors.BoardNotFound`, `Forbidden` for another account's board, and any `ServerError`.

        Source: `DELETE /api/v1/boards/{board_id}`.
        """
        lookup = self._lookup
        return self._server.perform(boards.deleted(board, lookup.boards, include_images, lookup.forget_media))

    def images(self, board: Board | str, **filters: Unpack[Filters]) -> Iterator[StoredImage]:
        """Go through the pictures on a board, in the order of the page's gallery: `server.images.list` with a board.

        Filters and errors are those of `server.images.list`. Raises `flowbind.errors.BoardNotFound` and any
        `ServerError` on the way. Source: `GET /api/v1/images/names`, `POST /api/v1/images/images_by_names`.
        """
        return Images(self._server, self._lookup, self._supports).list(board=board, **filters)

    def videos(self, board: Board | str, **filters: Unpack[Filters]) -> Iterator[StoredVideo]:
        """Go through the videos on a board (InvokeAI 6.14 and later): `server.videos.list` with a board.

        Filters and errors are those of `server.videos.list`. Raises `flowbind.errors.BoardNotFound` and any
        `ServerError` on the way. Source: `GET /api/v1/videos/`.
        """
        return Videos(self._server, self._lookup, self._supports).list(board=board, **filters)

    def uncategorized(self, **filters: Unpack[Filters]) -> Iterator[StoredImage]:
        """Go through the pictures that are on no board; `server.images.delete_uncategorized` deletes them.

        Filters and errors are those of `server.images.list`. Raises any `flowbind.errors.ServerError` on the way.
        Source: that of `images`.
        """
        return self.images(boards.NO_BOARD, **filters)

    def image_names(self, board: Board | str) -> Sequence[str]:
        """Return the names of all pictures on a board, in no order, intermediates too; "none" for those on none.

        Raises `flowbind.errors.BoardNotFound` and any `ServerError`. Source: `GET
        /api/v1/boards/{board_id}/image_names`.
        """
        return self._server.perform(on_boards.image_names(board, self._lookup.boards))

    def upload(self, content: Path | Data | BinaryIO, *, board: Board | str) -> StoredImage:
        """Upload a picture to a board: `server.images.upload` with a board.

        Raises what that raises. Source: `POST /api/v1/images/upload`.
        """
        return Images(self._server, self._lookup, self._supports).upload(content, board=board)

    def move(self, *images: Image | str, board: Board | str) -> Sequence[str]:
        """Put pictures on a board, off the boards that they are on; return their names.

        Raises `flowbind.errors.BoardNotFound`, `Forbidden` for a board that the account may not change, `PartlyDone`
        where some pictures were not moved, and any `ServerError`. Source: `POST /api/v1/board_images/batch`, 1000 in a
        request.
        """
        names = map(name_of, images)
        return self._server.perform(on_boards.images_moved(names, board, self._lookup.boards))

    def remove(self, *images: Image | str) -> Sequence[str]:
        """Take pictures off the boards that they are on; they stay on the server. Return their names.

        Raises `flowbind.errors.PartlyDone` where some stay on their boards, and any `ServerError`. Source: `POST
        /api/v1/board_images/batch/delete`, 1000 in a request.
        """
        return self._server.perform(on_boards.images_removed(map(name_of, images)))

    def copy(self, image: Image | str, board: Board | str | None) -> Image:
        """Copy a picture to a board, None for no board; nothing is downloaded. The same as `quick.copy_image`.

        Raises what that raises. Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        return Quick(self._server, self._lookup, self._supports).copy_image(image, board)

    def move_videos(self, *videos: Video | str, board: Board | str) -> Sequence[str]:
        """Put videos on a board, off the boards that they are on (InvokeAI 6.14 and later); return their names.

        Raises what `move` raises, and `flowbind.errors.NotTheApi` where the server is older. Source: `POST
        /api/v1/videos/board`, once for each.
        """
        names = map(name_of, videos)
        return self._server.perform(on_boards.videos_moved(names, board, self._lookup.boards, self._supports))

    def remove_videos(self, *videos: Video | str) -> Sequence[str]:
        """Take videos off the boards that they are on (InvokeAI 6.14 and later); return their names.

        Raises what `remove` raises, and `flowbind.errors.NotTheApi` where the server is older. Source: `DELETE
        /api/v1/videos/board`, once for each.
        """
        return self._server.perform(on_boards.videos_removed(map(name_of, videos), self._supports))
