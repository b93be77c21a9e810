"""A workflow as InvokeAI's editor holds it after loading a file of any version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal

from flowbind_generator.invokeai.node_types import BATCH_NODES, GENERATOR_NODES


class Missing(Enum):
    """The type of `MISSING`: no value, which is not the same as null."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True)
class Input:
    """One input of a node: `value` as the editor reads it, `saved` as the file has it.

    `lost` where the file has a value that the editor does not keep, `misread` where it takes that for a generator: the
    input counts as set there, so it gets no default.
    """

    name: str
    label: str = ""
    description: str = ""
    value: Any = MISSING
    saved: Any = MISSING
    lost: bool = False
    misread: bool = False


@dataclass(frozen=True)
class Node:
    """One box on the canvas."""

    id: str
    kind: Literal["invocation", "connector", "notes"]
    position: int
    type: str = ""
    version: str = ""
    node_pack: str = "invokeai"
    label: str = ""
    use_cache: bool = True
    is_intermediate: bool = True
    inputs: Mapping[str, Input] = field(default_factory=dict[str, Input])

    @property
    def runs(self) -> bool:
        """Whether the server runs the node: it never sees notes, connectors, batches and generators."""
        return self.kind == "invocation" and self.type not in BATCH_NODES | GENERATOR_NODES

    def value(self, name: str) -> Any:
        """Return the value of an input as the editor holds it; MISSING where the node lists no such input."""
        entry = self.inputs.get(name)
        return MISSING if entry is None else entry.value

    @property
    def path(self) -> tuple[str | int, ...]:
        """The keys that lead to the node in the export."""
        return ("nodes", self.position)

    def input_path(self, name: str) -> tuple[str | int, ...]:
        """The keys that lead to the value of an input in the export."""
        return ("nodes", self.position, "data", "inputs", name, "value")


@dataclass(frozen=True)
class Edge:
    """One wire between an output and an input."""

    source: str
    source_field: str
    target: str
    target_field: str
    position: int

    def __str__(self) -> str:
        return f"{self.source}.{self.source_field} -> {self.target}.{self.target_field}"


@dataclass(frozen=True)
class FieldId:
    """Where an input lives: node id and field name."""

    node_id: str
    field_name: str


@dataclass(frozen=True)
class Workflow:
    """A loaded workflow; `saved` is the export itself."""

    file: str
    name: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    exposed_fields: tuple[FieldId, ...]
    form: Mapping[str, Any] | None
    saved: Mapping[str, Any] = field(repr=False)

    def node(self, node_id: str) -> Node | None:
        """Return the node of that id, or None."""
        return self._by_id.get(node_id)

    @cached_property
    def _by_id(self) -> Mapping[str, Node]:
        return {n.id: n for n in self.nodes}
