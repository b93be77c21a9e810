"""Values for attributes: those that somebody picked in the page, and some for inputs that have none."""

from __future__ import annotations

import re
from typing import Any

from flowbind.invokeai import BoundingBox, Color, LoRA, ModelRef
from flowbind.invokeai.fields import REFERENCE_KEYS
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input

_NAME_KEYS = frozenset(REFERENCE_KEYS.values())


def python_value(value: Any) -> Any:
    """Return a value of a graph as an attribute takes it."""
    match value:
        case list():
            return [python_value(item) for item in value]
        case {"lora": model, "weight": weight}:
            return LoRA(python_value(model), weight)
        case {"key": _, "hash": _, "name": _, "base": _, "type": _}:
            return ModelRef(**value)
        case {"r": _, "g": _, "b": _, "a": _}:
            return Color(**value)
        case dict() if len(value) == 1 and _NAME_KEYS & value.keys():
            return next(iter(value.values()))
        case _:
            return value


def plausible(item: Input, catalog: Catalog) -> Any:
    """Return a value that an input takes, and that a server would accept in a graph."""
    one = _plausible_item(item, catalog)
    # The annotation alone knows how many a list has at least.
    least = re.search(r"^Annotated\[list.*min_length=(\d+)", item.annotation)
    return [one] * max(1, int(least[1]) if least else 1) if item.cardinality == "list" else one


def _plausible_item(item: Input, catalog: Catalog) -> Any:
    if item.choices:
        return item.choices[0]
    match item.field_type:
        case "IntegerField" | "FloatField":
            return _plausible_number(item)
        case "BooleanField":
            return False
        case "ModelIdentifierField":
            return _plausible_model(item, catalog)
        case "LoRAField":
            return LoRA(ModelRef(name="A LoRA", base="sd-1", type="lora", key="lora-key", hash="blake3:0"), 0.5)
        case "ColorField":
            return Color(1, 2, 3)
        case "BoundingBoxField":
            return BoundingBox(0, 8, 0, 8)
        case "ImageField":
            return "a picture.png"
        case "VideoField":
            return "a video.mp4"
        case _:
            return "a text"


def _plausible_number(item: Input) -> float:
    step = item.limits.multiple_of or 1
    number = 0.0
    if item.limits.minimum is not None:
        number = item.limits.minimum
    elif item.limits.exclusive_minimum is not None:
        number = item.limits.exclusive_minimum + step
    number = -(-number // step) * step
    return float(number) if item.field_type == "FloatField" else int(number)


def _plausible_model(item: Input, catalog: Catalog) -> ModelRef:
    """Return a model that no server has, of the first base and type that the input offers."""
    node_type = catalog.get(item.node_type)
    schema = node_type.inputs[item.field_name].schema if node_type else {}
    base, kind = ((schema.get(f"ui_model_{part}") or [None])[0] for part in ("base", "type"))
    return ModelRef(name="A model", base=base or "sd-1", type=kind or "main", key="model-key", hash="blake3:0")
