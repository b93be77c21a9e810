"""Addresses inside an export: RFC 6901 and RFC 9535, whatever the keys are."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.pointers import json_pointer, jsonpath

KEYS = st.lists(st.text(st.characters(codec="utf-8"), max_size=6) | st.integers(0, 99), max_size=4)


@pytest.mark.parametrize(
    ("keys", "pointer", "path"),
    [
        ((), "", "$"),
        (("nodes", 0, "data"), "/nodes/0/data", "$.nodes[0].data"),
        (("a/b", "m~n", ""), "/a~1b/m~0n/", '$["a/b"]["m~n"][""]'),
        (("saved_workflow_input::n::f",), "/saved_workflow_input::n::f", '$["saved_workflow_input::n::f"]'),
        (('quo"te', "new\nline"), '/quo"te/new\nline', r'$["quo\"te"]["new\nline"]'),
        (("0", 0), "/0/0", '$["0"][0]'),
    ],
)
def test_keys_are_written_as_both(keys: tuple[str | int, ...], pointer: str, path: str) -> None:
    assert json_pointer(keys) == pointer
    assert jsonpath(keys) == path


@given(KEYS)
def test_a_pointer_reads_back(keys: list[str | int]) -> None:
    parts = json_pointer(keys).split("/")[1:]
    assert [p.replace("~1", "/").replace("~0", "~") for p in parts] == [str(k) for k in keys]


@given(KEYS)
def test_a_path_reads_back(keys: list[str | int]) -> None:
    steps = re.findall(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]', jsonpath(keys), re.DOTALL)
    assert [plain or (int(index) if index else json.loads(quoted)) for plain, index, quoted in steps] == keys
