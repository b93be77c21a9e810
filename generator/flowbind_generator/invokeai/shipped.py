"""The OpenAPI document that flowbind ships, for projects that have pinned none."""

from __future__ import annotations

from pathlib import Path

SNAPSHOT = "6.14.2"
"""The release that the document is of."""


# Where `flowbind spec pull` notes which release served a document: the document itself does not say.
VERSION_KEY = "x-flowbind-app-version"


def shipped_document() -> bytes:
    """Return the document, compressed."""
    return (Path(__file__).parent / "snapshots" / f"openapi-{SNAPSHOT}.json.gz").read_bytes()
