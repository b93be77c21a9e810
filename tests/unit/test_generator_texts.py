"""Generators that split a text: separators as JSON escapes, numbers as JavaScript reads them."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.generator_parameters import read_generator
from flowbind_generator.invokeai.generators import values_of


def values(kind: str, **parameters: Any) -> list[Any]:
    """Return what a generator gives."""
    return values_of(read_generator({"type": kind, **parameters}))


@pytest.mark.parametrize(
    ("text", "separator", "parts"),
    [
        ("a,b,c", ",", ["a", "b", "c"]),
        ("a,b", "", ["a,b"]),
        ("", ",", []),
        (",a,,b,", ",", ["a", "b"]),
        (" a , b ", ",", [" a ", " b "]),
        ("a\nb", "\\n", ["a", "b"]),
        ("a\\nb", "\\\\n", ["a", "b"]),
        ("a\tb", "\\t", ["a", "b"]),
        ("aäb", "\\u00e4", ["a", "b"]),
        ('a"b', '\\"', ["a", "b"]),
        ('a"b', '"', ["a", "b"]),
        ("a\\b", "\\", ["a", "b"]),
        ("a\\xb", "\\x", ["a", "b"]),
        ("a\nb", "\n", ["a", "b"]),
        ("a, b;c", ", ", ["a", "b;c"]),
        ('x","y', '","', ["x", "y"]),
    ],
)
def test_texts_are_split(text: str, separator: str, parts: list[str]) -> None:
    assert values("string_generator_parse_string", input=text, splitOn=separator) == parts


@pytest.mark.parametrize(
    ("text", "integer", "number"),
    [
        ("5", 5, 5.0),
        (" 5 ", 5, 5.0),
        ("+3", 3, 3.0),
        ("-3", -3, -3.0),
        ("3.7", 3, 3.7),
        ("-3.7", -3, -3.7),
        ("5e2", 5, 500.0),
        ("5E-1", 5, 0.5),
        ("5e", 5, 5.0),
        ("5.", 5, 5.0),
        (".5", None, 0.5),
        ("-.5e1", None, -5.0),
        ("1_000", 1, 1.0),
        ("0x10", 0, 0.0),
        ("007", 7, 7.0),
        ("12px", 12, 12.0),
        ("1 2", 1, 1.0),
        ("\ufeff\u00a0\u20035", 5, 5.0),
        ("\x1f5", None, None),
        ("\x855", None, None),
        ("９", None, None),
        ("٣", None, None),
        ("Infinity", None, None),
        ("-Infinity", None, None),
        ("NaN", None, None),
        ("1e999", 1, None),
        ("--1", None, None),
        ("+", None, None),
        (".", None, None),
        ("e5", None, None),
        ("px12", None, None),
        ("", None, None),
        ("9007199254740993", 9007199254740992, 9007199254740992.0),
        ("9" * 5000, None, None),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_numbers_are_read_as_javascript_reads_them(text: str, integer: int | None, number: float | None) -> None:
    integers = values("integer_generator_parse_string", input=f"{text};1", splitOn=";")
    numbers = values("float_generator_parse_string", input=f"{text};1", splitOn=";")
    assert integers == ([1] if integer is None else [integer, 1])
    assert numbers == ([1.0] if number is None else [number, 1.0])
    assert all(isinstance(v, int) for v in integers)
