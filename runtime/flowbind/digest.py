"""Digests of files: hashlib is loaded on first use, since it brings OpenSSL along."""

from __future__ import annotations


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    import hashlib

    return hashlib.sha256(data).hexdigest()


def text_sha256(data: bytes) -> str:
    """Return the SHA-256 of a text file; line ends that version control changed do not count."""
    return sha256(data.replace(b"\r\n", b"\n"))


def json_sha256(document: object) -> str:
    """Return the SHA-256 of a JSON document, its key order aside."""
    import json

    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())
