"""NVIDIA's GPUs: by NVML where a package for it is installed, else by nvidia-smi."""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from typing import Any

from .asking import asked, number
from .gpu import Gpu, bus_mark

# The name comes last: it may hold a comma.
_QUERY = "index,uuid,pci.bus_id,utilization.gpu,memory.total,memory.used,temperature.gpu,power.draw,name"
_CELLS = _QUERY.count(",") + 1
_PATIENCE = 4.0
"""Seconds; it takes two with many GPUs where no driver is kept loaded."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows one would flash up each time."""
_MIB = 1 << 20


def gpus() -> list[Gpu]:
    """Return the GPUs; raises `subprocess.TimeoutExpired` where the driver does not answer."""
    nvml = asked(import_module, "pynvml")
    told = asked(_told_by_nvml, nvml)
    if told is not None:
        return told
    program = shutil.which("nvidia-smi")
    return _read(_printed(program)) if program else []


def _told_by_nvml(nvml: Any) -> list[Gpu]:
    nvml.nvmlInit()
    try:
        return [_nvml_gpu(nvml, index) for index in range(nvml.nvmlDeviceGetCount())]
    finally:
        nvml.nvmlShutdown()


def _nvml_gpu(nvml: Any, index: int) -> Gpu:
    handle = asked(nvml.nvmlDeviceGetHandleByIndex, index)
    if handle is None:
        return Gpu(index)
    memory: Any = asked(nvml.nvmlDeviceGetMemoryInfo, handle)
    marks = (
        asked(lambda: _text(nvml.nvmlDeviceGetUUID(handle)).lower()),
        asked(lambda: bus_mark(_text(nvml.nvmlDeviceGetPciInfo(handle).busId))),
    )
    return Gpu(
        index,
        frozenset(mark for mark in marks if mark),
        asked(lambda: _text(nvml.nvmlDeviceGetName(handle))),
        load_percent=asked(lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu),
        memory_total=asked(lambda: memory.total),
        memory_used=asked(lambda: memory.used),
        temperature_celsius=asked(lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)),
        power_watts=asked(lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000),
    )


def _text(told: str | bytes) -> str:
    """Return what older packages give as bytes."""
    return told.decode() if isinstance(told, bytes) else told


def _printed(program: str) -> str:
    return subprocess.run(
        [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_PATIENCE,
        check=False,
        creationflags=_NO_WINDOW,
    ).stdout


def _read(printed: str) -> list[Gpu]:
    rows = [[cell.strip() for cell in line.split(",", _CELLS - 1)] for line in printed.splitlines()]
    return [_smi_gpu(*row) for row in rows if len(row) == _CELLS and row[0].isdecimal()]


def _smi_gpu(
    index: str, uuid: str, address: str, load: str, total: str, used: str, temperature: str, power: str, name: str
) -> Gpu:
    marks = (uuid.lower(), asked(bus_mark, address))
    return Gpu(
        int(index),
        frozenset(mark for mark in marks if mark),
        name,
        load_percent=number(load),
        memory_total=_bytes(total),
        memory_used=_bytes(used),
        temperature_celsius=number(temperature),
        power_watts=number(power),
    )


def _bytes(mebibytes: str) -> int | None:
    value = number(mebibytes)
    return None if value is None else int(value * _MIB)
