"""What a finished run gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic

from flowbind.workflow import OutputsT


@dataclass(frozen=True)
class Result(Generic[OutputsT]):
    """A finished run: its typed outputs, and the queue item it was.

    `varied` holds the item that a batch gave this run, by the attribute of its list. `nodes` maps each node id of the
    workflow to what the server says it gave, once per iteration, in order.
    """

    outputs: OutputsT
    item_id: int
    batch_id: str
    varied: dict[str, Any]
    nodes: dict[str, list[dict[str, Any]]] = field(repr=False)
