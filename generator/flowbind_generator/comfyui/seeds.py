"""What the editor draws a new number from after each run; the server itself draws none."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flowbind.comfyui.schema.node_classes import NodeInput
from flowbind_generator.comfyui.knobs import type_of
from flowbind_generator.ir import RandomRange
from flowbind_generator.numbers import is_number

_FARTHEST = 2**50
"""How far from 0 the editor draws: JavaScript counts the whole numbers beyond it less and less exactly."""
_MAXIMUM = 2048
"""What the editor takes for the highest number where the server names none."""


def is_seed(spec: NodeInput) -> bool:
    """Tell whether the editor offers to change a number after each run."""
    if type_of(spec) != "INT":
        return False
    told = spec.options.get("control_after_generate")
    return spec.name in ("seed", "noise_seed") if told is None else bool(told)


def random_range(spec: NodeInput) -> RandomRange | None:
    """Return what `RANDOM` draws a number from, as the editor would; None for what is no seed."""
    if not is_seed(spec):
        return None
    low = max(_exact(spec.options.get("min"), 0), Fraction(-_FARTHEST))
    high = min(_exact(spec.options.get("max"), _MAXIMUM), Fraction(_FARTHEST))
    step = Fraction(max(1, math.ceil(abs(_exact(spec.options.get("step"), 1)))))
    # The editor never draws the highest.
    first, last = math.ceil(low / step) * step, (math.ceil(high / step) - 1) * step
    return RandomRange(int(first), int(last), int(step)) if first <= last else None


def _exact(told: Any, otherwise: int) -> Fraction:
    return Fraction(told) if is_number(told) else Fraction(otherwise)
