"""Digests of files: hashlib is loaded on first use, since it brings OpenSSL along."""

from __future__ import annotations

from typing import BinaryIO


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def measured(file: BinaryIO) -> tuple[str, int]:
    """Return the SHA-256 of what is left in an open file, and how many bytes that are."""
    import hashlib

    found, size = hashlib.sha256(), 0
    while piece := file.read(1 << 18):
        found.update(piece)
        size += len(piece)
    return found.hexdigest(), size


def text_sha256(data: bytes) -> str:
    """Return the SHA-256 of a text file; line ends that version control changed do not count."""
    # Mostly there is none, and looking for one byte is several times as fast.
    return sha256(data.replace(b"\r\n", b"\n") if b"\r" in data else data)


def json_sha256(document: object) -> str:
    """Return the SHA-256 of a JSON document, its key order aside."""
    import json

    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())
