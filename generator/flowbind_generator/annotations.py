"""Annotations of the inputs: what bounds a value, and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowbind_generator.limits import Limits
from flowbind_generator.numbers import is_number
from flowbind_generator.quoting import literal

_CONSTRAINTS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusive_minimum": "gt",
    "exclusive_maximum": "lt",
    "multiple_of": "multiple_of",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
}
NUMERIC = ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of")
TEXTUAL = ("min_length", "max_length", "pattern")


def choice_type(choices: Sequence[Any]) -> str:
    """Return the type of a choice; `Literal` takes no fractions."""
    if not any(isinstance(choice, float) for choice in choices):
        return f"Literal[{', '.join(map(literal, choices))}]"
    kinds = dict.fromkeys("float" if is_number(choice) else type(choice).__name__ for choice in choices)
    values = ", ".join(literal(float(choice) if is_number(choice) else choice) for choice in choices)
    return f"Annotated[{' | '.join(kinds)}, OneOf(({values}{',' * (len(choices) == 1)}))]"


def bounded(item: str, limits: Limits, names: tuple[str, ...]) -> str:
    """Return a type as source with those of its bounds that are named."""
    bounds = [f"{_CONSTRAINTS[n]}={literal(value)}" for n in names if (value := getattr(limits, n)) is not None]
    return f"Annotated[{item}, Field({', '.join(bounds)})]" if bounds else item
