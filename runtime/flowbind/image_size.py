"""The size of a picture, read from its first bytes."""

from __future__ import annotations

_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def image_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG file in pixels; None for anything else, or what is broken."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return _number(data[16:20]), _number(data[20:24])
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _START_OF_FRAME:
            return _number(data[at + 7 : at + 9]), _number(data[at + 5 : at + 7])
        # 0xFF may be repeated before a marker.
        at += 1 if marker == 0xFF else 2 + _number(data[at + 2 : at + 4])
    return None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
