"""What a server tells of itself; fields that this release does not know are kept, in `model_extra`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class System(_Told):
    """The program and its machine; memory is in bytes."""

    os: str
    comfyui_version: str | None = None
    python_version: str | None = None
    pytorch_version: str | None = None
    ram_total: int | None = None
    ram_free: int | None = None


class Device(_Told):
    """A device that models run on; memory is in bytes, `torch_vram_` what PyTorch has reserved of it."""

    name: str
    type: str
    index: int | None = None
    vram_total: int | None = None
    vram_free: int | None = None
    torch_vram_total: int | None = None
    torch_vram_free: int | None = None


class SystemStats(_Told):
    """The system, and its devices."""

    system: System
    devices: list[Device]


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


class Metrics(_Told):
    """The load of the server's machine; what is None the server cannot know."""

    version: int
    """That of the shape; 1 is what this release knows."""
    time: datetime
    """When it was told, UTC by the server's clock; nothing in it is more than some seconds older."""
    cpu: CpuMetrics
    ram: RamMetrics
    process: ProcessMetrics
    gpus: list[GpuMetrics] | None = None
    """None where a driver does not answer; no GPU is an empty list."""
