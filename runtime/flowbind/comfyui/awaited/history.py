"""A server's history, async."""

from __future__ import annotations

import builtins

from flowbind.comfyui.queue import control, reading
from flowbind.comfyui.queue.records import HistoryItem
from flowbind.transport.part import AsyncPerformer, Part


class AsyncHistory(Part[AsyncPerformer]):
    """What has ended since the server was started, whoever's, and was not deleted; the server keeps 10,000 items."""

    async def list(self, max_items: int = 100, *, offset: int | None = None) -> builtins.list[HistoryItem]:
        """Return the newest items, the newest first; with an `offset` those from there on, counted from the oldest.

        Raises `ValueError` for less than one item, and a `flowbind.errors.ServerError`. Source: `GET /history`.
        """
        return await self._server.perform(reading.ended(max_items, offset))

    async def get(self, item_id: str) -> HistoryItem:
        """Return an item.

        Raises a `flowbind.errors.ServerError`; `NotFound` for one that the history does not have, because it has not
        ended, too. Source: `GET /history/{prompt_id}`.
        """
        found = await self._server.perform(reading.ended_item(item_id))
        if found is None:
            raise reading.unknown(item_id, "history")
        return found

    async def delete(self, item_id: str) -> None:
        """Delete an item, if it is there; its files stay.

        Raises a `flowbind.errors.ServerError`. Source: `POST /history`.
        """
        await self._server.perform(control.forget(item_id))

    async def clear(self) -> None:
        """Delete all items, those of all clients; their files stay.

        Raises a `flowbind.errors.ServerError`. Source: `POST /history`.
        """
        await self._server.perform(control.forget_all())
