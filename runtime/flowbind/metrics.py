"""What a server tells of how busy it is, whichever family it is of; fields that this release does not know are kept."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class CpuMetrics(_Told):
    """All cores together; a temperature where the system has a sensor that is known."""

    percent: float | None = None
    count: int | None = None
    temperature_celsius: float | None = None


class RamMetrics(_Told):
    """The machine's memory, in bytes; `used` is all but what programs can still have."""

    total: int | None = None
    used: int | None = None
    percent: float | None = None


class ProcessMetrics(_Told):
    """The server's part; 100 percent are one core, and memory is in bytes."""

    cpu_percent: float | None = None
    ram_used: int | None = None


class GpuMetrics(_Told):
    """A GPU of the machine; memory is in bytes."""

    index: int
    """The number that its driver gives it."""
    name: str | None = None
    torch_index: int | None = None
    """The `index` of its `Device`; None where the server does not see it, or PyTorch does not say."""
    load_percent: float | None = None
    memory_total: int | None = None
    memory_used: int | None = None
    temperature_celsius: float | None = None
    power_watts: float | None = None


class MachineMetrics(_Told):
    """The load of a server's machine; what is None the server cannot know."""

    version: int
    """That of the shape; 1 is what this release knows."""
    time: datetime
    """When it was told, UTC by the server's clock; nothing in it is more than some seconds older."""
    cpu: CpuMetrics
    ram: RamMetrics
    process: ProcessMetrics
    gpus: list[GpuMetrics] | None = None
    """None where a driver does not answer; no GPU is an empty list."""


class Metrics(_Told):
    """How busy a server is; memory is in bytes."""

    queue_depth: int
    """The runs that wait or go on, whoever's."""
    vram_total: int | None = None
    """The memory of the devices that it runs models on, all together; None where it has none, or does not tell."""
    vram_free: int | None = None
    """What of it is free."""
    machine: MachineMetrics | None = None
    """What its machine does; None where nothing is installed there that tells."""
