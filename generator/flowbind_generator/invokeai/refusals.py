"""Saved values that the input's own type refuses."""

from __future__ import annotations

from typing import Any

from flowbind.invokeai.fields import REFERENCE_KEYS, BoundingBox, Color
from flowbind_generator.invokeai.limits import matches
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.python_types import METADATA, base_name, kind_of, python_type
from flowbind_generator.limits import choice_refusal, number_refusal
from flowbind_generator.numbers import is_integer


def refusal(field: InputField, value: Any) -> str | None:
    """Return why the input's own type refuses a JSON value, or None when it takes it."""
    if kind_of(field) == "object":
        return _object_refusal(field, value)
    many = isinstance(value, list)
    if many and field.breaks_on_lists:
        return "the server fails when it compares a list with the limit"
    if many and field.type.cardinality == "single" and field.type.name not in METADATA:
        return "it is a list"
    if not many and field.type.cardinality == "list":
        return "it is no list"
    if many and not _fits(len(value), field.limits.min_items, field.limits.max_items):
        return f"a list of {len(value)} is too short or too long"
    items = value if many else [value]
    return next((reason for item in items if (reason := _item_refusal(field, item))), None)


def _item_refusal(field: InputField, value: Any) -> str | None:
    name, limits = base_name(field.type), field.limits
    if field.choices:
        return choice_refusal(value, field.choices)
    match name:
        case "IntegerField" | "FloatField":
            return number_refusal(value, limits, is_whole=name == "IntegerField")
        case "StringField" | "SavedWorkflowField":
            if not isinstance(value, str):
                return "it is no text"
            if not _fits(len(value), limits.min_length, limits.max_length):
                return "the text is too short or too long"
            return None if limits.pattern is None or matches(limits.pattern, value) else "it has not the pattern"
        case "BooleanField":
            return None if isinstance(value, bool) else "it is neither true nor false"
        case "BoardField" if value in ("auto", "none"):
            return None
        case "ModelIdentifierField":
            return None if isinstance(value, dict) and "key" in value else "it is no model"
        case "LoRAField":
            return None if isinstance(value, dict) and "lora" in value else "it is no LoRA"
        case "ColorField":
            return _class_refusal(Color, value)
        case "BoundingBoxField":
            return _class_refusal(BoundingBox, value)
        case _ if key := REFERENCE_KEYS.get(kind_of(field)):
            return None if isinstance(value, dict) and key in value else f"it has no {key}"
        case _:
            return None


def _class_refusal(kind: type[BoundingBox | Color], value: Any) -> str | None:
    """Return why a class of flowbind's refuses a value; JSON may write a whole number as 1.0."""
    if not isinstance(value, dict):
        return "it is no object"
    try:
        kind(**{k: int(v) if k != "score" and is_integer(v) else v for k, v in value.items()})
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def _object_refusal(field: InputField, value: Any) -> str | None:
    from flowbind_generator.field_values import Unfit, value_code

    kind = python_type(field)
    try:
        value_code(kind.annotation, value, kind.classes)
    except Unfit as unfit:
        return str(unfit)
    return None


def _fits(length: int, least: int | None, most: int | None) -> bool:
    return (least is None or length >= least) and (most is None or length <= most)
