"""What the form's shuffle button draws from: the editor's range, as far as the server accepts it."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.python_types import base_name, kind_of
from flowbind_generator.ir import RandomRange

_CONFIGS = {"IntegerField": "integer-field-config", "FloatField": "float-field-config"}
_ANY_CONFIG = "float-field-config"
"""How the editor reads settings without a type."""
_FARTHEST = Fraction(2**32 - 1)
"""How far from 0 the editor draws where nothing bounds a number."""


def random_range(field: InputField, public: FormField | None) -> RandomRange | None:
    """Return the range of an input's shuffle button, None where it has none, or none that draws what is accepted."""
    name = base_name(field.type)
    if public is None or not public.shuffles or public.settings.get("type", _ANY_CONFIG) != _CONFIGS.get(name):
        return None
    if kind_of(field) != "value" or field.choices or field.type.cardinality == "list":
        return None
    limits, whole = field.limits, name == "IntegerField"
    # What the editor keeps away from a bound that is itself not allowed.
    margin = Fraction(1) if whole else Fraction(1, 100)
    low = _lowest(public.settings.get("min"), limits.minimum, limits.exclusive_minimum, margin)
    high = -_lowest(
        _negative(public.settings.get("max")), _negative(limits.maximum), _negative(limits.exclusive_maximum), margin
    )
    step = None if limits.multiple_of is None else _exact(limits.multiple_of)
    if whole:
        # The whole numbers among the multiples of a fraction are those of its numerator.
        step = Fraction(1 if step is None else step.numerator)
    if step is not None:
        low, high = math.ceil(low / step) * step, math.floor(high / step) * step
    if low > high or max(-low, high) > Fraction(sys.float_info.max):
        return None
    number = int if whole else float
    return RandomRange(number(low), number(high), None if step is None else number(step))


def _lowest(offered: float | None, minimum: float | None, exclusive: float | None, margin: Fraction) -> Fraction:
    """Return the lowest number that the form offers and the server accepts."""
    found = [_exact(n) for n in (offered, minimum) if n is not None]
    if exclusive is not None and not (found and max(found) > _exact(exclusive)):
        found.append(_exact(exclusive) + margin)
    return max(found, default=-_FARTHEST)


def _exact(number: float) -> Fraction:
    """Return a number as it is written: 0.1 is a tenth."""
    return Fraction(str(number)) if isinstance(number, float) and not number.is_integer() else Fraction(number)


def _negative(number: float | None) -> float | None:
    return None if number is None else -number
