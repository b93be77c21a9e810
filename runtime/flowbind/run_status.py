"""The words for where a run is: pending, in_progress, completed, failed, canceled."""

from __future__ import annotations

from collections.abc import Mapping

FINAL = frozenset({"completed", "failed", "canceled"})


def status_of_all(total: int, ended: Mapping[str, int], *, started: bool) -> str:
    """Return the status of several runs together, in the words of a single one.

    `ended` counts those that have ended by their status; `started` tells whether another has left the queue.
    """
    if sum(ended.values()) < total:
        return "in_progress" if started or any(ended.values()) else "pending"
    return next((status for status in ("failed", "canceled") if ended.get(status)), "completed")
