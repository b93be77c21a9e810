"""One input of one node, with all that is known of it before its type is worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flowbind.invokeai.fields import MODEL_KINDS, ModelFilter
from flowbind.invokeai.schema.field_types import FieldType, Schema
from flowbind_generator.docs import wrapped
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.describe import input_doc
from flowbind_generator.invokeai.document import Input, Node
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.invokeai.node_types import InputField, NodeType
from flowbind_generator.invokeai.python_types import type_name
from flowbind_generator.ir import Input as IRInput
from flowbind_generator.ir import RandomRange
from flowbind_generator.limits import Limits
from flowbind_generator.names import Candidate
from flowbind_generator.pointers import json_pointer, jsonpath
from flowbind_generator.quoting import literal


@dataclass(frozen=True)
class Place:
    """An input of a node; `public` is its element of the form, `root` leads to the workflow in the file."""

    node: Node
    node_type: NodeType
    field: InputField
    entry: Input
    public: FormField | None
    root: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the editor shows: the author's label, else the schema's title."""
        return self.entry.label.strip() or self.field.title or self.field.name

    @property
    def key(self) -> tuple[str, str]:
        """Node id and field name."""
        return self.node.id, self.field.name

    @property
    def pointer(self) -> str:
        """The JSON pointer to the value in the file."""
        return json_pointer((*self.root, *self.node.input_path(self.field.name)))

    @property
    def whereabouts(self) -> dict[str, Any]:
        """Where a finding says that it is."""
        return {"pointer": self.pointer, "node_label": self.node.label or None}

    def drafted(
        self,
        note: str,
        *,
        kind: str,
        annotation: str,
        required: bool,
        default: Any,
        default_code: str | None,
        choices: tuple[Any, ...] | None = None,
        limits: Limits | None = None,
        random: RandomRange | None = None,
        classes: Mapping[str, Schema] | None = None,
    ) -> DraftInput:
        """Return the input of the class, with what was found out about its type; `note` goes into its docstring."""
        field = self.field
        models = field.models if kind in MODEL_KINDS else None
        what, where = input_doc(self.label, field, self.node, self.node_type, self.public, random)
        return DraftInput(
            Candidate(
                key=candidate_key(self.key),
                names=(self.entry.label, field.title, field.name),
                owners=(self.node.label, self.node_type.title),
            ),
            IRInput(
                attribute="",
                index=self.public.index if self.public else None,
                label=self.label,
                node_id=self.node.id,
                node_type=self.node.type,
                field_name=field.name,
                field_type=type_name(field.type),
                cardinality=field.type.cardinality,
                doc=wrapped(what, note, where),
                json_pointer=self.pointer,
                jsonpath=jsonpath((*self.root, *self.node.input_path(field.name))),
                kind=kind,
                annotation=annotation,
                required=required,
                default=default,
                default_code=default_code,
                choices=choices,
                limits=limits or Limits(),
                models=asdict(models) if models else None,
                accepts=_filter_code(models) if models else None,
                ui_minimum=self.public.settings.get("min") if self.public else None,
                ui_maximum=self.public.settings.get("max") if self.public else None,
                random=random,
            ),
            classes or {},
        )


def candidate_key(key: tuple[str, str]) -> str:
    """Return node id and field name as one text, by which names are given and pinned."""
    return "/".join(key)


def place_of(loaded: Loaded, node: Node, name: str, catalog: Catalog, public: FormField | None) -> Place | None:
    """Return the place of an input, None where the catalog has none of that name."""
    node_type = catalog.get(node.type)
    field = node_type.all_inputs.get(name) if node_type else None
    if node.type == "core_metadata" and name in node.inputs:
        # It takes any input of any type.
        field = field or InputField(name, "", "", FieldType("AnyField"), {}, catalog.objects)
    if node_type is None or field is None:
        return None
    return Place(node, node_type, field, node.inputs.get(name, Input(name)), public, loaded.root)


def _filter_code(accepted: ModelFilter) -> str:
    """Return a filter as Python source."""
    given = ((name, values) for name, values in asdict(accepted).items() if values)
    return f"ModelFilter({', '.join(f'{name}=({_texts(values)},)' for name, values in given)})"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(map(literal, values))
