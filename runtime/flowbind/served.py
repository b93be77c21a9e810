"""What drift needs to know of a server: each engine reads it from its server's own document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Given = Mapping[str, Sequence[Any]]
"""The values that a workflow has for inputs of a node type, by the input: a choice in one may bring others along."""


@dataclass(frozen=True)
class Layout:
    """What has a place in the nodes of a type.

    `order` are the inputs whose values a saved workflow has in a list, `outputs` the names of what edges know by its
    number. `shows` tells whether a run keeps results of such nodes.
    """

    order: Sequence[str]
    outputs: Sequence[str]
    shows: bool


class Served(Protocol):
    """The node types of a server, as its engine reads them.

    `ignores_edges` tells whether it takes edges to inputs that it does not know, and does nothing with them.
    """

    app_version: str | None
    name: str
    ignores_edges: bool

    @property
    def missing_paths(self) -> list[str]:
        """The paths of the API that runs need and the server lacks."""
        ...

    def __contains__(self, node_type: str) -> bool: ...

    def lacks_pack(self, pack: str) -> bool:
        """Tell whether the server is known to have no node of a pack."""
        ...

    def about(self, node_type: str) -> dict[str, str]:
        """Return the version, node pack and classification of a node type."""
        ...

    def input(
        self, node_type: str, name: str, *, takes_values: bool, under: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return what is said of an input; `under` are the choices in other inputs that bring it, by the input."""
        ...

    def required(self, node_type: str, given: Given) -> list[str]:
        """Return the inputs without which a node fails."""
        ...

    def output(self, node_type: str, name: str) -> str | None:
        """Return the type of an output."""
        ...

    def fits(self, output: str, into: str) -> bool:
        """Tell whether an edge between two types is taken."""
        ...

    def layout(self, node_type: str, given: Given) -> Layout | None:
        """Return what goes by its place in a node; None where all goes by its name."""
        ...
