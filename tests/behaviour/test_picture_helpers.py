"""Pictures on this machine: checked, fitted and compared, as Pillow and scikit-image have it; refused in one way."""

from __future__ import annotations

import asyncio
import inspect
import io
import os
import sys
import threading
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFile

from flowbind import comfyui, invokeai, pictures
from flowbind.errors import FlowbindError, PictureError
from flowbind.pictures import PictureInfo

from .both_clients import carry_out
from .fake_server import FakeServer, as_json
from .sample_pictures import (
    BROKEN_EXIF,
    MODES,
    cut,
    drawn,
    encoded,
    frames,
    grey_png,
    huge,
    noise,
    turned,
)
from .surface import check_docstring
from .test_images import HERE, picture, png

# What is taken.


def test_paths_bytes_and_pictures_of_pillow_are_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "a harbour.png"
    path.write_bytes(encoded(drawn()))
    for source in (path, str(path), path.read_bytes(), Image.open(path)):
        assert pictures.check(source) == PictureInfo("PNG", 48, 32, "RGB", has_transparency=False)
    assert pictures.check(drawn()) == PictureInfo(None, 48, 32, "RGB", has_transparency=False)


@pytest.mark.parametrize("client", ["sync", "async"])
def test_a_picture_of_a_run(server: FakeServer, client: str) -> None:
    server.answer("GET", f"{HERE}/full", png(encoded(drawn())))
    server.answer("GET", HERE, as_json(picture("here.png")))

    async def script(client: Any) -> Any:
        image = await client.images.get("here.png")
        own = image.open()
        if not asyncio.iscoroutine(own):
            return pictures.check(image), pictures.compare(image, drawn()).same
        own.close()
        with pytest.raises(TypeError, match=r"'here\.png' is one of an async client: give `await image\.open\(\)`\."):
            pictures.check(image)
        opened = await image.open()
        return pictures.check(opened), pictures.compare(opened, drawn()).same

    info = PictureInfo("PNG", 48, 32, "RGB", has_transparency=False)
    assert carry_out(client, server.url, script, check="off") == (info, True)


@pytest.mark.parametrize("image", [invokeai.Image("x.png"), comfyui.Image("x.png")])
def test_a_picture_that_no_client_made_says_so(image: Any) -> None:
    with pytest.raises(TypeError, match="was not made by a client"):
        pictures.check(image)


@pytest.mark.parametrize("wrong", [None, 3, io.BytesIO(b""), ["a.png"], object()])
def test_other_things_are_no_pictures(wrong: Any) -> None:
    with pytest.raises(TypeError, match="is no picture: give a path, bytes of a file, a Pillow picture"):
        pictures.check(wrong)


# What is refused, and how.


def said(source: Any, **more: Any) -> str:
    """Return what is said of a picture that is refused."""
    with pytest.raises(PictureError) as found:
        pictures.check(source, **more)
    assert isinstance(found.value, FlowbindError)
    assert isinstance(found.value, ValueError)
    for other in (lambda: pictures.fit(source, 8, 8, **more), lambda: pictures.compare(source, drawn(), **more)):
        with pytest.raises(PictureError) as again:
            other()
        assert str(again.value) == str(found.value)
    return str(found.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path / "gone.png") == (
        f"{tmp_path / 'gone.png'}: there is no such file. Give the path of a picture."
    )
    assert "A text is a path here, not the name of a picture on a server." in said("gone.png")
    assert said("").startswith("'': there is no such file.")
    assert said(tmp_path) == f"{tmp_path} is a folder. Give the path of a picture in it."
    assert "\\x00" in said("a\0b.png")
    assert len(said("x" * 100_000)) < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names in folders there")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "it is no regular file" in said(tmp_path / "pipe.png")


def test_what_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("My notes", encoding="utf-8")
    assert said(path) == f"{path} is no picture that Pillow knows. Give a PNG, JPEG or another picture."
    path.write_bytes(b"")
    assert said(path).startswith(f"{path} is empty. ")
    assert said(b"").startswith("The picture given as bytes is empty.")
    assert "has no pixels" in said(Image.new("RGB", (0, 5)))


def test_a_picture_that_is_a_program_is_not_run() -> None:
    assert "is a program that draws a picture (EPS). Save what it draws as PNG." in said(encoded(drawn(), "EPS"))


def test_a_name_with_control_characters_is_shown_harmless(tmp_path: Path) -> None:
    assert "\x1b" not in said(tmp_path / "a\x1b[31m\u202egnp.exe")


FORMS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {},
    "progressive": {"form": "JPEG", "progressive": True},
    "WEBP": {},
    "lossless": {"form": "WEBP", "lossless": True},
    "AVIF": {},
    "GIF": {},
    "TIFF": {},
    "packed": {"form": "TIFF", "compression": "tiff_lzw"},
    "BMP": {},
    "JPEG2000": {},
    "PPM": {},
    "ICO": {"sizes": [(48, 32)]},
    "QOI": {},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_cut_off_anywhere_is_refused(form: str) -> None:
    whole = encoded(drawn(), **{"form": form, **FORMS[form]})
    assert pictures.check(whole).width == 48
    # What follows the last pixel may be missing: in some formats it is of no use.
    for part in cut(whole[:-24]):
        told = said(part)
        assert "cut off" in told or "is no picture" in told, len(part)


def test_each_damaged_byte_of_a_png_is_found() -> None:
    whole = encoded(noise("L", (9, 5)), pnginfo=None)
    # Of the last chunk, which is empty, the name alone is looked at.
    for at in range(len(whole) - 12):
        data = bytearray(whole)
        data[at] ^= 0x10
        said(bytes(data))


def test_pillow_verifies_less() -> None:
    # Why all is read: what verifies may lack its pixels, and what has its pixels may be damaged elsewhere.
    part = encoded(drawn(), "JPEG")[:-200]
    Image.open(io.BytesIO(part)).verify()
    said(part)
    end = encoded(drawn())[:-12]
    Image.open(io.BytesIO(end)).load()
    said(end)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF"])
def test_what_would_fill_the_memory_is_refused_before_it_does(form: str) -> None:
    data = huge(form)
    assert len(data) < 10_000
    tracemalloc.start()
    try:
        told = said(data)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
    assert "has 40000 x 30000 = 1,200,000,000 pixels, more than 89,478,485." in told or form == "GIF"
    assert "most_pixels=1200000000" in told or "PIL.Image.MAX_IMAGE_PIXELS" in told


def test_pillows_own_limit_is_the_limit_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(drawn())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 48 * 32 - 1)
    # Pillow itself would warn up to twice as many.
    assert "has 48 x 32 = 1,536 pixels, more than 1,535." in said(data)
    assert "more than 1,535" in said(drawn())
    assert pictures.check(data, most_pixels=48 * 32).width == 48
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert pictures.fit(data, 8, 8, most_pixels=48 * 32).size == (8, 5)
    assert pictures.compare(data, data, most_pixels=48 * 32).same
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert pictures.check(data).width == 48
    assert "more than 100." in said(data, most_pixels=100)


def test_bombs_inside_of_icons_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    icon = bytearray(encoded(drawn((64, 64)), "ICO", sizes=[(64, 64)]))
    icon[6:8] = bytes((16, 16))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 16 * 16)
    told = said(bytes(icon), most_pixels=1000)
    assert "is larger than Pillow reads in this format" in told
    assert "raise PIL.Image.MAX_IMAGE_PIXELS" in told
    monkeypatch.undo()
    assert "has 64 x 64 = 4,096 pixels, more than 1,000." in said(bytes(icon), most_pixels=1000)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_no_picture(form: str) -> None:
    assert "is animated. Save one frame as a picture of its own" in said(frames(form, 3))
    assert pictures.check(frames(form, 1)).format == form
    moving = Image.open(io.BytesIO(frames(form, 2)))
    said(moving)
    moving.seek(1)
    assert pictures.check(moving.copy()).width == 48


def test_several_pages_are_counted() -> None:
    assert "holds 3 pictures. Save the one that is meant" in said(frames("TIFF", 3))
    assert "holds more than 100 pictures" in said(frames("TIFF", 103))
    assert pictures.check(frames("TIFF", 1)).format == "TIFF"


def test_the_views_of_a_phone_are_one_picture() -> None:
    assert pictures.check(frames("MPO", 2)) == PictureInfo("MPO", 48, 32, "RGB", has_transparency=False)


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_texts_that_fill_the_memory_are_refused(kind: bytes) -> None:
    bomb = (kind, b"a\0\0" + zlib.compress(bytes(40 << 20)))
    tracemalloc.start()
    try:
        said(grey_png((4, 4), bomb))
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


# What Pillow does by itself, and what the program has set, is left alone.


NOISY = [
    grey_png((4, 4), (b"acTL", bytes(8))),
    encoded(drawn(), "JPEG", exif=BROKEN_EXIF),
]
"""Files that Pillow warns of: an animation that is none, and EXIF that ends too early."""


def test_no_warning_of_pillow_reaches_the_user() -> None:
    for data in NOISY:
        with pytest.raises(UserWarning, match=r"APNG|EXIF"):
            Image.open(io.BytesIO(data))
        _outcome(data)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            _outcome(data)
        assert told == []


def test_settings_and_the_warnings_of_others_stay_as_they_are() -> None:
    data = [encoded(drawn()), *NOISY, huge("PNG"), turned(6)]
    before = (list(warnings.filters), Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    raised: list[bool] = []
    done = threading.Event()

    def another_program() -> None:
        while not done.is_set():
            try:
                warnings.warn("another program's", UserWarning, stacklevel=1)
            except UserWarning:
                raised.append(True)
            else:
                raised.append(False)

    other = threading.Thread(target=another_program)
    other.start()
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(_outcome, data * 25))
    done.set()
    other.join()
    assert outcomes == outcomes[: len(data)] * 25
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == before
    assert raised
    assert all(raised)


def test_a_given_picture_stays_as_it_is() -> None:
    for mode in MODES:
        given = noise(mode)
        before = given.tobytes()
        fitted = pictures.fit(given, *given.size)
        assert fitted is not given
        fitted.paste(0, (0, 0, *fitted.size))
        pictures.check(given)
        pictures.fit(given, 4, 4, background="red")
        assert (given.mode, given.tobytes()) == (mode, before)


def _outcome(data: bytes) -> object:
    try:
        return pictures.check(data), pictures.fit(data, 8, 8).tobytes()
    except PictureError as error:
        return str(error)


# Without the extra, and the public names.


@pytest.mark.parametrize("missing", ["PIL", "numpy"])
def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name in [
        name for name in sys.modules if name.startswith("flowbind.pictures.") or name.partition(".")[0] == missing
    ]:
        monkeypatch.delitem(sys.modules, name)
    for name in pictures.__all__:
        monkeypatch.delitem(vars(pictures), name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=r"needs its extra: pip install 'flowbind\[images\]'"):
        _ = pictures.compare


def test_the_names_of_pictures() -> None:
    assert pictures.__all__ == [
        "Cells",
        "Comparison",
        "Ended",
        "PictureInfo",
        "cells",
        "check",
        "compare",
        "fit",
        "sheet",
    ]
    assert dir(pictures) == sorted(pictures.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'open'"):
        _ = pictures.open
    for name in pictures.__all__:
        found = getattr(pictures, name)
        if inspect.isfunction(found):
            check_docstring(name, found, asks=False)
