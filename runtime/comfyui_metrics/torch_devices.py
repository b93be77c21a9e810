"""What PyTorch tells of the devices that the server computes on; it is asked nothing that it has not loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from .asking import asked
from .gpu import Gpu


def cards() -> dict[str, tuple[int, str]]:
    """Return the numbers and names of NVIDIA's and AMD's GPUs by their marks, as far as this PyTorch tells marks."""
    torch: Any = sys.modules["torch"]
    found: dict[str, tuple[int, str]] = {}
    # One that has begun nothing runs on the CPU, and would take memory of each GPU if asked for more.
    if torch.cuda.is_initialized():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found |= dict.fromkeys(_marks(properties, torch.version.hip is not None), (index, properties.name))
    return found


def _marks(properties: Any, of_amd: bool) -> Iterator[str]:
    if hasattr(properties, "pci_bus_id"):
        yield f"{properties.pci_domain_id:x}:{properties.pci_bus_id:x}:{properties.pci_device_id:x}"
    if hasattr(properties, "uuid") and not of_amd:
        yield f"gpu-{properties.uuid}".lower()


def own_device() -> tuple[str, Gpu] | None:
    """Return the kind of the device that ComfyUI has chosen, and what is told of it; None for the CPU."""
    device = sys.modules["comfy.model_management"].get_torch_device()
    if device.type == "cpu":
        return None
    kind: Any = getattr(sys.modules["torch"], device.type, None)
    index = device.index or 0
    total, used = asked(_memory, kind, device) or (None, None)
    name = asked(lambda: str(kind.get_device_name(device))) or device.type
    return device.type, Gpu(index, name=name, torch_index=index, memory_total=total, memory_used=used)


def _memory(kind: Any, device: Any) -> tuple[int, int]:
    if device.type == "mps":
        # Of the memory that it shares with all else: what a process may have, and what this one has.
        return kind.recommended_max_memory(), kind.driver_allocated_memory()
    free, total = kind.mem_get_info(device)
    return total, total - free
