"""Pictures to try helpers on: noise in every mode, files of every kind, and files that were made to do harm."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "YCbCr": 3, "HSV": 3, "LAB": 3, "RGBA": 4, "CMYK": 4}
MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F")
BROKEN_EXIF = b"Exif\0\0MM\0*\0\0\0\x08\xff"


def noise(mode: str = "RGB", size: tuple[int, int] = (37, 23), seed: int = 1) -> Image.Image:
    """Return a picture of random values."""
    random = np.random.default_rng(seed)
    shape = (size[1], size[0])
    match mode:
        case "I;16":
            return Image.fromarray(random.integers(0, 1 << 16, shape, dtype=np.uint16))
        case "I":
            return Image.fromarray(random.integers(0, 1 << 16, shape, dtype=np.int32))
        case "F":
            return Image.fromarray(random.random(shape, dtype=np.float32))
        case "PA" | "La":
            return noise("LA", size, seed).convert(mode)
        case "RGBa":
            return noise("RGBA", size, seed).convert(mode)
        case "1" | "P":
            return noise("RGB", size, seed).convert(mode)
    data = random.integers(0, 256, size[0] * size[1] * CHANNELS[mode], dtype=np.uint8)
    return Image.frombytes(mode, size, data.tobytes())


def drawn(size: tuple[int, int] = (48, 32), mode: str = "RGB") -> Image.Image:
    """Return a picture with shapes in it, which compresses as photographs do."""
    return Image.effect_mandelbrot(size, (-2, -1, 1, 1), 40).convert("RGB").rotate(20).convert(mode)


def encoded(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Return the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def turned(orientation: int, form: str = "PNG") -> bytes:
    """Return a file whose EXIF says how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(drawn(), form, exif=exif)


def frames(form: str, count: int) -> bytes:
    """Return a file of several pictures."""
    first, *others = [drawn().rotate(30 * number) for number in range(count)]
    return encoded(first, form, save_all=True, append_images=others)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of chunks, each with its right sum."""
    parts = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def grey_png(size: tuple[int, int], *more: tuple[bytes, bytes], bits: int = 8, kind: int = 0) -> bytes:
    """Return a PNG that says it is of a size, and has a few pixels of it at most; `more` stands before them."""
    header = struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0)
    channels = 3 if kind == 2 else 1
    pixels = zlib.compress(bytes(min(1000, (size[0] * channels * bits // 8 + 1) * size[1])))
    return png((b"IHDR", header), *more, (b"IDAT", pixels), (b"IEND", b""))


def huge(form: str) -> bytes:
    """Return a small file that says it is a picture of 40,000 x 30,000 pixels."""
    size = (40_000, 30_000)
    if form == "PNG":
        return grey_png(size)
    small = bytearray(encoded(Image.new("RGB", (16, 16)), form))
    if form == "BMP":
        struct.pack_into("<ii", small, 18, *size)
    elif form == "GIF":
        struct.pack_into("<HH", small, 6, *size)
    elif form == "JPEG":
        at = small.index(b"\xff\xc0")
        struct.pack_into(">HH", small, at + 5, size[1], size[0])
    return bytes(small)


def big_endian_tiff(values: np.ndarray[Any, Any]) -> bytes:
    """Return grey of 16 bits in a TIFF of the order of bytes that Pillow does not write."""
    data = values.astype(">u2").tobytes()
    height, width = values.shape
    start = 10 + 9 * 12 + 4
    numbers = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 273: start, 277: 1, 278: height, 279: len(data)}
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in numbers.items())
    return b"MM\0*" + struct.pack(">IH", 8, len(numbers)) + entries + bytes(4) + data


def cut(data: bytes, places: int = 12) -> Sequence[bytes]:
    """Return a file cut off at places from its first bytes to its last."""
    return [data[: 1 + (len(data) - 2) * place // (places - 1)] for place in range(places)]
