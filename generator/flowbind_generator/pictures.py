"""Texts inside pictures: the text chunks of a PNG, the EXIF of a WEBP."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from flowbind_generator.reading import MOST_BYTES

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_EXIF = b"Exif\0\0"
_ASCII = 2


def is_png(data: bytes) -> bool:
    """Tell whether the bytes of a file are a PNG."""
    return data.startswith(_PNG)


def is_webp(data: bytes) -> bool:
    """Tell whether the bytes of a file are a WEBP."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


@dataclass(frozen=True)
class PngText:
    """A text of a PNG, packed as it is: the kind of its chunk, and what follows its name."""

    kind: bytes
    packed: bytes

    def unpacked(self) -> bytes:
        """Return the text, in UTF-8 in an iTXt chunk and in Latin-1 elsewhere, as the format has it.

        Raises `ValueError` or `zlib.error` for a damaged one.
        """
        if self.kind == b"zTXt":
            return _inflate(self.packed[1:])
        if self.kind != b"iTXt":
            return self.packed
        # Two flags, a language and a translation of the name come first.
        text = self.packed[2:].split(b"\0", 2)[-1]
        return _inflate(text) if self.packed[:1] == b"\1" else text


def png_texts(data: bytes, kinds: Collection[bytes] = _PNG_TEXTS) -> Iterator[tuple[str, PngText]]:
    """Yield the texts of a PNG by name, those in chunks of the given kinds; raises `ValueError` where it is damaged."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in kinds:
            if at + 12 + size > len(data):
                raise ValueError("it ends within a text")
            body = data[at + 8 : at + 8 + size]
            if zlib.crc32(kind + body) != int.from_bytes(data[at + 8 + size : at + 12 + size], "big"):
                raise ValueError("a text is not the one that was written")
            key, _, rest = body.partition(b"\0")
            yield key.decode("latin-1"), PngText(kind, rest)
        if kind == b"IEND":
            return
        at += 12 + size


def _inflate(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    text = stream.decompress(data, MOST_BYTES)
    if stream.unconsumed_tail:
        raise ValueError("a text chunk is too large")
    return text


def webp_texts(data: bytes) -> Iterator[bytes]:
    """Yield the texts in the EXIF of a WEBP, of its first directory; raises `ValueError` where it is damaged."""
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            if at + 8 + size > len(data):
                raise ValueError("it ends within its EXIF")
            try:
                yield from _exif_texts(data[at + 8 : at + 8 + size].removeprefix(_EXIF))
            except struct.error:
                raise ValueError("its EXIF is broken") from None
            return
        # A chunk of odd size has one byte more.
        at += 8 + size + size % 2


def _exif_texts(exif: bytes) -> Iterator[bytes]:
    order = "<" if exif[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    (entries,) = struct.unpack_from(f"{order}H", exif, directory)
    for place in range(entries):
        _, kind, size, start = struct.unpack_from(f"{order}HHII", exif, directory + 2 + 12 * place)
        if kind == _ASCII:
            if start + size > len(exif):
                raise ValueError("its EXIF is broken")
            yield exif[start : start + size].rstrip(b"\0")
