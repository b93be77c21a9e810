"""What is told of one GPU."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Gpu:
    """A GPU; memory is in bytes. What is None nobody tells."""

    index: int
    """The number that its driver gives it."""
    marks: frozenset[str] = frozenset()
    """What tells it from all others of the machine: its place on the bus, its UUID."""
    name: str | None = None
    torch_index: int | None = None
    """The number that PyTorch gives it in this server; None where the server does not see it."""
    load_percent: float | None = None
    memory_total: int | None = None
    memory_used: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None

    def told(self) -> dict[str, Any]:
        """Return what the server tells of it."""
        told = asdict(self)
        del told["marks"]
        return told


def bus_mark(address: str) -> str:
    """Return a place on the bus as a mark; drivers write "0000:01:00.0" with more or fewer zeros."""
    return ":".join(f"{int(part, 16):x}" for part in re.split("[:.]", address)[:3])
