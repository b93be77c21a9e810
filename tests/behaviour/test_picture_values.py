"""What checking, fitting and comparing give, beside what Pillow, numpy and scikit-image give for the same pictures."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

from flowbind import pictures
from flowbind.errors import PictureError
from flowbind.pictures import Comparison, PictureInfo, comparing

from .sample_pictures import BROKEN_EXIF, MODES, big_endian_tiff, drawn, encoded, grey_png, noise, turned

SIDES = st.integers(1, 60)
PLAIN = [mode for mode in MODES if mode not in ("1", "P", "PA", "La", "RGBa")]
"""The modes whose values are light as they stand."""
TRANSPARENT_GREY = grey_png((5, 3), (b"tRNS", b"\0\0"))
TRANSPARENT_COLOUR = grey_png((5, 3), (b"tRNS", bytes(6)), kind=2)


def upright(data: bytes) -> Image.Image:
    """Return the picture as Pillow turns it."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data)))


# Check.


@pytest.mark.parametrize(
    ("data", "info"),
    [
        (encoded(drawn(), "JPEG"), PictureInfo("JPEG", 48, 32, "RGB", has_transparency=False)),
        (encoded(drawn(mode="CMYK"), "JPEG"), PictureInfo("JPEG", 48, 32, "CMYK", has_transparency=False)),
        (encoded(noise("I;16")), PictureInfo("PNG", 37, 23, "I;16", has_transparency=False)),
        (encoded(noise("1")), PictureInfo("PNG", 37, 23, "1", has_transparency=False)),
        (encoded(noise("LA")), PictureInfo("PNG", 37, 23, "LA", has_transparency=True)),
        (encoded(noise("P")), PictureInfo("PNG", 37, 23, "P", has_transparency=False)),
        (encoded(noise("P"), transparency=3), PictureInfo("PNG", 37, 23, "P", has_transparency=True)),
        (TRANSPARENT_GREY, PictureInfo("PNG", 5, 3, "L", has_transparency=True)),
        (encoded(drawn(), "WEBP"), PictureInfo("WEBP", 48, 32, "RGB", has_transparency=False)),
        (encoded(drawn(), "AVIF"), PictureInfo("AVIF", 48, 32, "RGB", has_transparency=False)),
        (big_endian_tiff(np.zeros((3, 5))), PictureInfo("TIFF", 5, 3, "I;16B", has_transparency=False)),
    ],
)
def test_what_a_picture_is(data: bytes, info: PictureInfo) -> None:
    assert pictures.check(data) == info


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_sizes_are_as_people_see_them(tmp_path: Path, orientation: int, form: str) -> None:
    data = turned(orientation, form=form)
    seen = upright(data)
    path = tmp_path / "a picture"
    path.write_bytes(data)
    info = pictures.check(data)
    assert info == pictures.check(path)
    assert pictures.compare(data, path).same
    assert (info.width, info.height) == seen.size == ((48, 32) if orientation < 5 else (32, 48))
    fitted = pictures.fit(data, *seen.size)
    assert fitted.tobytes() == seen.tobytes()
    assert pictures.compare(data, seen).same
    # Whoever turns the result, turns nothing.
    assert ImageOps.exif_transpose(fitted).tobytes() == fitted.tobytes()


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", BROKEN_EXIF, b"junk"])
def test_what_nobody_can_read_turns_nothing(exif: bytes) -> None:
    data = encoded(drawn(), "JPEG", exif=exif)
    assert pictures.check(data).width == 48
    assert pictures.compare(data, encoded(drawn(), "JPEG")).same


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_a_turn_that_there_is_not_turns_nothing(value: int) -> None:
    assert pictures.check(turned(value)).width == 48


# Fit.


@given(mode=st.sampled_from(PLAIN), size=st.tuples(SIDES, SIDES), into=st.tuples(SIDES, SIDES))
def test_a_picture_is_resized_as_pillow_resizes(mode: str, size: tuple[int, int], into: tuple[int, int]) -> None:
    picture = noise(mode, size)
    found = pictures.fit(picture, *into)
    pillows = ImageOps.contain(picture, into)
    assert found.mode == mode
    if min(pillows.size):
        assert (found.size, found.tobytes()) == (pillows.size, pillows.tobytes())
    else:
        assert found.size == tuple(max(1, side) for side in pillows.size)


@given(size=st.tuples(SIDES, SIDES), into=st.tuples(SIDES, SIDES), mode=st.sampled_from(["L", "LA", "RGB", "RGBA"]))
def test_the_rest_is_filled_as_pillow_fills(size: tuple[int, int], into: tuple[int, int], mode: str) -> None:
    picture = noise(mode, size)
    found = pictures.fit(picture, *into, background="#336699")
    assert found.size == into
    if min(ImageOps.contain(picture, into).size):
        assert found.tobytes() == ImageOps.pad(picture, into, color="#336699").tobytes()


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000), (3, 2)])
def test_no_side_is_lost(size: tuple[int, int]) -> None:
    found = pictures.fit(noise("RGB", size), 8, 8)
    assert min(found.size) >= 1
    assert max(found.size) == 8
    assert pictures.fit(noise("RGB", size), 8, 8, background="black").size == (8, 8)


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (noise("1"), "L"),
        (noise("P"), "RGB"),
        (noise("PA"), "RGBA"),
        (noise("La"), "LA"),
        (noise("RGBa"), "RGBA"),
        (Image.open(io.BytesIO(encoded(noise("P"), transparency=3))), "RGBA"),
        (Image.open(io.BytesIO(TRANSPARENT_GREY)), "LA"),
        (Image.open(io.BytesIO(TRANSPARENT_COLOUR)), "RGBA"),
    ],
)
def test_what_is_no_light_is_made_light_first(picture: Image.Image, mode: str) -> None:
    found = pictures.fit(picture, 11, 9)
    assert found.mode == mode
    assert found.tobytes() == ImageOps.contain(picture.convert(mode), (11, 9)).tobytes()


def test_grey_of_another_order_of_bytes() -> None:
    values = np.arange(40 * 30).reshape(30, 40) * 50
    found = pictures.fit(big_endian_tiff(values), 9, 9)
    wanted = ImageOps.contain(Image.fromarray(values.astype(np.uint16)), (9, 9))
    assert (found.mode, found.tobytes()) == ("I;16", wanted.tobytes())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16"])
def test_a_background_has_its_colour_in_every_mode(mode: str) -> None:
    for colour, seen in (("white", 255), ("black", 0), ((0, 0, 0, 255), 0)):
        found = pictures.fit(noise(mode), 10, 30, background=colour)
        corner = found.crop((0, 0, 1, 1))
        if mode == "I;16":
            assert corner.getpixel((0, 0)) == seen * 257
        else:
            assert corner.convert("RGB").getpixel((0, 0)) == (seen, seen, seen)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((0, 8), "No picture fits into 0 x 8: each side must have 1 pixel or more"),
        ((8, -1), "No picture fits into 8 x -1"),
        ((10**6, 10**6), r"1000000 x 1000000 are 1,000,000,000,000 pixels, more than 89,478,485; .* most_pixels="),
        ((10**400, 1), "pixels, more than 89,478,485"),
    ],
)
def test_a_size_that_no_picture_can_have(size: tuple[int, int], said: str) -> None:
    with pytest.raises(ValueError, match=said) as found:
        pictures.fit(drawn(), *size)
    assert not isinstance(found.value, PictureError)
    with pytest.raises(TypeError):
        pictures.fit(drawn(), 8.5, 8)  # type: ignore[arg-type]


@pytest.mark.parametrize("colour", ["blak", "", (1, 2), (1, 2, "3"), object()])
def test_a_background_that_is_no_colour(colour: object) -> None:
    with pytest.raises(ValueError, match="is no colour: give a name or a text such as '#336699'"):
        pictures.fit(drawn(), 8, 8, background=colour)  # type: ignore[arg-type]


# Compare.


def wanted(a: Image.Image, b: Image.Image, mode: str) -> Comparison:
    """Return what numpy and scikit-image say of two pictures of one size."""
    first, second = (np.asarray(picture if mode == "I;16" else picture.convert(mode)) for picture in (a, b))
    white = 65535 if mode == "I;16" else 255
    window = min(7, *first.shape[:2])
    window -= 1 - window % 2
    similar = None
    if window >= 3:
        axis = -1 if first.ndim == 3 else None
        similar = structural_similarity(first, second, win_size=window, data_range=white, channel_axis=axis)
    difference = np.abs(first.astype(int) - second.astype(int)).mean() / (white // 255)
    return Comparison((a.size, b.size), bool((first == second).all()), float(difference), similar)


def assert_alike(found: Comparison, expected: Comparison) -> None:
    """Check that two comparisons are equal, but for the last digits of the similarity."""
    assert (found.sizes, found.same) == (expected.sizes, expected.same)
    assert found.mean_difference == expected.mean_difference
    if expected.ssim is None:
        assert found.ssim is None
    else:
        assert found.ssim == pytest.approx(expected.ssim, abs=1e-9)


@given(size=st.tuples(SIDES, SIDES), mode=st.sampled_from(["1", "L", "RGB", "RGBA", "I;16"]), seed=st.integers(1, 2))
def test_the_numbers_are_those_of_the_libraries(size: tuple[int, int], mode: str, seed: int) -> None:
    a, b = noise(mode, size), noise(mode, size, seed)
    assert_alike(pictures.compare(a, b), wanted(a, b, "L" if mode == "1" else mode))


@pytest.mark.parametrize("first", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
@pytest.mark.parametrize("second", ["L", "P", "RGB", "RGBA"])
def test_pictures_of_several_modes(first: str, second: str) -> None:
    a, b = noise(first), noise(second, seed=2)
    see_through = {first, second} & {"LA", "PA", "RGBA"}
    grey = {first, second} <= {"1", "L"}
    assert_alike(pictures.compare(a, b), wanted(a, b, "RGBA" if see_through else "L" if grey else "RGB"))


def test_one_picture_in_several_modes_is_the_same() -> None:
    palette = drawn().quantize(200)
    grey = noise("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    for a, b in (
        (palette, palette.convert("RGB")),
        (palette, palette.convert("RGBA")),
        (grey, grey.convert("RGB")),
        (grey, grey.convert("LA")),
        (noise("1"), noise("1").convert("RGB")),
        (noise("LA"), noise("LA").convert("RGBA")),
        (deep, grey),
        (deep, grey.convert("RGB")),
        (deep, deep.convert("I")),
        (Image.open(io.BytesIO(TRANSPARENT_GREY)), Image.open(io.BytesIO(TRANSPARENT_GREY)).convert("RGBA")),
    ):
        for found in (pictures.compare(a, b), pictures.compare(b, a)):
            assert found == Comparison((a.size, a.size), same=True, mean_difference=0.0, ssim=found.ssim)
            assert found.ssim == (1.0 if min(a.size) > 2 else None)


def test_what_shows_through_counts() -> None:
    clear, solid = Image.new("RGBA", (9, 9), (9, 9, 9, 0)), Image.new("RGB", (9, 9), (9, 9, 9))
    found = pictures.compare(clear, solid)
    assert (found.same, found.mean_difference) == (False, 255 / 4)


def test_the_least_difference_of_16_bits_counts() -> None:
    a = noise("I;16")
    values = np.asarray(a).copy()
    values[0, 0] ^= 1
    found = pictures.compare(a, Image.fromarray(values))
    assert not found.same
    assert found.mean_difference == pytest.approx(1 / 257 / values.size)


def test_sizes_that_differ_have_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(turned(6))
    assert pictures.compare(path, drawn()) == Comparison(
        ((32, 48), (48, 32)), same=False, mean_difference=None, ssim=None
    )


@pytest.mark.parametrize("mode", ["F", "I"])
def test_values_without_a_scale_are_not_compared(mode: str) -> None:
    odd = noise(mode) if mode == "F" else Image.fromarray(np.full((4, 4), -1, np.int32))
    with pytest.raises(PictureError, match=rf"are no light between black and white \(mode {mode}\)"):
        pictures.compare(odd, odd)


def test_large_pictures_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = noise("RGB", (400, 300)), noise("RGB", (400, 300), seed=2)
    expected = wanted(a, b, "RGB")
    peaks = []
    for at_once in (1 << 12, 1 << 16, 1 << 30):
        monkeypatch.setattr(comparing, "_VALUES_AT_ONCE", at_once)
        tracemalloc.start()
        try:
            assert_alike(pictures.compare(a, b), expected)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[0] < peaks[1] < peaks[2] / 2
