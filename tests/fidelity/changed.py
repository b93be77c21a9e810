"""A valid value for an input that is another than the workflow's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowbind.comfyui.files import FILE_KINDS
from flowbind_generator.comfyui.widget_values import unwrapped
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input

from .values import plausible

_BOARD = "0b6d3c2e-8c62-4f37-9a3c-0d0b2a1e1f11"


def changed(item: Input, catalog: Any) -> Any:
    """Return such a value, None where the input takes only one."""
    own = unwrapped(item.default)
    if not isinstance(catalog, Catalog):
        return next((value for value in _of_widget(item, own) if value != own), None)
    if item.cardinality == "list":
        return plausible(item, catalog)
    return next((value for value in _of_field(item, own, catalog) if value not in (own, [own])), None)


def _of_field(item: Input, own: Any, catalog: Catalog) -> Iterator[Any]:
    if item.choices:
        yield from reversed(item.choices)
        return
    match item.field_type:
        case "IntegerField" | "FloatField":
            step = item.limits.multiple_of or (1 if item.field_type == "IntegerField" else 0.5)
            yield from _numbers(item, own, step, item.field_type == "FloatField")
        case "BooleanField":
            yield not own
        case "BoardField":
            yield _BOARD
        case _:
            yield plausible(item, catalog)


def _of_widget(item: Input, own: Any) -> Iterator[Any]:
    many = item.cardinality == "list"
    if item.choices is not None:
        yield from ([choice] if many else choice for choice in reversed(item.choices))
    elif item.kind in FILE_KINDS:
        yield "another file.png"
    elif item.kind == "model":
        yield "another.safetensors"
    elif "pattern" in item.annotation:
        yield ["#112233"] if many else "#112233"
    elif "dict" in item.annotation:
        box = {"x": 1, "y": 2, "width": 5, "height": 6}
        yield [box] if many else box
    elif item.annotation.startswith("bool"):
        yield not own
    elif "int" in item.annotation or "float" in item.annotation:
        is_float = "int" not in item.annotation
        # What a primitive hands on is rounded to steps, of which these are multiples.
        yield from _numbers(item, own, 0.5 if is_float else 16, is_float)
    elif not many:
        yield "another text"


def _numbers(item: Input, own: Any, step: float, is_float: bool) -> Iterator[float]:
    low, high = item.limits.minimum, item.limits.maximum
    above = item.limits.exclusive_minimum
    starts = [own] if isinstance(own, int | float) else []
    starts += [low if low is not None and abs(low) < 2**50 else 0 if above is None else above]
    for start in starts:
        for number in (start + step, start - step, start):
            fits = (low is None or number >= low) and (high is None or number <= high)
            if fits and (above is None or number > above):
                yield float(number) if is_float else int(number)
