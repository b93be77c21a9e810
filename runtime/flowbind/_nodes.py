"""`flowbind.nodes`: the nodes of a loaded workflow with their literals, to read and to set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbind.loaded import LoadedWorkflow
from flowbind.outside import one_line
from flowbind.saved_nodes import SavedNode, called, node_called
from flowbind.workflow import shortened


class Node(Mapping[str, Any]):
    """A node of a workflow: its literals by the names of its inputs, as a mapping.

    Reading gives what was set, else the value of an input's attribute, else the workflow's own as JSON; `UNSET` where
    there is none. A value is set for this instance alone, and checked as an attribute is.
    """

    def __init__(self, workflow: LoadedWorkflow, saved: SavedNode) -> None:
        self._workflow = workflow
        self._saved = saved

    @property
    def id(self) -> str:
        """The node's id; of one inside of subgraphs, those of the subgraphs come first ("57:8")."""
        return self._saved.id

    @property
    def title(self) -> str:
        """What the editor shows: the author's title, else that of its type."""
        return self._saved.title

    @property
    def type(self) -> str:
        """The type of the node, as the server calls it."""
        return self._saved.type

    def __getitem__(self, name: str) -> Any:
        return self._workflow[self.id, name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._workflow[self.id, name] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._saved.literals)

    def __len__(self) -> int:
        return len(self._saved.literals)

    def __repr__(self) -> str:
        values = ", ".join(f"{one_line(name, 40)}={shortened(value)}" for name, value in self.items())
        return f"<{called(self._saved)}: {values}>"


class Nodes:
    """The nodes of a workflow: those that have literals in the order of the file, and any by its title or id."""

    def __init__(self, workflow: LoadedWorkflow) -> None:
        self._workflow = workflow

    def __getitem__(self, key: str | int) -> Node:
        kind = type(self._workflow)
        return Node(self._workflow, node_called(kind.__name__, kind.__loaded__.nodes, key))

    def __iter__(self) -> Iterator[Node]:
        saved = type(self._workflow).__loaded__.nodes
        return (Node(self._workflow, node) for node in saved if node.literals)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<{len(self)} nodes of {type(self._workflow).__name__}>"


def nodes(workflow: LoadedWorkflow) -> Nodes:
    """Return the nodes of a workflow that `flowbind.load` gave, with their literals.

    Indexed by title or id, they raise `flowbind.errors.NoInput`, a `KeyError`, for what is not there. Raises
    `TypeError` for an instance of a generated class, which has its inputs alone.
    """
    if not isinstance(workflow, LoadedWorkflow):
        raise TypeError(f"This is a {type(workflow).__name__}, and nodes are known of what `flowbind.load` gives.")
    return Nodes(workflow)
