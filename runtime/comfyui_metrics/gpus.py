"""All GPUs of the machine, and which of them the server computes on."""

from __future__ import annotations

from typing import Any

from . import amd, nvidia
from .asking import asked
from .torch_devices import cards, own_device


def gpus() -> list[dict[str, Any]]:
    """Return what is told of each GPU; raises where a driver does not answer."""
    found = [*nvidia.gpus(), *amd.gpus()]
    known = asked(cards) or {}
    for gpu in found:
        index, name = next((known[mark] for mark in gpu.marks if mark in known), (None, None))
        gpu.torch_index, gpu.name = index, gpu.name or name
    if all(gpu.torch_index is None for gpu in found) and (told := asked(own_device)):
        kind, own = told
        # It is one of those where an old PyTorch does not say which.
        if known or not found or kind != "cuda":
            found.append(own)
    return [gpu.told() for gpu in found]
