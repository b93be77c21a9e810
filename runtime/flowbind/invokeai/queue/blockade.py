"""Looking out for a blocked queue while a run does not get its turn, and saying how to free it."""

from __future__ import annotations

import json
import time

from flowbind.errors import QueueBlocked, RunCanceled, ServerError
from flowbind.invokeai.queue.blockers import Blocker, blocker_ahead, unreadable_run
from flowbind.transport.steps import Operation

_FIRST = 10.0
"""Seconds for which a run stays as it is before the server is asked about its queue; later twice as many, and so on."""
_AGAIN = 3.0
"""Seconds after which what was found is looked at again: twice in a row, or it was a passing fault."""
_LONGEST = 60.0
"""The most seconds between two looks."""


class Lookout:
    """Looks now and then whether an item that the server cannot read blocks the queue of the runs of one wait."""

    def __init__(self, workflow: str) -> None:
        self._workflow = workflow
        self._stuck: dict[int | None, tuple[str | None, float]] = {}
        self._due = 0.0
        self._pause = _FIRST
        self._found: Blocker | None = None
        self._is_sure = False
        self._has_raised = False

    def look(self, item_id: int | None, status: str | None) -> Operation[None]:
        """Raise `QueueBlocked` where a run waits behind an item that cannot be read, or is such an item.

        To be asked each time that a run was asked for: `status` is what was seen, None where the server failed to read
        it. An `item_id` of None stands for whatever is pending. Asks the server nothing until the run has stayed as it
        is for a while. Raises `RunCanceled` for a run that was canceled and cannot be read all the same.
        """
        if status not in (None, "pending", "waiting"):
            self._stuck.pop(item_id, None)
            return
        now = time.monotonic()
        seen, since = self._stuck.get(item_id, ("", now))
        if seen != status:
            since = now
            self._stuck[item_id] = (status, since)
        if now - since < _FIRST and not self._has_raised:
            return
        try:
            found = yield from (self._ahead(item_id) if status or item_id is None else self._run_itself(item_id))
        except ServerError:
            return  # it cannot be told now; whoever waits deals with a server in trouble
        if found:
            # What blocks one run often blocks all: the time is spent once.
            self._has_raised = True
            raise self._blocked(item_id, found)

    def _run_itself(self, item_id: int) -> Operation[Blocker | None]:
        try:
            status, blocker = yield from unreadable_run(item_id)
        except ServerError:
            return (yield from self._ahead(item_id))
        if status == "canceled":
            raise RunCanceled(
                f"{self._workflow}: item {item_id} was canceled; the server could never read it. Submit it again with "
                "values that fit.",
                workflow=self._workflow,
                item_id=item_id,
            )
        return blocker if status == "pending" else None

    def _ahead(self, item_id: int | None) -> Operation[Blocker | None]:
        """Return what blocks the queue, once found twice in a row; a finding holds for all runs for a while."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + self._pause
            self._pause = min(_LONGEST, 2 * self._pause)
            found = yield from blocker_ahead(item_id)
            self._is_sure = found is not None and found == self._found
            self._found = found
            if found:
                self._due = time.monotonic() + _AGAIN
        return self._found if self._is_sure else None

    def _blocked(self, item_id: int | None, found: Blocker) -> QueueBlocked:
        return QueueBlocked(
            f"{self._workflow}: {_reason(item_id, found)} {_cure(item_id, found)}",
            workflow=self._workflow,
            item_id=item_id or found.item_id or 0,
            blocking_item_id=found.item_id,
            blocking_batch_id=found.batch_id,
        )


def _reason(item_id: int | None, found: Blocker) -> str:
    why = "the server cannot read it (a value of its batch does not fit its input), and tries to for ever."
    if item_id is not None and found.item_id == item_id:
        return f"item {item_id} blocks the server's queue: {why}"
    stuck = "nothing goes on" if item_id is None else f"item {item_id} does not get its turn"
    which = "an item" if found.item_id is None else f"item {found.item_id}"
    return f"{stuck}. The queue is blocked by {which}: {why}"


def _cure(item_id: int | None, found: Blocker) -> str:
    if found.batch_id is not None:
        then = (
            "Then the others go on; wait again."
            if item_id is None
            else "That cancels the run: submit it again with values that fit."
            if found.item_id == item_id
            else f"Then item {item_id} goes on; wait for it again."
        )
        return f"Free the queue: server.queue.cancel_batch({json.dumps(found.batch_id)}). {then}"
    clear = "server.queue.clear(), which cancels all that is queued"
    if found.item_id is None:
        return f"The server does not tell which. Empty the queue: {clear}; where others use it, ask an administrator."
    return f"It is another account's: ask an administrator to cancel its batch, or to empty the queue: {clear}."
