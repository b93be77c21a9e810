"""The Python type of an input: its annotation, and how a value becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowbind.invokeai.schema.field_types import FieldType, Schema, not_null
from flowbind_generator.annotations import NUMERIC, TEXTUAL, bounded, choice_type
from flowbind_generator.field_classes import unread
from flowbind_generator.imports import names_in
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.limits import Limits
from flowbind_generator.quoting import literal
from flowbind_generator.simple_types import ANYTHING

# field type -> (annotation, how a value becomes JSON)
_TYPES = {
    "IntegerField": ("int", "value"),
    "FloatField": ("float", "value"),
    "StringField": ("str", "value"),
    "BooleanField": ("bool", "value"),
    "SavedWorkflowField": ("str", "value"),
    "ImageField": ("ImageInput", "image"),
    "VideoField": ("VideoInput", "video"),
    "ModelIdentifierField": ("ModelInput", "model"),
    "LoRAField": ("LoRA", "lora"),
    "BoardField": ("str", "board"),
    "ColorField": ("Color", "value"),
    "BoundingBoxField": ("BoundingBox", "value"),
    "StylePresetField": ("str", "style_preset"),
    "SystemPromptField": ("str", "system_prompt"),
}
METADATA = frozenset(
    {"LoRAMetadataField", "ControlNetMetadataField", "IPAdapterMetadataField", "T2IAdapterMetadataField"}
)
_LIMITED = frozenset({"IntegerField", "FloatField", "StringField", "SavedWorkflowField"})


@dataclass(frozen=True)
class PythonType:
    """The type of one input, without what makes it optional.

    `item` is the type of one value without its limits; `understood` is false where only "some JSON" is known of it.
    `classes` are the schemas of the objects that it takes, by the names of their classes, `unread` what in them is not
    understood.
    """

    annotation: str
    item: str
    kind: str
    understood: bool = True
    classes: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    unread: tuple[str, ...] = ()


def type_name(kind: FieldType) -> str:
    """Return the field type in today's names: a model is a model, whatever older releases called it."""
    shape = kind.original or kind
    return "ModelIdentifierField" if shape.name == "ModelIdentifierField" else kind.name


def base_name(kind: FieldType) -> str:
    """Return the field type that says what a value looks like; a name of a node pack's own may say nothing."""
    name = type_name(kind)
    known = name in _TYPES or name in METADATA or kind.original is None
    return name if known or kind.original is None else kind.original.name


def kind_of(field: InputField) -> str:
    """Return how a value of an input becomes JSON, in the words of the runtime's slots."""
    name = base_name(field.type)
    # Of a shape that the editor does not know only the schema itself tells null and the limits.
    if field.objects.is_own(name) or (name in _LIMITED and not field.type.in_editor):
        return "object"
    if field.choices or name in METADATA:
        return "value"
    return _TYPES[name][1] if name in _TYPES else "object"


def python_type(field: InputField, options: tuple[str, ...] | None = None) -> PythonType:
    """Return the annotation of an input, without what makes it optional.

    `options` are the values of a string's dropdown: documentation, since the server takes any text.
    """
    name = base_name(field.type)
    kind = kind_of(field)
    if kind == "object":
        return _object_type(field)
    constraints: tuple[str, ...] = NUMERIC
    if field.choices:
        item = choice_type(field.choices)
    elif name in METADATA:
        item = "dict[str, JsonValue]"
    else:
        item = _TYPES[name][0]
        if item == "str" and kind == "value":
            constraints = TEXTUAL
            item = f"Literal[{', '.join(literal(o) for o in options)}] | str" if options else item
    limited = bounded(item, field.limits, constraints) if name in _LIMITED and not field.choices else item
    return PythonType(_many(limited, field, field.limits), item, kind)


def _object_type(field: InputField) -> PythonType:
    """Return the type of an input that no class of flowbind's stands for."""
    schema = {"anyOf": not_null(field.schema)}
    annotation = field.objects.annotation(schema)
    understood = ANYTHING not in names_in([annotation])
    classes = field.objects.classes(schema)
    return PythonType(annotation, annotation, "object", understood, classes, tuple(unread(classes)))


def _many(item: str, field: InputField, limits: Limits) -> str:
    cardinality = field.type.cardinality
    if cardinality == "single" or field.breaks_on_lists:
        return item
    lengths = (("min_length", limits.min_items), ("max_length", limits.max_items))
    bounds = [f"{word}={value}" for word, value in lengths if value is not None]
    many = f"list[{item}]"
    many = f"Annotated[{many}, Field({', '.join(bounds)})]" if bounds else many
    return many if cardinality == "list" else f"{item} | {many}"
