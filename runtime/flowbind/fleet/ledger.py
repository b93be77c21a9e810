"""What runs are called on their servers, kept by Dask's scheduler: it lives on when a worker dies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from distributed import Scheduler, Worker
from distributed.utils import sync

from flowbind.fleet.ticket import Ticket
from flowbind.fleet.told import Post

_SECONDS = 30
"""For how long the scheduler may take to answer."""
_PLACE = "flowbind"


class Ledger:
    """A worker's view of it."""

    def __init__(self, worker: Worker, post: Post) -> None:
        self._worker = worker
        self._post = post

    def note(self, key: str, ticket: Ticket) -> None:
        """Note what this worker's server calls a piece of work."""
        noted = [self._post.url, ticket.item_id, ticket.batch_id]
        self._ask("set_metadata", keys=[_PLACE, self._post.fleet, key], value=noted)

    def find(self, key: str) -> tuple[str, Ticket] | None:
        """Return the server that has had a piece of work, and what it calls it."""
        noted = self._ask("get_metadata", keys=[_PLACE, self._post.fleet, key], default=None)
        if noted is None:
            return None
        url, item_id, batch_id = noted
        return url, Ticket(item_id, batch_id)

    def _ask(self, question: str, **about: Any) -> Any:
        ask = getattr(self._worker.scheduler, question)
        return sync(self._worker.loop, ask, callback_timeout=_SECONDS, **about)


def forget(fleet: str, keys: Iterable[str], dask_scheduler: Scheduler) -> None:
    """Forget some work of a fleet, whose outcome is known: on Dask's scheduler."""
    noted = dask_scheduler.task_metadata.get(_PLACE, {}).get(fleet, {})
    for key in keys:
        noted.pop(key, None)


def forget_all(fleet: str, dask_scheduler: Scheduler) -> None:
    """Forget all work of a fleet: on Dask's scheduler."""
    dask_scheduler.task_metadata.get(_PLACE, {}).pop(fleet, None)
