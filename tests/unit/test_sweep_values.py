"""`--sweep attribute=...`: which values a text lists, and what is told of those that cannot be."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.cli import main
from flowbind_generator.settings import split_values

ROOT = Path(__file__).resolve().parents[2]

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("4", ["4"]),
        ("4,8,12", ["4", "8", "12"]),
        ("4, 8", ["4", "8"]),
        ('"a cat, sitting",a dog', ["a cat, sitting", "a dog"]),
        ('"a ""red"" cat","two\nlines"', ['a "red" cat', "two\nlines"]),
        ('say "hi",b', ['say "hi"', "b"]),
        (",a", ["", "a"]),
        ('""', [""]),
        ("[1, 2.50, true, null]", ["1", "2.5", "true", "null"]),
        ("[[1, 2], [3]]", ["[1, 2]", "[3]"]),
        ('["a, b", "猫"]', ["a, b", "猫"]),
        ('[{"r": 1}, {"r": 2}]', ['{"r": 1}', '{"r": 2}']),
        # What only begins like a list is text.
        ("[cat],dog", ["[cat]", "dog"]),
        ("[1,2],[3]", ["[1", "2]", "[3]"]),
        ("[" * 5000, ["[" * 5000]),
    ],
)
def test_a_list_is_json_or_else_csv(text: str, values: list[str]) -> None:
    assert split_values(text) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("[]", "is empty"),
        ('"a', "no list as in CSV"),
        ('"a"b', "no list as in CSV"),
        ("a\nb", "line"),
    ],
)
def test_what_is_no_list_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        split_values(text)


@given(st.lists(TEXTS, min_size=1))
def test_any_texts_can_be_written_both_ways(texts: list[str]) -> None:
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="").writerow(texts)
    assert split_values(json.dumps(texts)) == texts
    assert split_values(file.getvalue()) == texts


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sweeps = ["width=wide,64", "heigth=64", "softness=", "width=64", "grain=0.5", "coloured_grain=true,perhaps"]
    words = [word for sweep in sweeps for word in ("--sweep", sweep)]
    export = str(ROOT / "workflows" / "poster.json")
    settings = ("--set", "grain=0.1", "--set", "sun_size=big")
    done = CliRunner().invoke(main, ["run", export, "--url", "http://127.0.0.1:9", *words, *settings])
    assert (done.exit_code, done.stdout) == (2, "")
    said = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in said] == [
        *("--sweep softness", "--sweep width", "--sweep grain"),
        *("Poster.sun_size (\"Sun size\") is 'big'", "Poster.width (\"Width\") is 'wide'"),
        *("Poster has no input 'heigth'", "Poster.coloured_grain (\"Coloured grain\") is 'perhaps'"),
    ]
    assert "the list is empty" in said[0]
    assert "swept already" in said[1]
    assert "--set sets it, too" in said[2]
    assert "did you mean height" in said[5]
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_without_values_is_no_sweep() -> None:
    done = CliRunner().invoke(main, ["run", str(ROOT / "workflows" / "poster.json"), "--sweep", "width"])
    assert done.exit_code == 2
    assert "write attribute=value,value" in done.stderr
