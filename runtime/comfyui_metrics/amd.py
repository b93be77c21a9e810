"""AMD's GPUs, as the kernel's driver tells of them."""

from __future__ import annotations

from pathlib import Path

from .asking import asked, number
from .gpu import Gpu, bus_mark

_DRIVER = Path("/sys/bus/pci/drivers/amdgpu")


def gpus() -> list[Gpu]:
    """Return the GPUs in the order of their places on the bus; none where another system or driver runs."""
    return [_gpu(index, device) for index, device in enumerate(sorted(_DRIVER.glob("*:*:*.*")))]


def _gpu(index: int, device: Path) -> Gpu:
    sensors = next(device.glob("hwmon/hwmon*"), device)
    return Gpu(
        index,
        frozenset([bus_mark(device.name)]),
        asked(lambda: (device / "product_name").read_text(encoding="utf-8").strip()) or None,
        load_percent=_first(device, "gpu_busy_percent"),
        memory_total=_whole(_first(device, "mem_info_vram_total")),
        memory_used=_whole(_first(device, "mem_info_vram_used")),
        # At the edge of the chip; those for data centers have a sensor inside only. In thousandths.
        temperature_celsius=_part(_first(sensors, "temp1_input", "temp2_input"), 1000),
        # In millionths.
        power_watts=_part(_first(sensors, "power1_average", "power1_input"), 1_000_000),
    )


def _first(folder: Path, *names: str) -> float | None:
    texts = (asked((folder / name).read_text, "utf-8") for name in names)
    return next((number(text) for text in texts if text), None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _part(value: float | None, of: int) -> float | None:
    return None if value is None else value / of
