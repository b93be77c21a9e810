"""The default of an input: what an unset post sends, as Python source, and the annotation that goes with it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flowbind.invokeai.fields import REFERENCE_KEYS, BoundingBox, Color
from flowbind_generator.default_code import fresh
from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.python_types import PythonType, base_name
from flowbind_generator.quoting import literal

_CLASSES = {"BoundingBoxField": BoundingBox, "ColorField": Color}


def with_default(
    kind: PythonType, field: InputField, value: Any, *, fits: bool, required: bool
) -> tuple[str, str | None]:
    """Return the annotation with what makes it optional, and the default (None: the input is required).

    A value that does not fit the type, and an unset one that the server fills, are left to `UNSET`.
    """
    annotation = f"{kind.annotation} | None" if field.nullable else kind.annotation
    if required:
        return annotation, None
    if value is not MISSING and fits and (code := _source(field, kind, value)):
        if isinstance(value, list) or (kind.kind == "object" and isinstance(value, dict)):
            code = fresh(kind.annotation, code)
        return annotation, code
    if field.nullable and value is MISSING:
        return annotation, "None"
    return f"{annotation} | Unset", "UNSET"


def _source(field: InputField, kind: PythonType, value: Any) -> str | None:
    """Return a value as Python source, None for one that only the user's own class could make."""
    if kind.kind != "object":
        return _code(field, kind.kind, value)
    from flowbind_generator.field_values import value_code

    return value_code(kind.annotation, value, kind.classes)


def _code(field: InputField, kind: str, value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_code(field, kind, v) for v in value) + "]"
    if field.choices:
        return literal(next(c for c in field.choices if c == value))
    match kind, base_name(field.type):
        case "model", _:
            return _model_code(value)
        case "lora", _:
            return f"LoRA(model={_model_code(value['lora'])}, weight={literal(value['weight'])})"
        case "value", "ColorField" | "BoundingBoxField" as name:
            # JSON may write a whole number as 1.0, which the classes do not take.
            whole = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in value.items()}
            made = _CLASSES[name]
            arguments = ", ".join(f"{f.name}={literal(whole[f.name])}" for f in fields(made) if f.name in whole)
            return f"{made.__name__}({arguments})"
        case "value", "FloatField":
            return literal(float(value))
        case "value", "IntegerField":
            return literal(int(value))
        case "value", _:
            return literal(value)
        case _:
            return literal(value[REFERENCE_KEYS[kind]])


def _model_code(value: dict[str, Any]) -> str:
    keys = [k for k in ("name", "base", "type", "key", "hash", "submodel_type") if value.get(k) is not None]
    return f"ModelRef({', '.join(f'{k}={literal(value[k])}' for k in keys)})"
