"""What stands below the pictures of a contact sheet: values as people read them, and which picture it is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind import comfyui, invokeai
from flowbind.errors import BatchFailed, RunCanceled, RunFailed
from flowbind.invokeai import BoundingBox, Color, LoRA, ModelRef, Outputs, Result
from flowbind.pictures import Ended, cells
from flowbind.pictures.captions import captions, shown
from flowbind.workflow import RANDOM


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4, "4"),
        (7.5, "7.5"),
        (1e-7, "1e-07"),
        (True, "True"),
        (None, "None"),
        ("a cat", "a cat"),
        ("two\nlines and\ttabs", "two lines and tabs"),
        ("\x1b[2J\u202e猫", "\\x1b[2J\\u202e猫"),
        (RANDOM, "random"),
        (Path("photos/cat.png"), "cat.png"),
        (invokeai.Image("1f2e.png"), "1f2e.png"),
        (comfyui.Image("cat.png", "pets", "output"), "cat.png [output]"),
        (ModelRef("Dreamshaper 8", "sd-1", "main", "key", "hash"), "Dreamshaper 8"),
        (ModelRef(key="1234"), "(key=1234)"),
        (LoRA("Ink", 0.5), "(model=Ink, weight=0.5)"),
        (Color(255, 0, 8), "(r=255, g=0, b=8, a=255)"),
        (BoundingBox(1, 2, 3, 4), "(x_min=1, x_max=2, y_min=3, y_max=4)"),
        ([1, 2.0, "three"], "[1, 2.0, three]"),
        ({"a": 1, "b": None}, "(a=1)"),
        (b"1234", "4 bytes"),
    ],
)
def test_values_are_shown_as_people_read_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_what_all_share_is_told_once() -> None:
    rows = [{"steps": 4, "cfg": 7.5, "model": "Ink"}, {"steps": 8, "cfg": 7.5, "model": "Ink"}]
    assert captions(rows) == ("cfg=7.5, model=Ink", ["steps=4", "steps=8"])
    assert captions(rows[:1]) == ("", ["steps=4, cfg=7.5, model=Ink"])
    assert captions([]) == ("", [])


def test_what_only_some_have_is_not_shared() -> None:
    assert captions([{"steps": 4, "seed": 1}, {"steps": 4}]) == ("steps=4", ["seed=1", ""])


def test_long_texts_are_shown_where_they_differ() -> None:
    early = "a {} house on a rocky cliff in the evening light, with a boat in the bay, trending, " + "sharp " * 9
    late = (
        "a house on a rocky cliff in the evening light, with a boat in the bay, trending, with a {} door, " + "x " * 9
    )
    texts = [early.format("red"), early.format("blue"), late.format("red"), late.format("blue"), "猫"]
    red, blue, red_door, blue_door, cat = captions([{"text": text, "n": n} for n, text in enumerate(texts)])[1]
    assert red.startswith("text=a red house")
    assert blue.startswith("text=a blue house")
    assert red_door.startswith("text=…trending, with a red door, x")
    assert blue_door.startswith("text=…trending, with a blue door, x")
    assert cat == "text=猫, n=4"
    assert all(f"…\nn={n}" in text for n, text in enumerate((red, blue)))
    (whole,) = captions([{"text": late}])[1]
    assert whole.startswith("text=a house")
    assert whole.endswith("…")


@given(st.lists(st.text("ab", min_size=60, max_size=140), max_size=6))
def test_a_long_text_keeps_the_place_where_it_differs(texts: list[str]) -> None:
    parts = captions([{"t": text, "n": n} for n, text in enumerate(texts)])[1]
    told = dict(zip(texts, parts, strict=True))
    assert all(len(part) < 110 for part in parts)
    if len(told) == 2:
        one, other = (part.partition("\n")[0] for part in told.values())
        assert one != other


def test_long_texts_have_lines_of_their_own() -> None:
    text = "a paper lantern on a still lake at dawn, mist"
    assert captions([{"a": 1, "b": 2, "text": text, "c": 3}])[1] == [f"a=1, b=2\ntext={text}\nc=3"]


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.floats() | st.lists(st.text()))))
def test_any_values_have_a_caption(rows: list[dict[str, Any]]) -> None:
    title, own = captions(rows)
    assert len(own) == len(rows)
    assert all(text.replace("\n", "").isprintable() for text in (title, *own))


def result(varied: dict[str, Any], **outputs: Any) -> Result[Outputs]:
    """Return a result."""
    return Result(Outputs(**outputs), 7, varied, {}, lambda key: SimpleNamespace(key=key), "batch")  # type: ignore[arg-type, return-value]


A, B, C, D = (Path(f"{name}.png") for name in "abcd")


def test_each_picture_is_a_cell() -> None:
    made = cells([result({"steps": 4}, image=A, seed=7), result({"steps": 8}, image=B, seed=7)])
    assert (made.title, made.cells, made.per_run) == ("", [("steps=4", A), ("steps=8", B)], 1)


def test_pictures_of_one_run_are_counted_and_named_where_outputs_are_several() -> None:
    runs = [Ended({"n": 1}, {"image": [A, B], "mask": [C]}), Ended({"n": 2}, {"image": [D], "mask": []})]
    assert cells(runs).cells == [
        *(("n=1\nimage, 1 of 2", A), ("n=1\nimage, 2 of 2", B), ("n=1\nmask", C)),
        *(("n=2\nimage", D), ("", None), ("", None)),
    ]
    assert cells([Ended({"n": 1}, {"image": [A, B]})]).cells == [("n=1\n1 of 2", A), ("n=1\n2 of 2", B)]


def test_a_run_without_own_values_is_named_after_its_output() -> None:
    assert cells([result({}, image=A)]).cells == [("image", A)]


def test_failures_stand_among_the_others() -> None:
    about: dict[str, Any] = {"workflow": "Poster", "item_id": 8}
    words = dict.fromkeys(("error_type", "error_message", "traceback", "node_id", "node_label"), "")
    failed = RunFailed("disk full", **words, **about)
    canceled = RunCanceled("canceled", partial=result({"seed": 9}), **about)
    together = BatchFailed("one", outcomes=[result({"seed": 5}, image=A), failed], **about)
    made = cells([together, canceled, [result({"seed": 6}, image=B)], Ended({"seed": 3})])
    assert [caption for caption, _ in made.cells] == ["seed=5", "run 2", "seed=9", "seed=6", "seed=3"]
    shown_there = ["a.png", "disk full", "canceled", "b.png", "The run has left no file."]
    assert [str(picture) for _, picture in made.cells] == shown_there
