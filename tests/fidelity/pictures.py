"""Small pictures for runs, made without a library."""

from __future__ import annotations

import zlib


def grey(size: int, shade: int) -> bytes:
    """Return a PNG of one shade of grey."""
    head = size.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress((b"\0" + bytes([shade]) * size) * size)), (b"IEND", b""))
    made = b"\x89PNG\r\n\x1a\n"
    for kind, content in parts:
        made += len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
    return made
