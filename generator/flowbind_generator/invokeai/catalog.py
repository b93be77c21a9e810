"""The node types of one server release, read from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from flowbind.digest import json_sha256
from flowbind.invokeai.schema.field_types import FieldType, Schema, field_type, ref_name
from flowbind.invokeai.schema.served import ServedNodes, node_schemas, schemas_of
from flowbind_generator.invokeai.node_types import BATCH_INPUTS, BATCH_OUTPUTS, InputField, NodeType, OutputField
from flowbind_generator.invokeai.object_types import ObjectTypes

# The editor hides these, whatever the document says: `graph` nests a whole graph, `linear_ui_output` is internal.
_HIDDEN_TYPES = frozenset({"graph", "linear_ui_output"})
_RESERVED_INPUTS = frozenset({"id", "type", "use_cache"})


class Catalog:
    """The node types of one server release.

    `own_types` maps the name of a schema to a class of the user's, `reserved` are the names that modules import,
    `file_digest` is the SHA-256 of the document's bytes, where it comes from a file.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        app_version: str | None = None,
        own_types: Mapping[str, str] | None = None,
        reserved: Collection[str] = (),
        file_digest: str | None = None,
    ) -> None:
        self.app_version = app_version
        self.file_digest = file_digest
        self._document = document
        self._schemas = schemas_of(document)
        self.objects = ObjectTypes(self._schemas, own_types, reserved)
        self._by_type = node_schemas(self._schemas)
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

    @cached_property
    def served(self) -> ServedNodes:
        """The same document as drift reads it."""
        return ServedNodes(self._document, self.app_version)

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
                _typed(prop, BATCH_INPUTS.get(name) == key),
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
                if key != "type" and (kind := _typed(prop, BATCH_OUTPUTS.get(name) == key)).in_editor
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
