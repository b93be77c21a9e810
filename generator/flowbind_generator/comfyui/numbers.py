"""What the editor does to a number that something else sets: rounds it to steps, keeps it within limits."""

from __future__ import annotations

import math
from typing import Any

from flowbind_generator.comfyui.node_classes import NodeInput
from flowbind_generator.comfyui.shapes import number


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


def _to_step(item: NodeInput, value: float) -> float:
    step = number(item.options.get("step")) or 1
    if step == 1:
        return _nearest(value)
    offset = math.fmod(number(item.options.get("min")) or 0, step)
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
