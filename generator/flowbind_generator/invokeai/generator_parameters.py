"""What the editor's generator nodes hold: a kind of generator and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.numbers import is_integer, is_number

_LONGEST_INTEGER = 2**53 - 1


def _integer(value: Any) -> bool:
    return is_integer(value) and abs(value) <= _LONGEST_INTEGER


def _positive(value: Any) -> bool:
    return _integer(value) and value >= 1


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _maybe_integer(value: Any) -> bool:
    return value is None or _integer(value)


def _maybe_numbers(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(is_number, value)))


def _board(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _category(value: Any) -> bool:
    return value in ("images", "assets")


# For each generator its parameters: what they may be, and what the editor takes where one is missing.
_Parameters = Mapping[str, tuple[Callable[[Any], bool], Any]]
_PARAMETERS: dict[str, _Parameters] = {
    "float_generator_arithmetic_sequence": {
        "start": (is_number, 0),
        "step": (is_number, 0.1),
        "count": (_integer, 10),
        "values": (_maybe_numbers, MISSING),
    },
    "float_generator_linear_distribution": {
        "start": (is_number, 0),
        "end": (is_number, 1),
        "count": (_integer, 10),
        "values": (_maybe_numbers, MISSING),
    },
    "float_generator_random_distribution_uniform": {
        "min": (is_number, 0),
        "max": (is_number, 1),
        "count": (_integer, 10),
        "seed": (_maybe_integer, MISSING),
        "values": (_maybe_numbers, MISSING),
    },
    "float_generator_parse_string": {
        "input": (_text, "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1"),
        "splitOn": (_text, ","),
        "values": (_maybe_numbers, MISSING),
    },
    "integer_generator_arithmetic_sequence": {"start": (_integer, 0), "step": (_integer, 1), "count": (_integer, 10)},
    "integer_generator_linear_distribution": {"start": (_integer, 0), "end": (_integer, 10), "count": (_integer, 10)},
    "integer_generator_random_distribution_uniform": {
        "min": (_integer, 0),
        "max": (_integer, 10),
        "count": (_integer, 10),
        "seed": (_maybe_integer, MISSING),
    },
    "integer_generator_parse_string": {"input": (_text, "1,2,3,4,5,6,7,8,9,10"), "splitOn": (_text, ",")},
    "string_generator_parse_string": {"input": (_text, "foo,bar,baz,qux"), "splitOn": (_text, ",")},
    "string_generator_dynamic_prompts_combinatorial": {
        "input": (_text, "a super {cute|ferocious} {dog|cat}"),
        "maxPrompts": (_positive, 10),
    },
    "string_generator_dynamic_prompts_random": {
        "input": (_text, "a super {cute|ferocious} {dog|cat}"),
        "count": (_positive, 10),
        "seed": (_maybe_integer, MISSING),
    },
    "image_generator_images_from_board": {"board_id": (_board, MISSING), "category": (_category, "images")},
}
# What a new generator node holds, by the type of its field.
_FRESH = {
    "FloatGeneratorField": "float_generator_arithmetic_sequence",
    "IntegerGeneratorField": "integer_generator_arithmetic_sequence",
    "StringGeneratorField": "string_generator_parse_string",
    "ImageGeneratorField": "image_generator_images_from_board",
}


def read_generator(saved: Mapping[str, Any]) -> Any:
    """Return a saved generator as the editor keeps it, with what is missing filled in; MISSING for anything else."""
    kind = saved.get("type")
    parameters = _PARAMETERS.get(kind) if isinstance(kind, str) else None
    if parameters is None:
        return MISSING
    found = {"type": kind}
    for name, (is_valid, default) in parameters.items():
        value = saved.get(name, default)
        if value is MISSING:
            continue
        if not is_valid(value):
            return MISSING
        found[name] = _read(value, is_valid)
    return found


def _read(value: Any, is_valid: Callable[[Any], bool]) -> Any:
    if is_valid is _board:
        return value.strip()
    return int(value) if isinstance(value, float) and is_valid in (_integer, _positive, _maybe_integer) else value


def fresh_generator(field_type: str) -> Any:
    """Return what a new generator node holds; MISSING for a field type that is no generator's."""
    kind = _FRESH.get(field_type)
    return MISSING if kind is None else read_generator({"type": kind})
