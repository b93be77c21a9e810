"""What a finished run gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from flowbind.workflow import Outputs, OutputsT

DEEPEST_LISTS = 16
"""How deep lists within lists of a node's output are looked into for what Python has a type for: none goes as deep."""


class NodeOutputs(Outputs):
    """What one node gave; its attributes are the outputs of its type."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


@dataclass(frozen=True)
class Result(Generic[OutputsT]):
    """A finished run: its typed outputs, and the queue item it was."""

    outputs: OutputsT
    """What the workflow's outputs hold."""
    item_id: int | str
    """What the server calls the run in its queue."""
    varied: dict[str, Any]
    """What the run got, by attribute: the item of each batch, and the number drawn for each `RANDOM`."""
    nodes: dict[str, list[dict[str, Any]]] = field(repr=False)
    """What the server says that each node gave, by the node's id: once for each time that it ran, in order."""
    find: Callable[[str], NodeOutputs] = field(repr=False, compare=False)
    server: str | None = field(default=None, repr=False, compare=False, kw_only=True)
    """The address of the server that has run it, where a fleet chose one."""

    def node(self, key: str) -> NodeOutputs:
        """Return what a node gave, with an attribute for each of its outputs.

        `key` is the node's label, its id, or its type. Pictures can be saved, and given to another run. Where a node
        ran several times, each attribute is a list in that order. Raises `flowbind.errors.NoOutput`
        where there is no such node, more than one, or where it did not run.
        """
        return self.find(key)
