"""Asking for a prompt again and again, within the patience that a server is worth."""

from __future__ import annotations

from flowbind.comfyui.runs.item import Item
from flowbind.comfyui.runs.reading import Reader
from flowbind.errors import (
    ConnectionBroken,
    RunCanceled,
    RunGone,
    RunUnreadable,
    ServerError,
    ServerFault,
    ServerUnreachable,
)
from flowbind.transport.patience import Bearing
from flowbind.transport.steps import Operation

_UNREADABLE = 30.0
"""Seconds for which the server may fail to tell of a prompt before waiting ends."""


class Question:
    """Asks for one prompt; `canceled` holds it once this client has canceled it, since the server then forgets it."""

    def __init__(self, item_id: str, name: str, number: int, reader: Reader, canceled: set[str]) -> None:
        self.item_id = item_id
        self.name = name
        self.number = number
        self._reader = reader
        self._canceled = canceled
        self._bearing = Bearing(_UNREADABLE)

    def ask(self) -> Operation[Item | None]:
        """Return the prompt; None where there is no telling now. Raises a `RunError`, or what keeps the server away."""
        try:
            item = yield from self._reader.item(self.item_id)
        except (ServerFault, ServerUnreachable, ConnectionBroken) as problem:
            if self._bearing.is_over(problem):
                raise self._unreadable(problem) if isinstance(problem, ServerFault) else problem from None
            return None
        self._bearing.answered()
        if item is None:
            raise self._gone()
        return item

    def _gone(self) -> RunGone | RunCanceled:
        """Return the error for a prompt that the server does not have."""
        if self.item_id in self._canceled:
            return RunCanceled(
                f"{self.name}: item {self.item_id} was canceled. Submit it again to have it run.",
                workflow=self.name,
                item_id=self.item_id,
            )
        return RunGone(
            f"{self.name}: the server no longer has item {self.item_id}: it was deleted or cleared, from the queue or "
            "the history, or the server was started anew. Submit it again to have it run.",
            workflow=self.name,
            item_id=self.item_id,
        )

    def _unreadable(self, problem: ServerError) -> RunUnreadable:
        return RunUnreadable(
            f"{self.name}: for {self._bearing.patience:g} s the server has failed to tell of item {self.item_id} "
            f"({problem}) Wait again when it is well.",
            workflow=self.name,
            item_id=self.item_id,
        )
