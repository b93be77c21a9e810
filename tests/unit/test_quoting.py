"""Text from outside in generated source: read back it is the same text, and none of it is code."""

from __future__ import annotations

import ast
import math
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowbind_generator.quoting import comment, docstring, identifier, literal

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3))
HOSTILE = [
    '"""\nimport os\n"""',
    "'''",
    "\\",
    '\\"',
    '""""',
    "a\rb",
    "a\x00b",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "# type: ignore",
    "\\N{BULLET}",
    "\u202etxt\u2066",
    "\ud800",
    "\x0cform",
    "\u2028line",
]


def hostile(test: Any) -> Any:
    for text in HOSTILE:
        test = example(text)(test)
    return test


def is_visible(text: str) -> bool:
    """Tell whether nothing in the text hides or reorders what a reader sees."""
    return not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in text if c != "\n")


@hostile
@given(JSON)
def test_a_literal_reads_back_as_the_same_value(value: Any) -> None:
    source = literal(value)
    assert ast.literal_eval(source) == value
    assert type(ast.literal_eval(source)) is type(value)
    assert "\n" not in source
    assert is_visible(source)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan]])
def test_what_is_no_json_has_no_literal(value: Any) -> None:
    with pytest.raises(ValueError, match="no literal"):
        literal(value)


@pytest.mark.parametrize("value", [b"x", {1, 2}, object()])
def test_other_objects_have_no_literal(value: Any) -> None:
    with pytest.raises(AssertionError):
        literal(value)


@hostile
@given(ANY_TEXT)
def test_a_docstring_is_one_string_that_says_the_same(text: str) -> None:
    source = docstring(text)
    module = ast.parse(f'"""{source}"""')
    assert len(module.body) == 1
    value = ast.literal_eval(f'"""{source}"""')
    seen = ("".join(c for c in word if c.isprintable()) for word in text.split())
    assert value.split() == [word for word in seen if word]
    assert is_visible(source)


def test_a_docstring_keeps_the_spaces_of_other_scripts() -> None:
    assert docstring("全角\u3000空白 and\u00a0a\ttab") == "全角 空白 and a tab"


def test_a_docstring_keeps_its_lines() -> None:
    assert docstring("  First.  \n\nSecond.\n") == "First.\n\nSecond."


@hostile
@given(ANY_TEXT)
def test_a_comment_stays_on_its_line(text: str) -> None:
    source = comment(text)
    assert len(f"# {source}".splitlines()) == 1
    assert ast.parse(f"# {source}\n").body == []
    assert is_visible(source)


@pytest.mark.parametrize("text", ["coding: utf-7", "-*- coding=latin-1 -*-", "vim: set fileencoding:rot13 :"])
def test_a_comment_does_not_change_how_a_module_is_read(text: str) -> None:
    source = f"# {comment(text)}\nvalue = 'é'\n"
    assert ast.dump(ast.parse(source.encode())) == ast.dump(ast.parse(source))


@pytest.mark.parametrize("text", ["", "a b", "1a", "a-b", "a\n", "ﬁ", "a;b", "x=1"])
def test_only_an_identifier_passes_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="no identifier"):
        identifier(text)


def test_an_identifier_passes_as_it_is() -> None:
    assert identifier("größe_2") == "größe_2"
