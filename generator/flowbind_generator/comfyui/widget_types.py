"""The Python types of widgets: what the catalog says of an input, never a guess from its value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowbind.comfyui.schema.node_classes import DYNAMIC_COMBO, NodeInput
from flowbind.comfyui.schema.server_files import is_server_list, upload_kind
from flowbind_generator.annotations import NUMERIC, bounded, choice_type
from flowbind_generator.comfyui.compatible import compatible_keys
from flowbind_generator.comfyui.custom_combo import own_choices
from flowbind_generator.comfyui.knobs import Knob, type_of
from flowbind_generator.comfyui.seeds import random_range
from flowbind_generator.ir import Cardinality, RandomRange
from flowbind_generator.limits import Limits
from flowbind_generator.numbers import is_number
from flowbind_generator.quoting import literal
from flowbind_generator.simple_types import ANYTHING

_HEX = "^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"
_COLOR = f"Annotated[str, Field(pattern={literal(_HEX)})]"
_UPLOADED = {
    "image": "ImageInput",
    "audio": "AudioInput",
    "video": "VideoInput",
    "model_3d": "Model3DInput",
    "file": "FileInput",
}
_SCALARS = {"INT": "int", "FLOAT": "float", "BOOLEAN": "bool", "STRING": "str"}
_OBJECT = f"dict[str, {ANYTHING}]"
_NUMBERS = "dict[str, int | float]"


@dataclass(frozen=True)
class WidgetType:
    """The type of one widget: `kind` says how a value becomes JSON, in the words of the runtime's slots.

    `base` is what a value, or each item of a list, is apart from limits and choices: "int", "float", "bool", "str",
    "dict", "numbers" (an object of them), "scalar" (one of a union), "choice" or "any". `understood` is false where
    only "some JSON" is known.
    """

    annotation: str
    base: str
    kind: str = "value"
    cardinality: Cardinality = "single"
    limits: Limits = field(default_factory=Limits)
    choices: tuple[Any, ...] | None = None
    random: RandomRange | None = None
    understood: bool = True


# What only the browser has a control for.
_BROWSER: Mapping[str, WidgetType] = {
    "COLOR": WidgetType(_COLOR, "str", limits=Limits(pattern=_HEX)),
    "COLORS": WidgetType(f"list[{_COLOR}]", "str", "wrapped", "list", Limits(pattern=_HEX)),
    "CURVE": WidgetType(_OBJECT, "dict", "wrapped"),
    "RANGE": WidgetType(_NUMBERS, "numbers"),
    "BOUNDING_BOX": WidgetType(_NUMBERS, "numbers"),
    "BOUNDING_BOXES": WidgetType(f"list[{_OBJECT}]", "dict", "wrapped", "list"),
    "VIDEO_EDIT": WidgetType(_OBJECT, "dict"),
    "COMPOSITOR": WidgetType(_OBJECT, "dict"),
    "IMAGECOMPARE": WidgetType(f"list[{ANYTHING}]", "any", "wrapped", "list"),
    "LOAD_3D": WidgetType(ANYTHING, "any"),
    "MARKDOWN": WidgetType("str", "str"),
    "TEXTAREA": WidgetType("str", "str"),
    "PAINTER": WidgetType("str", "str"),
    "WEBCAM": WidgetType("str", "str"),
    "AUDIO_RECORD": WidgetType("str", "str"),
}

_UNKNOWN = WidgetType(ANYTHING, "any", understood=False)


def widget_type(knob: Knob) -> WidgetType:
    """Return the type of a widget's values."""
    spec, name = knob.spec, type_of(knob.spec)
    match name:
        case "COMBO":
            return _combo_type(knob)
        case "INT":
            # A number that stands by itself may be anything: it is drawn only where the author has it change.
            is_fixed = knob.is_primitive and knob.widget.control in (None, "fixed")
            random = None if is_fixed else random_range(spec)
            limits = _bounds(spec, int)
            annotation = bounded("int", limits, NUMERIC)
            return WidgetType(f"{annotation} | Random" if random else annotation, "int", limits=limits, random=random)
        case "FLOAT":
            limits = _bounds(spec, float)
            return WidgetType(bounded("float", limits, NUMERIC), "float", limits=limits)
        case "BOOLEAN":
            return WidgetType("bool", "bool")
        case "STRING":
            return WidgetType("str", "str", knob.widget.expands or "value")
        case _ if name == DYNAMIC_COMBO:
            keys = compatible_keys(knob)
            return WidgetType(choice_type(keys), "choice", choices=keys) if keys else _UNKNOWN
        case _ if name in _BROWSER:
            return _BROWSER[name]
        case _ if members := _scalars(name):
            return WidgetType(" | ".join(members), "scalar")
        case _:
            return _UNKNOWN


def _combo_type(knob: Knob) -> WidgetType:
    spec, node_class = knob.spec, knob.node_class
    if kind := upload_kind(node_class, spec):
        return WidgetType(_UPLOADED[kind], "str", kind)
    many = spec.options.get("multi_select") not in (None, False) or spec.options.get("multiselect") is True
    own = own_choices(node_class, spec, knob.given)
    if not own and is_server_list(node_class, spec):
        return _many(WidgetType("str", "str", "model")) if many else WidgetType("str", "str", "model")
    choices = own or _choices(spec.choices or ())
    if not choices:
        return _UNKNOWN
    found = WidgetType(choice_type(choices), "choice", choices=choices)
    return _many(found) if many else found


def _many(one: WidgetType) -> WidgetType:
    # A list of two could be a link, so the editor wraps it.
    return replace(one, annotation=f"list[{one.annotation}]", kind="wrapped", cardinality="list")


def _choices(told: Iterable[Any]) -> tuple[Any, ...]:
    """Return choices as far as Python has types for them, each once."""
    return tuple({repr(c): c for c in told if isinstance(c, str | bool) or is_number(c)}.values())


def _scalars(name: str) -> list[str]:
    """Return the types of a union of those that JSON has no objects for, [] for another."""
    members = [_SCALARS.get(member.strip().upper(), "") for member in name.split(",")]
    return members if all(members) else []


def _bounds(spec: NodeInput, number: type[int] | type[float]) -> Limits:
    low, high = (told if is_number(told := spec.options.get(key)) else None for key in ("min", "max"))
    if number is float:
        return Limits(None if low is None else float(low), None if high is None else float(high))
    return Limits(None if low is None else math.ceil(low), None if high is None else math.floor(high))
