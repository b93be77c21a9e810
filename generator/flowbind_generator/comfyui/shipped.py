"""The node classes that flowbind ships, for projects that have pinned none."""

from __future__ import annotations

from pathlib import Path

SNAPSHOT = "0.33.0"
"""The release that they are of."""


def shipped_document() -> bytes:
    """Return what a server of that release answers to `/object_info`, compressed."""
    return (Path(__file__).parent / "snapshots" / f"object_info-{SNAPSHOT}.json.gz").read_bytes()
