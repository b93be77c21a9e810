"""A node type of one server release: its inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowbind.invokeai.fields import ModelFilter
from flowbind.invokeai.schema.field_types import FieldType, Schema, is_nullable, not_null
from flowbind.invokeai.schema.model_filters import model_filter
from flowbind.invokeai.schema.plain import BESIDE_UNIONS
from flowbind.invokeai.schema.served import is_required
from flowbind_generator.invokeai.limits import choices, limits
from flowbind_generator.invokeai.object_types import ObjectTypes
from flowbind_generator.limits import Limits

BATCH_INPUTS = {
    "float_batch": "floats",
    "integer_batch": "integers",
    "string_batch": "strings",
    "image_batch": "images",
}
BATCH_OUTPUTS = {
    "float_generator": "floats",
    "integer_generator": "integers",
    "string_generator": "strings",
    "image_generator": "images",
}
# How a node that calls a saved workflow names the inputs of that workflow.
CALLEE_INPUT = "saved_workflow_input::"
BATCH_NODES = frozenset(BATCH_INPUTS)
GENERATOR_NODES = frozenset(BATCH_OUTPUTS)


@dataclass(frozen=True)
class InputField:
    """One input of a node type."""

    name: str
    title: str
    description: str
    type: FieldType
    schema: Schema = field(repr=False)
    objects: ObjectTypes = field(repr=False, compare=False)

    @property
    def connects(self) -> str:
        """`any`, `direct` (no edge may feed it) or `connection` (only an edge can)."""
        return str(self.schema.get("input") or "any")

    @property
    def required(self) -> bool:
        """Whether a run needs a value or an edge: the document's `required` does not say it."""
        return is_required(self.schema)

    @property
    def nullable(self) -> bool:
        """Whether leaving the value out is a choice: the document admits null for internal reasons, too."""
        return is_nullable(self.schema) and not self.schema.get("orig_required")

    @property
    def default(self) -> Any:
        """The value that the server takes when the key is left out."""
        return self.schema.get("default")

    @cached_property
    def limits(self) -> Limits:
        """The bounds that the server enforces; of a choice between types, each has its own."""
        return limits(self.objects.normal(self.schema)) if self.type.in_editor else Limits()

    @cached_property
    def choices(self) -> tuple[Any, ...] | None:
        """The values of an enumeration."""
        return choices(self.objects.normal(self.schema))

    @cached_property
    def models(self) -> ModelFilter | None:
        """The models that the input accepts, None where the document does not say."""
        return model_filter(self.schema)

    @property
    def breaks_on_lists(self) -> bool:
        """Whether the server fails to compare a list with the bound that stands beside a choice of one or many."""
        return any(not BESIDE_UNIONS.keys().isdisjoint(place) for place in (self.schema, *not_null(self.schema)))


@dataclass(frozen=True)
class OutputField:
    """One output of a node type; `is_handle` where it stands for what only the server has, such as latents."""

    name: str
    type: FieldType
    description: str = ""
    is_handle: bool = False


@dataclass(frozen=True)
class NodeType:
    """One node type: its inputs and outputs; `unseen` are inputs of a shape that the editor does not know."""

    type: str
    title: str
    version: str
    node_pack: str
    category: str
    inputs: Mapping[str, InputField]
    outputs: Mapping[str, OutputField]
    unseen: Mapping[str, InputField]

    @property
    def all_inputs(self) -> Mapping[str, InputField]:
        """The inputs that the server takes: those of the editor, and those of which the editor knows nothing."""
        return {**self.inputs, **self.unseen}

    def accepts(self, name: str) -> bool:
        """Tell whether a node may have an input: a few take some that the document does not declare."""
        if self.type == "call_saved_workflow" and name.startswith(CALLEE_INPUT):
            return True
        return name in self.inputs or name in self.unseen or self.type == "core_metadata"
