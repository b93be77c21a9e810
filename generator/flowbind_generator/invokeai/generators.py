"""The values that generators give, as the editor works them out."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

MAX_ITEMS = 10_000
"""How many items the server's queue takes, as long as nobody configures more."""

# Where a generator leaves its values to chance: each run draws anew.
_DRAWN = frozenset({"integer_generator_random_distribution_uniform", "float_generator_random_distribution_uniform"})
# Where only the server knows: it expands prompts and lists boards.
_ASKED = frozenset(
    {
        "string_generator_dynamic_prompts_combinatorial",
        "string_generator_dynamic_prompts_random",
        "image_generator_images_from_board",
    }
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
# What JavaScript trims: Python's strip takes some separators besides, and leaves the byte order mark.
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


class TooManyItems(Exception):
    """A generator that makes more values than a queue takes; `count` says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(f"it makes {count:,} values")
        self.count = count


def left_to_run(generator: Mapping[str, Any]) -> bool:
    """Tell whether only a run can say what a generator gives: it draws anew, or the server must be asked."""
    kind = generator["type"]
    if kind == "image_generator_images_from_board":
        return "board_id" in generator
    if kind in _DRAWN:
        return generator.get("seed") is None and generator.get("values") is None and generator["count"] > 0
    return kind in _ASKED


def check_count(generator: Mapping[str, Any]) -> None:
    """Raise `TooManyItems` for a generator left to the run that asks for more values than a queue takes."""
    _check_count(generator.get("count", generator.get("maxPrompts", 0)))


def values_of(generator: Mapping[str, Any]) -> list[Any]:
    """Return what a generator gives that leaves nothing to the run; nothing where it counts beyond all numbers.

    Raises `TooManyItems` for more than a queue takes.
    """
    cached = generator.get("values")
    values = list(cached if cached is not None else _values(generator))
    _check_count(len(values))
    return values if all(isinstance(v, str) or math.isfinite(v) for v in values) else []


def _check_count(count: int) -> None:
    if count > MAX_ITEMS:
        raise TooManyItems(count)


def _values(generator: Mapping[str, Any]) -> Sequence[Any]:
    kind = generator["type"].partition("_generator_")[2]
    is_float = generator["type"].startswith("float")
    if kind == "images_from_board":
        return []
    if kind == "parse_string":
        parse = _texts if generator["type"].startswith("string") else _floats if is_float else _integers
        return parse(_split(generator["input"], generator["splitOn"]))
    if kind == "arithmetic_sequence" and generator["step"] == 0:
        return [generator["start"]]
    count = max(0, int(generator["count"]))
    _check_count(count)
    if kind == "arithmetic_sequence":
        return [generator["start"] + i * generator["step"] for i in range(count)]
    if kind == "linear_distribution":
        start, span = generator["start"], generator["end"] - generator["start"]
        if count == 1:
            return [start]
        steps = [span * (i / (count - 1)) for i in range(count)]
        return [start + s for s in steps] if is_float else [start + _rounded(s) for s in steps]
    if count == 0:
        return []
    draw = _twister(int(generator["seed"]))
    low, high = generator["min"], generator["max"]
    if is_float:
        return [draw() * (high - low) + low for _ in range(count)]
    return [math.floor(draw() * (high - low + 1)) + low for _ in range(count)]


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        return [text]
    with suppress(ValueError):
        # The editor reads it as the inside of a JSON string, so that "\\n" is a line end.
        separator = json.loads(f'"{separator}"')
    return text.split(separator)


def _texts(parts: list[str]) -> list[str]:
    return [p for p in parts if p]


def _floats(parts: list[str]) -> list[float]:
    return _numbers(parts, _NUMBER)


def _integers(parts: list[str]) -> list[int]:
    # By way of a float: JavaScript has no other numbers.
    return [int(n) for n in _numbers(parts, _WHOLE)]


def _numbers(parts: list[str], pattern: re.Pattern[str]) -> list[float]:
    numbers = [float(found[0]) for part in parts if (found := pattern.match(part.strip(_BLANKS)))]
    return [n for n in numbers if math.isfinite(n)]


def _rounded(value: float) -> int:
    """Round as JavaScript does: halves go up."""
    below = math.floor(value)
    return below + (value - below >= 0.5)


def _twister(seed: int) -> Callable[[], float]:
    """Return a Mersenne Twister seeded as the editor's: by one word, where Python's takes a list of words."""
    words = [seed & 0xFFFFFFFF]
    for i in range(1, 624):
        words.append((1812433253 * (words[-1] ^ (words[-1] >> 30)) + i) & 0xFFFFFFFF)
    source = random.Random()
    source.setstate((3, (*words, 624), None))
    return lambda: source.getrandbits(32) / 2**32
