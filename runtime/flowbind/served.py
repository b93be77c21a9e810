"""What drift needs to know of a server: each engine reads it from its server's own document."""

from __future__ import annotations

from typing import Any, Protocol


class Served(Protocol):
    """The node types of a server, as its engine reads them."""

    app_version: str | None
    name: str

    @property
    def packs(self) -> frozenset[str]:
        """The node packs that the server has."""
        ...

    @property
    def missing_paths(self) -> list[str]:
        """The paths of the API that runs need and the server lacks."""
        ...

    def __contains__(self, node_type: str) -> bool: ...

    def about(self, node_type: str) -> dict[str, str]:
        """Return the version, node pack and classification of a node type."""
        ...

    def input(self, node_type: str, name: str, *, takes_values: bool) -> dict[str, Any] | None:
        """Return what is said of an input."""
        ...

    def required(self, node_type: str) -> list[str]:
        """Return the inputs without which a node fails."""
        ...

    def output(self, node_type: str, name: str) -> str | None:
        """Return the type of an output."""
        ...

    def fits(self, output: str, into: str) -> bool:
        """Tell whether an edge between two types is taken."""
        ...
