"""Choices in texts, worked out by hand from the rules of the editor."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.comfyui import dynamic
from flowbind.comfyui.dynamic_text import is_dynamic


class Chooser(random.Random):
    """Chance that always falls on the same place."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def choice(self, seq: Sequence[Any]) -> Any:
        """Return the item of the place, counted around."""
        return seq[self.place % len(seq)]


FIRST, LAST = Chooser(0), Chooser(-1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("a {red|green} car", "a red car", "a green car"),
        ("{a|b}{c|d}", "ac", "bd"),
        ("{a|{b|c}} d", "a d", "c d"),
        ("{{a|b}|c}", "a", "c"),
        ("{{{a}}}", "a", "a"),
        ("{a|}", "a", ""),
        ("{}", "", ""),
        ("{|||}", "", ""),
        # Brackets that are not closed reach to the end; those that were not opened, and bars, are themselves.
        ("x {a|b", "x a", "x b"),
        ("x {a|{b|c", "x a", "x c"),
        ("a} | b", "a} | b", "a} | b"),
        ("{a}}", "a}", "a}"),
        # Escaped characters are themselves; other backslashes stay.
        (r"\{a|b\}", "{a|b}", "{a|b}"),
        (r"{a\|b|c}", "a|b", "c"),
        (r"{a\}|b}", "a}", "b"),
        (r"a\\b \n", r"a\\b \n", r"a\\b \n"),
        # A backslash before a backslash protects what follows it no longer.
        (r"\\{a|b}", r"\\a", r"\\b"),
        # A choice is read twice: by itself, and with the text around it.
        (r"{\\\{|b}", r"\{", "b"),
        # The editor reads behind the end.
        ("a\\", "a\\undefined", "a\\undefined"),
        ("{a|b\\", "a", "b\\undefined"),
        # Comments go first, wherever they are.
        ("a // b {c|d}\ne", "a \ne", "a \ne"),
        ("a // b\re", "a \re", "a \re"),
        ("a // b\u2028e", "a \u2028e", "a \u2028e"),
        ("a // b\x85e", "a ", "a "),
        ("a /* {b|\nc} */ d", "a  d", "a  d"),
        ("a /* b", "a /* b", "a /* b"),
        ("see http://x/y", "see http:", "see http:"),
        ("{a // b|c}\n|d}", "a \n", "d"),
        ("//*x*//", "", ""),
        ("{a/**/b|/*|}*/c}", "ab", "c"),
        # Where a comment was, or a choice, none begins.
        ("/{/**/}/x", "//x", "//x"),
        ("/{a|}/b", "/a/b", "//b"),
        ("{{\u00fc\U0001f600|b}|c}", "\u00fc\U0001f600", "c"),
    ],
)
def test_the_rules(text: str, first: str, last: str) -> None:
    assert dynamic(text, source=FIRST) == first
    assert dynamic(text, source=LAST) == last


def test_each_choice_comes_up() -> None:
    assert {dynamic("{a|b|c}", source=random.Random(number)) for number in range(50)} == {"a", "b", "c"}
    assert {dynamic("{a|b}") for _ in range(100)} == {"a", "b"}


def test_brackets_may_be_as_deep_as_they_like() -> None:
    assert dynamic("{" * 3000 + "a" + "}" * 3000) == "a"


@given(st.text("{}|\\/*ab\n", max_size=30))
def test_a_text_without_marks_is_itself(text: str) -> None:
    made = dynamic(text, source=FIRST)
    assert is_dynamic(text) or made == text


@given(st.text())
def test_any_text_has_an_expansion(text: str) -> None:
    assert isinstance(dynamic(text), str)
