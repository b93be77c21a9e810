"""The server itself: its release, the machine that it runs on, and what it holds in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.comfyui.queue.reading import remaining
from flowbind.errors import NotFound, ServerError, UnexpectedReply
from flowbind.transport.steps import Call, Operation
from flowbind.transport.wire import get, parsed, read, send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowbind.comfyui.stats import SystemStats
    from flowbind.metrics import MachineMetrics, Metrics

_STATS = "/system_stats"


def system_stats() -> Operation[SystemStats]:
    """Return what the server tells of itself and of its devices."""
    from flowbind.comfyui.stats import SystemStats

    return read(SystemStats, (yield from get(_STATS)))


def server_version() -> Operation[str]:
    """Return the release that the server runs."""
    version = (yield from system_stats()).system.comfyui_version
    if not version:
        raise UnexpectedReply("The server does not tell its release: very old ones do not. Update it.")
    return version


def is_alive(timeout: float) -> Operation[bool]:
    """Tell whether a ComfyUI answers within some seconds."""
    try:
        document = parsed((yield Call("GET", _STATS, timeout=timeout)))
    except ServerError:
        return False
    return isinstance(document, dict) and {"system", "devices"} <= document.keys()


def metrics() -> Operation[Metrics]:
    """Return how busy the server is, the memory of its devices, and the load of its machine."""
    from flowbind.metrics import Metrics

    depth = yield from remaining()
    devices = [device for device in (yield from system_stats()).devices if device.type != "cpu"]
    return Metrics(
        queue_depth=depth,
        vram_total=_sum([device.vram_total for device in devices]),
        vram_free=_sum([device.vram_free for device in devices]),
        machine=(yield from _machine()),
    )


def _machine() -> Operation[MachineMetrics | None]:
    """Return what the custom node `comfyui_metrics` tells; None where nobody installed it."""
    from flowbind.metrics import MachineMetrics

    try:
        document = yield from get("/flowbind/metrics")
    except NotFound:
        return None
    return read(MachineMetrics, document)


def _sum(numbers: Sequence[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None


def features() -> Operation[dict[str, Any]]:
    """Return what the server says that it can do; nothing where it knows no such question."""
    document = yield from get("/features")
    if not isinstance(document, dict):
        raise UnexpectedReply("GET /features was answered with JSON of another shape. Check the address.")
    return document


def free(unload_models: bool, free_memory: bool) -> Operation[None]:
    """Have the server unload its models and forget what nodes gave, when it is idle."""
    yield from send("POST", "/free", {"unload_models": unload_models, "free_memory": free_memory})
