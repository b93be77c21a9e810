"""Digests of files: hashlib is loaded on first use, since it brings OpenSSL along."""

from __future__ import annotations


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    import hashlib

    return hashlib.sha256(data).hexdigest()
