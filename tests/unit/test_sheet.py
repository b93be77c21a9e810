"""A contact sheet as it is drawn: pictures in their cells, text that can be read, whatever there is to show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from flowbind.invokeai import Video
from flowbind.pictures import Ended, cells, lettering, sheet
from flowbind.pictures.layout import MOST_PIXELS
from flowbind.pictures.lettering import Lettering, legible

RED, BLUE = (200, 0, 0), (0, 0, 200)


def plain(colour: tuple[int, ...], width: int = 64, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Return a picture of one colour."""
    return Image.new(mode, (width, height), colour)


def area(made: Image.Image, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Return the size of the rectangle that holds a colour."""
    close = [[abs(a - b) < 3 for a, b in zip(pixel, colour, strict=True)] for pixel in made.get_flattened_data()]
    mask = Image.new("1", made.size)
    mask.putdata([all(one) for one in close])
    box = mask.getbbox()
    assert box
    return box[2] - box[0], box[3] - box[1]


@pytest.mark.parametrize(
    ("size", "cell", "expected"),
    [
        ((64, 48), 512, (64, 48)),
        ((1024, 512), 256, (256, 128)),
        ((300, 900), 300, (100, 300)),
        ((9, 9000), 512, (1, 512)),
    ],
)
def test_pictures_keep_their_proportions_and_are_never_enlarged(
    size: tuple[int, int], cell: int, expected: tuple[int, int]
) -> None:
    assert area(sheet([("", plain(RED, *size))], cell=cell), RED) == expected


def test_cells_go_row_by_row() -> None:
    colours = [(50 * n, 0, 0) for n in range(1, 6)]
    made = sheet([("", plain(colour)) for colour in colours], columns=2)
    pixels = list(made.get_flattened_data())
    places = [divmod(pixels.index(colour), made.width) for colour in colours]
    assert sorted(places) == places
    assert len({left for _, left in places}) == 2
    assert len({top for top, _ in places}) == 3


def test_all_that_pillow_has_is_shown(tmp_path: Path) -> None:
    modes = [plain(colour, mode=mode) for mode, colour in (("L", (90,)), ("LA", (90, 99)), ("RGBA", (1, 2, 3, 4)))]
    modes += [Image.new(mode, (64, 64), 0) for mode in ("1", "P", "CMYK", "I;16", "I", "F", "YCbCr", "HSV")]
    assert sheet([("", one) for one in modes]).mode == "RGB"
    tall = plain(RED, 40, 80)
    exif = Image.Exif()
    exif[0x0112] = 6
    tall.save(tmp_path / "turned.png", exif=exif)
    assert area(sheet([("", tmp_path / "turned.png")]), RED) == (80, 40)


def test_transparent_pictures_lie_on_white() -> None:
    assert area(sheet([("", plain((0, 0, 0, 0), mode="RGBA"))]), (255, 255, 255)) == (64, 64)


def test_what_is_no_picture_is_told_in_its_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    said: list[str] = []
    write = Lettering.wrapped

    def wrapped(self: Lettering, text: str, width: int, most: int) -> list[str]:
        said.append(text)
        return write(self, text, width, most)

    monkeypatch.setattr(Lettering, "wrapped", wrapped)
    things: list[Any] = [
        *(tmp_path / "broken.png", tmp_path / "gone.png", "a/walk.mp4", Video("b.mp4"), None),
        *(RuntimeError("disk full\nsecond line"), 7),
    ]
    sheet([(f"caption {n}", thing) for n, thing in enumerate(things)])
    assert {"walk.mp4", "b.mp4", "disk full"} <= {*said}
    assert any(text.startswith("broken.png cannot be shown: ") for text in said)
    assert any(text.startswith("gone.png cannot be shown: ") for text in said)
    assert any(text.startswith("This picture cannot be shown: ") for text in said)


@pytest.mark.parametrize("wrong", [{"columns": 0}, {"cell": 0}, {"pictures": []}])
def test_what_makes_no_sheet_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs pictures"):
        sheet(**{"pictures": [("", plain(RED))], **wrong})


def test_many_pictures_stay_within_the_bounds() -> None:
    width, height = sheet([(f"seed={n}", plain(RED, 600, 600)) for n in range(300)], title="Poster").size
    assert width * height <= MOST_PIXELS
    assert 0.8 < width / height < 1.25


def test_without_pillow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'flowbind\[images\]'"):
        sheet([("", Path("a.png"))])


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no fonts are installed."""
    monkeypatch.setattr(lettering, "_INSTALLED", ())
    cached = (lettering._names, lettering._font, lettering._has, lettering._other)
    for one in cached:
        one.cache_clear()
    yield  # type: ignore[misc]
    for one in cached:
        one.cache_clear()


@pytest.mark.usefixtures("bare")
def test_letters_that_no_font_has_are_escaped() -> None:
    assert legible("a cat, 猫 😀 кот\n\u202eשלום \x1b") == (
        "a cat, \\u732b \\U0001f600 \\u043a\\u043e\\u0442\n\\u202e\\u05e9\\u05dc\\u05d5\\u05dd \\x1b"
    )


@pytest.mark.skipif(len(lettering._names()) == 1, reason="no font is installed here beside that of Pillow")
def test_letters_that_an_installed_font_has_are_drawn() -> None:
    assert legible("кот") == "кот"


def test_letters_that_would_stand_in_the_wrong_order_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_reorders", lambda: False)
    lettering._has.cache_clear()
    lettering._other.cache_clear()
    assert legible("שלום") == "\\u05e9\\u05dc\\u05d5\\u05dd"
    lettering._has.cache_clear()
    lettering._other.cache_clear()


@given(st.text(max_size=300), st.integers(40, 300), st.integers(1, 6))
@settings(max_examples=200, deadline=None)
def test_any_text_is_wrapped_into_its_room(text: str, width: int, most: int) -> None:
    letters = Lettering(14)
    lines = letters.wrapped(text, width, most)
    assert len(lines) <= most
    assert all(letters.width(line) <= width for line in lines)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_is_drawn(caption: str, title: str) -> None:
    assert sheet([(caption, plain(BLUE)), ("猫 кот", RuntimeError(caption))], title=title).size


def test_nothing_of_a_short_text_is_lost() -> None:
    letters = Lettering(14)
    text = "prompt=a cat sitting on a very old wall, steps=4, seed=12345678901234567890"
    lines = letters.wrapped(text, 144, 9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert letters.wrapped(text, 144, 2)[-1].endswith("…")


def test_a_sheet_of_what_runs_have_left(tmp_path: Path) -> None:
    plain(RED).save(tmp_path / "a.png")
    runs = [
        Ended({"steps": 4, "cfg": 7.5}, {"image": tmp_path / "a.png"}),
        Ended({"steps": 8, "cfg": 7.5}, error="full"),
    ]
    made = cells(runs)
    assert made.title == "cfg=7.5"
    assert [caption for caption, _ in made.cells] == ["steps=4", "steps=8"]
    assert area(sheet(made.cells, title=made.title, columns=1), RED) == (64, 64)
