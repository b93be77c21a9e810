"""What the editor does to a number that something else sets: rounds it to steps, keeps it within limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowbind.comfyui.schema.node_classes import NodeInput
from flowbind.comfyui.schema.shapes import number
from flowbind.same import same

# What two inputs may tell differently, and one value still suits both.
_ASIDE = frozenset(
    {"default", "forceInput", "defaultInput", "control_after_generate", "multiline", "tooltip", "dynamicPrompts"}
)


def rounded(item: NodeInput, value: Any) -> Any:
    """Return what a number becomes when it is handed to an input; anything else stays as it is."""
    found = number(value)
    if found is None or not math.isfinite(found):
        return value
    if item.type == "INT":
        return _to_step(item, found)
    return _to_round(item, found) if item.type == "FLOAT" else value


def limited(item: NodeInput, value: Any) -> Any:
    """Return a number within the limits of an input; anything else stays as it is."""
    found = number(value)
    if found is None or item.type not in ("INT", "FLOAT"):
        return value
    least, most = number(item.options.get("min")), number(item.options.get("max"))
    if least is not None and found < least:
        return least
    return most if most is not None and found > most else value


def merged(one: NodeInput, other: NodeInput) -> NodeInput | None:
    """Return an input whose numbers suit two inputs, None where the editor finds none."""
    if one.type != other.type:
        return None
    (least, most), (low, high) = _range(one.options), _range(other.options)
    if least > high or most < low:
        return None
    both = {"min": max(least, low), "max": min(most, high), "step": _common_step(one.options, other.options)}
    mine, theirs = ({**item.options, **both} for item in (one, other))
    keys = (mine.keys() | theirs.keys()) - _ASIDE
    return replace(one, options={**mine, **theirs}) if all(_is_one(mine.get(k), theirs.get(k)) for k in keys) else None


def _range(options: Mapping[str, Any]) -> tuple[float, float]:
    least, most = number(options.get("min")), number(options.get("max"))
    return -math.inf if least is None else least, math.inf if most is None else most


def _common_step(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    steps = [number(options.get("step")) for options in (one, other)]
    x, y = (1 if step is None else abs(step) for step in steps)
    product = x * y
    while y > 1e-10:
        x, y = y, math.fmod(x, y)
    return product / x if x else 0


def _is_one(one: Any, other: Any) -> bool:
    # Lists and objects are only the same where the editor has one and the same.
    return one is other if isinstance(one, list | dict) else same(one, other)


def _to_step(item: NodeInput, value: float) -> float:
    step = number(item.options.get("step")) or 1
    if step == 1:
        return _nearest(value)
    least = number(item.options.get("min")) or 0
    offset = math.fmod(least, step) if math.isfinite(least) else 0
    found = _nearest((value - offset) / step) * step + offset
    # JavaScript writes whole numbers without a point.
    return int(found) if isinstance(found, float) and found.is_integer() else found


def _to_round(item: NodeInput, value: float) -> float:
    step = number(item.options.get("step"))
    precision = _places(0.5 if step is None else step)
    told = number(item.options.get("round"))
    unit = told or (10**-precision if precision else 0)
    if not unit:
        return value
    least, most = number(item.options.get("min")), number(item.options.get("max"))
    least, most = 0 if least is None else least, 2048 if most is None else most
    near = value / unit
    if not math.isfinite(near):
        return value
    return max(min(round(_nearest(near) * unit, precision), most), least)


def _places(step: float) -> int:
    return max(0, -math.floor(math.log10(step))) if 0 < step < math.inf else 0


def _nearest(value: float) -> int:
    # JavaScript rounds halves up.
    return value if isinstance(value, int) else math.floor(value + 0.5)
