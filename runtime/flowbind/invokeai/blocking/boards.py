# Made from ../awaited/boards.py. Do not edit: run `make twins`.
"""The boards of a server, sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.blocking.quick import Quick
from flowbind.invokeai.fields import Image

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board


class Boards(Handle):
    """The boards of a server."""

    def copy(self, image: Image | str, board: Board | str | None) -> Image:
        """Copy a picture to a board, None for no board; nothing is downloaded. The same as `quick.copy_image`.

        Raises what that raises. Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        return Quick(self._server, self._lookup, self._supports).copy_image(image, board)
