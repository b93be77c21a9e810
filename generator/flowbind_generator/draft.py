"""What an engine reads from one export, before names are given: the input of resolve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowbind_generator.ir import Input, Output, Slot
from flowbind_generator.names import Candidate


@dataclass(frozen=True)
class DraftInput:
    """An input without its attribute name, and what it could be called.

    `classes` are the schemas of the objects that it takes, by the names of their classes.
    """

    candidate: Candidate
    input: Input
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


@dataclass(frozen=True)
class DraftOutput:
    """An output without its attribute name, and what it could be called."""

    candidate: Candidate
    output: Output


@dataclass(frozen=True)
class DraftBatch:
    """A batch by the keys of the inputs that give its items and choose its group (None: the group is `group`)."""

    items_key: str
    group_key: str | None
    node_id: str
    group: str | None
    targets: tuple[tuple[str, str], ...]
    generator: Mapping[str, Any] | None


@dataclass(frozen=True)
class Draft:
    """One export as its engine understands it.

    `runtime` is the module that generated code imports from, `base_class` the class in it that it derives from.
    `workflow_id` is what a server's library calls the workflow, where the export came from one. `values` and `edges`
    are what `graph` holds, by node id and field name, and what connects its nodes, as JSON.
    """

    engine: str
    runtime: str
    base_class: str
    title: str
    description: str
    inputs: tuple[DraftInput, ...]
    outputs: tuple[DraftOutput, ...]
    references: tuple[Slot, ...]
    batches: tuple[DraftBatch, ...]
    node_types: Mapping[str, Mapping[str, Any]]
    named: Sequence[Mapping[str, Any]]
    source_digest: str
    workflow_id: str | None
    values: Mapping[str, Mapping[str, Any]] = field(repr=False)
    edges: Sequence[Any] = field(repr=False)
    graph: Mapping[str, Any] = field(repr=False)
    workflow: Mapping[str, Any] | None = field(repr=False)

    @cached_property
    def field_types(self) -> dict[str, Mapping[str, Any]]:
        """The schemas of all objects that inputs take, by the names of their classes."""
        return {name: schema for d in self.inputs for name, schema in d.classes.items()}
