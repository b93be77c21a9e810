"""What a server tells of itself; fields that this release does not know are kept, in `model_extra`."""

from __future__ import annotations

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
