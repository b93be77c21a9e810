"""Damaged pictures: each is read or refused, and no other error, warning or size of memory comes of it."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from random import Random

import pytest
from hypothesis import settings
from PIL import Image

from flowbind import pictures
from flowbind.errors import PictureError

TRIES = max(1000, settings().max_examples)
MOST_PIXELS = 1_000_000
MOST_SECONDS = 20
"""So long no picture of a few kilobytes takes, on a machine that is busy with other things."""
counts: Counter[str] = Counter()


@cache
def files() -> Mapping[tuple[str, str], bytes]:
    """Return a small file of each format and mode that Pillow writes and reads."""
    colours = Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 40).convert("RGB").rotate(20)
    found = {}
    Image.init()
    for form in sorted(Image.SAVE.keys() - {"EPS"}):
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"):
            file = io.BytesIO()
            try:
                colours.convert("L" if mode[0] in "IF" else mode).convert(mode).save(file, form)
                Image.open(file).load()
            except Exception:
                continue  # Pillow does not write this mode in this format, or does not read it
            found[form, mode] = file.getvalue()
    return found


def damaged(data: bytes, random: Random) -> bytes:
    """Return a file cut off somewhere, or with some bytes exchanged, more of them where it says what it is."""
    if random.random() < 0.3:
        return data[: random.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(min(len(data), random.choice((40, 200, len(data)))))
        changed[at] = random.choice((0, 1, 0x7F, 0xFF, random.randrange(256)))
    return bytes(changed)


def test_there_are_files_of_many_formats() -> None:
    formats = {form for form, _ in files()}
    assert {"AVIF", "BMP", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TGA", "TIFF", "WEBP"} <= formats


def test_damaged_files_are_read_or_refused() -> None:
    random = Random(1)
    kinds = sorted(files())
    slowest = 0.0
    for _ in range(TRIES):
        kind = random.choice(kinds)
        data = damaged(files()[kind], random)
        began = time.monotonic()
        counts["cases"] += 1
        refused = outcome(data)
        assert refused.startswith("The picture given as bytes ") or not refused
        counts["generated"] += not refused
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < MOST_SECONDS


@pytest.mark.parametrize("kind", [kind for kind in files() if kind[0] in ("PNG", "JPEG", "WEBP", "TIFF")])
def test_a_damaged_file_compares_with_itself(kind: tuple[str, str]) -> None:
    random = Random(2)
    for _ in range(TRIES // 100):
        data = damaged(files()[kind], random)
        # What has no scale has no difference.
        if not outcome(data) and pictures.check(data).mode not in ("F", "I"):
            assert pictures.compare(data, data, most_pixels=MOST_PIXELS).same


def outcome(data: bytes) -> str:
    """Check and fit a picture; return why it is refused, "" where it is not."""
    try:
        info = pictures.check(data, most_pixels=MOST_PIXELS)
        fitted = pictures.fit(data, 16, 16, most_pixels=MOST_PIXELS)
    except PictureError as error:
        return str(error)
    assert info.width * info.height <= MOST_PIXELS
    assert 16 in fitted.size
    return ""
