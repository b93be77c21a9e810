"""The boards of a server, async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.awaited.quick import AsyncQuick
from flowbind.invokeai.fields import Image

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board


class AsyncBoards(AsyncHandle):
    """The boards of a server."""

    async def copy(self, image: Image | str, board: Board | str | None) -> Image:
        """Copy a picture to a board, None for no board; nothing is downloaded. The same as `quick.copy_image`.

        Raises what that raises. Source: `POST /api/v1/queue/default/enqueue_batch`.
        """
        return await AsyncQuick(self._server, self._lookup, self._supports).copy_image(image, board)
