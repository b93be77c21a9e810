"""What a server tells of how busy it is, whichever family it is of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metrics:
    """How busy a server is; memory is in bytes, None where the server does not tell."""

    queue_depth: int
    """The runs that wait or go on, whoever's."""
    vram_total: int | None
    """The memory of its devices, all together."""
    vram_free: int | None
    """What of it is free."""
