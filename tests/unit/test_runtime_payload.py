"""Bodies as pieces: what is joined is what would have been serialised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.payload import Pieces, encode

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_encoding_is_json_in_ascii(value: Any) -> None:
    data = encode(value)
    assert data.isascii()
    assert json.loads(data) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_what_json_does_not_have_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(value)


def members(names: list[str], own: dict[str, Any]) -> Pieces:
    """Return an object with a fixed member and a hole per name."""
    pieces = Pieces()
    pieces.add(b'{"fixed":')
    pieces.add(b"1")
    for name in names:
        pieces.add_hole(name, b"," + encode(name) + b":", encode(own[name]) if name in own else None)
    pieces.add(b"}")
    return pieces


NAMES = ["a", "b", "ü", 'quo"te']


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_joining_is_merging(own: dict[str, Any], given_values: dict[str, Any]) -> None:
    pieces = members(NAMES, own)
    joined = pieces.join({name: encode(value) for name, value in given_values.items()})
    assert json.loads(joined) == {"fixed": 1, **own, **given_values}
    # Joining changes nothing.
    assert json.loads(pieces.join({})) == {"fixed": 1, **own}


@given(st.sets(st.sampled_from(NAMES)))
def test_none_leaves_a_member_out(left_out: set[str]) -> None:
    own = dict.fromkeys(NAMES, 2)
    joined = members(NAMES, own).join(dict.fromkeys(left_out))
    assert json.loads(joined) == {"fixed": 1} | {name: 2 for name in NAMES if name not in left_out}


def test_one_key_may_have_several_holes() -> None:
    pieces = Pieces()
    pieces.add(b'[{"x":0')
    pieces.add_hole(1, b',"a":', b"1")
    pieces.add(b'},{"x":0')
    pieces.add_hole(1, b',"b":', None)
    pieces.add(b"}]")
    assert json.loads(pieces.join({})) == [{"x": 0, "a": 1}, {"x": 0}]
    assert json.loads(pieces.join({1: b"2", "unknown": b"3"})) == [{"x": 0, "a": 2}, {"x": 0, "b": 2}]
    assert json.loads(pieces.join({1: None})) == [{"x": 0}, {"x": 0}]
