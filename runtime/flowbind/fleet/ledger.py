"""What the servers of a fleet are at, kept by Dask's scheduler: it lives on when a worker dies."""

from __future__ import annotations

from typing import Any

from distributed import Worker
from distributed.utils import sync

from flowbind.fleet.ticket import Ticket
from flowbind.fleet.told import Post

_SECONDS = 30
"""For how long the scheduler may take to answer."""


class Ledger:
    """Notes of one server the run that goes on and the one before, whose result may not have been fetched yet."""

    def __init__(self, worker: Worker, post: Post) -> None:
        self._worker = worker
        self._post = post
        self._noted: list[list[Any]] = []

    def note(self, key: str, ticket: Ticket) -> None:
        """Note what the server calls a piece of work."""
        self._noted = [[key, ticket.item_id, ticket.batch_id], *self._noted][:2]
        self._ask("set_metadata", keys=[*self._place, self._post.url], value=self._noted)

    def find(self, key: str) -> tuple[str, Ticket] | None:
        """Return the server that has had a piece of work, and what it calls it."""
        noted = self._ask("get_metadata", keys=self._place, default={})
        for url, rows in noted.items():
            for known, item_id, batch_id in rows:
                if known == key:
                    return url, Ticket(item_id, batch_id)
        return None

    @property
    def _place(self) -> list[str]:
        return ["flowbind", self._post.fleet]

    def _ask(self, question: str, **about: Any) -> Any:
        ask = getattr(self._worker.scheduler, question)
        return sync(self._worker.loop, ask, callback_timeout=_SECONDS, **about)
