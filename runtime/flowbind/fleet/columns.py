"""What Dask's page of workers shows of a worker's server: numbers and texts by the names of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowbind.fleet.tally import WorkflowMetrics
from flowbind.metrics import GpuMetrics, Metrics

_NUMBERS: dict[str, Callable[[Metrics], float | None]] = {
    "queue_depth": lambda told: told.queue_depth,
    "vram_free": lambda told: told.vram_free,
    "vram_total": lambda told: told.vram_total,
    "cpu_percent": lambda told: told.machine.cpu.percent if told.machine else None,
    "gpu_percent": lambda told: _highest(gpu.load_percent for gpu in _used(told)),
    "gpu_celsius": lambda told: _highest(gpu.temperature_celsius for gpu in _used(told)),
}
PREFIX = "server"
NAMES = (PREFIX, *(f"{PREFIX}_{name}" for name in ("is_away", "seconds_per_run", *_NUMBERS)))


def columns(url: str, *, is_away: bool, metrics: Metrics | None, done: Mapping[str, WorkflowMetrics]) -> dict[str, Any]:
    """Return what each column shows; None for what the server does not tell."""
    numbers = {f"{PREFIX}_{name}": metrics and read(metrics) for name, read in _NUMBERS.items()}
    return {
        PREFIX: url,
        f"{PREFIX}_is_away": int(is_away),
        f"{PREFIX}_seconds_per_run": ", ".join(
            f"{name} {one.seconds_per_run:.3g}" for name, one in done.items() if one.seconds_per_run is not None
        ),
        **numbers,
    }


def _used(told: Metrics) -> list[GpuMetrics]:
    """Return the GPUs that a server computes on; all of its machine where that is not known."""
    gpus = (told.machine.gpus if told.machine else None) or []
    return [gpu for gpu in gpus if gpu.torch_index is not None] or gpus


def _highest(numbers: Iterable[float | None]) -> float | None:
    return max((number for number in numbers if number is not None), default=None)
