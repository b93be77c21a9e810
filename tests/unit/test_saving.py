"""Names of files that any system takes."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from flowbind.saving import as_file_name, is_file_name

TEXTS = st.text(st.sampled_from('ab. /\\:"?\n🦄ä\udcff'), max_size=12) | st.text(max_size=300)


@given(TEXTS | TEXTS.map("nul.{}".format) | TEXTS.map("{}con".format))
def test_what_is_made_a_name_is_one(name: str) -> None:
    made = as_file_name(name)
    assert made == "" or is_file_name(made)


@given(TEXTS.filter(is_file_name))
@example("0\xa0")
def test_a_name_stays_as_it_is(name: str) -> None:
    assert as_file_name(name) == name


def test_a_long_name_keeps_its_ending() -> None:
    assert as_file_name("x" * 300 + ".png") == "x" * 196 + ".png"
    assert as_file_name("a." + "x" * 300) == "." + "x" * 199
