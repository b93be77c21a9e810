"""The node types of one server release, read from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flowbind.digest import json_sha256
from flowbind.invokeai.fields import ModelFilter
from flowbind_generator.invokeai.field_types import (
    Cardinality,
    FieldType,
    Schema,
    field_type,
    is_nullable,
    not_null,
    ref_name,
)
from flowbind_generator.invokeai.limits import choices, limits
from flowbind_generator.invokeai.model_filters import model_filter
from flowbind_generator.invokeai.object_types import BESIDE_UNIONS, ObjectTypes
from flowbind_generator.limits import Limits

# The editor hides these, whatever the document says: `graph` nests a whole graph, `linear_ui_output` is internal.
_HIDDEN_TYPES = frozenset({"graph", "linear_ui_output"})
_RESERVED_INPUTS = frozenset({"id", "type", "use_cache"})
_BATCH_INPUTS = {
    "float_batch": "floats",
    "integer_batch": "integers",
    "string_batch": "strings",
    "image_batch": "images",
}
_BATCH_OUTPUTS = {
    "float_generator": "floats",
    "integer_generator": "integers",
    "string_generator": "strings",
    "image_generator": "images",
}
# How a node that calls a saved workflow names the inputs of that workflow.
CALLEE_INPUT = "saved_workflow_input::"
BATCH_NODES = frozenset(_BATCH_INPUTS)
GENERATOR_NODES = frozenset(_BATCH_OUTPUTS)


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
        return bool(self.schema.get("orig_required")) and "orig_default" not in self.schema

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


class Catalog:
    """The node types of one server release.

    `own_types` maps the name of a schema to a class of the user's, `reserved` are the names that modules import.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        app_version: str | None = None,
        own_types: Mapping[str, str] | None = None,
        reserved: Collection[str] = (),
    ) -> None:
        self.app_version = app_version
        self._document = document
        self._schemas: Mapping[str, Schema] = (document.get("components") or {}).get("schemas") or {}
        self.objects = ObjectTypes(self._schemas, own_types, reserved)
        self._by_type = {
            str(s["properties"]["type"]["const"]): s
            for s in self._schemas.values()
            if s.get("class") == "invocation" and "const" in (s.get("properties") or {}).get("type", {})
        }
        self._read: dict[str, NodeType] = {}

    def __contains__(self, node_type: str) -> bool:
        return node_type in self._by_type and node_type not in _HIDDEN_TYPES

    def __iter__(self) -> Iterator[str]:
        return (t for t in self._by_type if t not in _HIDDEN_TYPES)

    def get(self, node_type: str) -> NodeType | None:
        """Return a node type, or None when this server has none of that name."""
        if node_type not in self:
            return None
        if node_type not in self._read:
            self._read[node_type] = self._node_type(self._by_type[node_type])
        return self._read[node_type]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the document, its key order aside."""
        return json_sha256(self._document)

    @property
    def schema_names(self) -> frozenset[str]:
        """The names of all schemas in the document."""
        return frozenset(self._schemas)

    @cached_property
    def model_bases(self) -> frozenset[str]:
        """The model bases that this release knows."""
        return frozenset((self._schemas.get("BaseModelType") or {}).get("enum") or ())

    @cached_property
    def model_types(self) -> frozenset[str]:
        """The model types that this release knows."""
        return frozenset((self._schemas.get("ModelType") or {}).get("enum") or ())

    @cached_property
    def submodel_types(self) -> frozenset[str]:
        """The parts of models that this release knows."""
        return frozenset((self._schemas.get("SubModelType") or {}).get("enum") or ())

    def _node_type(self, schema: Schema) -> NodeType:
        name = str(schema["properties"]["type"]["const"])
        output = self._schemas.get(ref_name(schema["output"]), {}) if "$ref" in (schema.get("output") or {}) else {}
        outputs = output.get("properties") or {}
        inputs = {
            key: InputField(
                key,
                str(prop.get("title") or ""),
                str(prop.get("description") or ""),
                _typed(prop, _BATCH_INPUTS.get(name) == key),
                prop,
                self.objects,
            )
            for key, prop in schema["properties"].items()
            if not _is_reserved(name, key, prop)
        }
        return NodeType(
            type=name,
            title=str(schema.get("title") or name).replace("Invocation", ""),
            version=str(schema.get("version") or "1.0.0"),
            node_pack=str(schema.get("node_pack") or "invokeai"),
            category=str(schema.get("category") or ""),
            inputs={key: field for key, field in inputs.items() if field.type.in_editor},
            unseen={
                key: field
                for key, field in inputs.items()
                if not field.type.in_editor and not field.schema.get("ui_hidden")
            },
            outputs={
                key: OutputField(key, kind, str(prop.get("description") or ""), self.objects.is_handle(prop))
                for key, prop in outputs.items()
                if key != "type" and (kind := _typed(prop, _BATCH_OUTPUTS.get(name) == key)).in_editor
            },
        )


def _is_reserved(node_type: str, name: str, schema: Schema) -> bool:
    return (
        name in _RESERVED_INPUTS
        or schema.get("ui_type") == "IsIntermediate"
        or (node_type == "iterate" and name == "index")
    )


def _typed(schema: Schema, batch: bool) -> FieldType:
    kind = field_type(schema)
    return replace(kind, batch=True) if batch else kind


__all__ = [
    "BATCH_NODES",
    "CALLEE_INPUT",
    "GENERATOR_NODES",
    "Cardinality",
    "Catalog",
    "InputField",
    "NodeType",
    "OutputField",
]
