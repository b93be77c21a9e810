"""What a batch's items must be: all that the inputs want which take them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from flowbind.invokeai.schema.field_types import Schema, not_null
from flowbind_generator.invokeai.limits import LIMIT_KEYS
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.limits import Limits

_OF_NUMBERS = frozenset({"minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of"})
_OF_ITEMS = {
    "integer": _OF_NUMBERS,
    "number": _OF_NUMBERS,
    "string": frozenset({"min_length", "max_length", "pattern"}),
}


def narrowed(field: InputField, targets: Iterable[Limits]) -> InputField:
    """Return a list input whose items keep the limits of all targets.

    The server checks no item of a batch: one that its target refuses blocks the whole queue.
    """
    array: Schema = next((s for s in not_null(field.schema) if s.get("type") == "array"), {})
    items: Schema = array.get("items") or {}
    whole = items.get("type") == "integer"
    bounds = _tightest([_of_integers(t) if whole else t for t in targets])
    # The length that bounds a list of the target's, or a text made of a number, says nothing of one item.
    names = _OF_ITEMS.get(str(items.get("type")), frozenset())
    kept = {
        key: value for key, name in LIMIT_KEYS.items() if name in names and (value := getattr(bounds, name)) is not None
    }
    return replace(field, schema={**field.schema, "anyOf": [{**array, "items": {**items, **kept}}]})


def _tightest(limits: list[Limits]) -> Limits:
    def of(name: str) -> list[float]:
        return [value for found in limits if (value := getattr(found, name)) is not None]

    steps = [Fraction(str(s)) for s in of("multiple_of")]
    step = float(_common_multiple(steps)) if steps else None
    return Limits(
        minimum=max(of("minimum"), default=None),
        maximum=min(of("maximum"), default=None),
        exclusive_minimum=max(of("exclusive_minimum"), default=None),
        exclusive_maximum=min(of("exclusive_maximum"), default=None),
        multiple_of=int(step) if step is not None and step.is_integer() else step,
        min_length=max((found.min_length for found in limits if found.min_length is not None), default=None),
        max_length=min((found.max_length for found in limits if found.max_length is not None), default=None),
        pattern=next((found.pattern for found in limits if found.pattern), None),
    )


def _of_integers(limits: Limits) -> Limits:
    """Return the limits of a number in whole numbers."""
    low, high = limits.exclusive_minimum, limits.exclusive_maximum
    return replace(
        limits,
        minimum=None if limits.minimum is None else math.ceil(limits.minimum),
        maximum=None if limits.maximum is None else math.floor(limits.maximum),
        exclusive_minimum=None if low is None else math.floor(low),
        exclusive_maximum=None if high is None else math.ceil(high),
        multiple_of=None if limits.multiple_of is None else Fraction(str(limits.multiple_of)).numerator,
    )


def _common_multiple(steps: list[Fraction]) -> Fraction:
    common = steps[0]
    for step in steps[1:]:
        numerator = math.lcm(common.numerator * step.denominator, step.numerator * common.denominator)
        common = Fraction(numerator, common.denominator * step.denominator)
    return common
