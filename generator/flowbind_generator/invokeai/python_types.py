"""The Python type of an input: its annotation, the values it takes, and how a default is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind_generator.invokeai.catalog import InputField
from flowbind_generator.invokeai.field_types import FieldType, Limits
from flowbind_generator.invokeai.numbers import is_integer, is_number
from flowbind_generator.quoting import literal

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
_METADATA = frozenset(
    {"LoRAMetadataField", "ControlNetMetadataField", "IPAdapterMetadataField", "T2IAdapterMetadataField"}
)
_CONSTRAINTS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusive_minimum": "gt",
    "exclusive_maximum": "lt",
    "multiple_of": "multiple_of",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
}
_LIMITED = frozenset({"IntegerField", "FloatField", "StringField", "SavedWorkflowField"})
_NUMERIC = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of")
_TEXTUAL = ("min_length", "max_length", "pattern")


@dataclass(frozen=True)
class PythonType:
    """The type of one input, without what makes it optional.

    `item` is the type of one value without its limits; `understood` is false where only "some JSON" is known of it.
    """

    annotation: str
    item: str
    kind: str
    understood: bool = True


def type_name(kind: FieldType) -> str:
    """Return the field type in today's names: a model is a model, whatever older releases called it."""
    shape = kind.original or kind
    return "ModelIdentifierField" if shape.name == "ModelIdentifierField" else kind.name


def kind_of(field: InputField) -> str:
    """Return how a value of an input becomes JSON, in the words of the runtime's slots."""
    return "value" if field.choices else _TYPES.get(type_name(field.type), ("", "value"))[1]


def python_type(field: InputField, options: tuple[str, ...] | None = None) -> PythonType:
    """Return the annotation of an input, without what makes it optional.

    `options` are the values of a string's dropdown: documentation, since the server takes any text.
    """
    name = type_name(field.type)
    kind = kind_of(field)
    constraints: tuple[str, ...] = _NUMERIC
    if field.choices:
        item = f"Literal[{', '.join(literal(c) for c in field.choices)}]"
    elif name in _TYPES:
        item = _TYPES[name][0]
        if item == "str" and kind == "value":
            constraints = _TEXTUAL
            item = f"Literal[{', '.join(literal(o) for o in options)}] | str" if options else item
    elif name in _METADATA:
        item = "dict[str, JsonValue]"
    else:
        return PythonType("JsonValue", "JsonValue", kind, understood=False)
    limited = _annotated(item, field.limits, constraints) if name in _LIMITED else item
    return PythonType(_many(limited, field, field.limits), item, kind)


def _many(item: str, field: InputField, limits: Limits) -> str:
    cardinality = field.type.cardinality
    if cardinality == "single":
        return item
    is_text = item.startswith(("str", "Annotated[str"))
    least = limits.min_items if limits.min_items is not None or is_text else limits.min_length
    most = limits.max_items if limits.max_items is not None or is_text else limits.max_length
    bounds = [f"{word}={value}" for word, value in (("min_length", least), ("max_length", most)) if value is not None]
    many = f"list[{item}]"
    many = f"Annotated[{many}, Field({', '.join(bounds)})]" if bounds else many
    return many if cardinality == "list" else f"{item} | {many}"


def _annotated(item: str, limits: Limits, names: tuple[str, ...]) -> str:
    bounds = [f"{_CONSTRAINTS[n]}={literal(value)}" for n in names if (value := getattr(limits, n)) is not None]
    return f"Annotated[{item}, Field({', '.join(bounds)})]" if bounds else item


def refusal(field: InputField, value: Any) -> str | None:
    """Return why the input's own type refuses a JSON value, or None when it takes it."""
    many = isinstance(value, list)
    if many and field.type.cardinality == "single" and field.type.name not in _METADATA:
        return "it is a list"
    if not many and field.type.cardinality == "list":
        return "it is no list"
    if many and not _fits(len(value), field.limits.min_items, field.limits.max_items):
        return f"a list of {len(value)} is too short or too long"
    items = value if many else [value]
    return next((reason for item in items if (reason := _item_refusal(field, item))), None)


def _item_refusal(field: InputField, value: Any) -> str | None:
    name, limits = type_name(field.type), field.limits
    if field.choices:
        known = any(value == c and isinstance(value, bool) == isinstance(c, bool) for c in field.choices)
        return None if known else "it is not among the choices"
    match name:
        case "IntegerField" | "FloatField":
            if not (is_integer(value) if name == "IntegerField" else is_number(value)):
                return "it is no whole number" if name == "IntegerField" else "it is no number"
            return _number_refusal(value, limits)
        case "StringField" | "SavedWorkflowField":
            if not isinstance(value, str):
                return "it is no text"
            return (
                None if _fits(len(value), limits.min_length, limits.max_length) else "the text is too short or too long"
            )
        case "BooleanField":
            return None if isinstance(value, bool) else "it is neither true nor false"
        case "BoardField" if value in ("auto", "none"):
            return None
        case "ModelIdentifierField":
            return None if isinstance(value, dict) and "key" in value else "it is no model"
        case "LoRAField":
            return None if isinstance(value, dict) and "lora" in value else "it is no LoRA"
        case "ColorField":
            return None if isinstance(value, dict) and "r" in value else "it is no colour"
        case "BoundingBoxField":
            return None if isinstance(value, dict) and "x_min" in value else "it is no bounding box"
        case _ if key := REFERENCE_KEYS.get(kind_of(field)):
            return None if isinstance(value, dict) and key in value else f"it has no {key}"
        case _:
            return None


def _number_refusal(value: float, limits: Limits) -> str | None:
    low, high, step = limits.minimum, limits.maximum, limits.multiple_of
    if low is not None and value < low:
        return f"it is less than {low}"
    if high is not None and value > high:
        return f"it is more than {high}"
    if limits.exclusive_minimum is not None and value <= limits.exclusive_minimum:
        return f"it is not more than {limits.exclusive_minimum}"
    if limits.exclusive_maximum is not None and value >= limits.exclusive_maximum:
        return f"it is not less than {limits.exclusive_maximum}"
    if step and abs(value / step - round(value / step)) > 1e-9:
        return f"it is no multiple of {step}"
    return None


def _fits(length: int, least: int | None, most: int | None) -> bool:
    return (least is None or length >= least) and (most is None or length <= most)
