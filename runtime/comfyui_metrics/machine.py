"""What psutil tells of the machine and of the server's process."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from .asking import asked

_SPAN = 0.2
"""Seconds that loads are measured for: those since the last question would be of any age."""
_CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")


def machine() -> dict[str, dict[str, Any]]:
    """Return the load and temperature of the CPU, the memory, and the server's part of them; takes half a second."""
    psutil: Any = asked(import_module, "psutil")
    memory: Any = psutil and asked(psutil.virtual_memory)
    process: Any = psutil and asked(psutil.Process)
    return {
        "cpu": {
            "percent": asked(lambda: psutil.cpu_percent(_SPAN)),
            "count": os.cpu_count(),
            "temperature_celsius": asked(_temperature, psutil),
        },
        "ram": {
            "total": asked(lambda: memory.total),
            "used": asked(lambda: memory.total - memory.available),
            "percent": asked(lambda: memory.percent),
        },
        "process": {
            "cpu_percent": asked(lambda: process.cpu_percent(_SPAN)),
            "ram_used": asked(lambda: process.memory_info().rss),
        },
    }


def _temperature(psutil: Any) -> float | None:
    sensors = psutil.sensors_temperatures()
    readings: list[Any] = next((sensors[name] for name in _CPU_SENSORS if sensors.get(name)), [])
    # Tctl steers the fan: with some processors it is some degrees above the real ones, which then stand beside it.
    real = [reading.current for reading in readings if reading.label != "Tctl"]
    return max(real or [reading.current for reading in readings], default=None)
