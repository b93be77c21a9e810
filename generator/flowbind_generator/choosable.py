"""All of an export that may become public: its literals by their nodes, and the nodes that show something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flowbind.saved_nodes import Literal, SavedNode


@dataclass(frozen=True)
class Ending:
    """A node that may become an output; `address` is how a declaration names it, `kind` what it shows."""

    address: str
    kind: str
    title: str
    node_id: str


@dataclass(frozen=True)
class Choosable:
    """What an export has to choose from, in its order.

    `endings` are empty where a project cannot choose the outputs.
    """

    nodes: Sequence[SavedNode]
    endings: Sequence[Ending] = ()

    @cached_property
    def literals(self) -> Sequence[Literal]:
        """The literals of all nodes."""
        return tuple(literal for node in self.nodes for literal in node.literals.values())
