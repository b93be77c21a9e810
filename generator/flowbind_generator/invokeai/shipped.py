"""The OpenAPI document that flowbind ships, for projects that have pinned none."""

from __future__ import annotations

from pathlib import Path

SNAPSHOT = "6.14.2"
"""The release that the document is of."""


def shipped_document() -> bytes:
    """Return the document, compressed."""
    return (Path(__file__).parent / "snapshots" / f"openapi-{SNAPSHOT}.json.gz").read_bytes()
