"""What a finished run of InvokeAI gives back."""

from __future__ import annotations

from dataclasses import dataclass

from flowbind import result
from flowbind.workflow import OutputsT


@dataclass(frozen=True)
class Result(result.Result[OutputsT]):
    """A finished run: its typed outputs, and the queue item it was."""

    item_id: int
    """The number of the queue item."""
    batch_id: str
    """The batch that the item was submitted in."""
