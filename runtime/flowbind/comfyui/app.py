"""The server itself: its release, the machine that it runs on, and what it holds in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound, ServerError, UnexpectedReply
from flowbind.transport.steps import Call, Operation
from flowbind.transport.wire import get, parsed, read, send

if TYPE_CHECKING:
    from flowbind.comfyui.stats import Metrics, SystemStats

_STATS = "/system_stats"


def system_stats() -> Operation[SystemStats]:
    """Return what the server tells of itself and of its devices."""
    from flowbind.comfyui.stats import SystemStats

    return read(SystemStats, (yield from get(_STATS)))


def metrics() -> Operation[Metrics | None]:
    """Return the load of the server's machine; None where nobody installed what tells it."""
    from flowbind.comfyui.stats import Metrics

    try:
        document = yield from get("/flowbind/metrics")
    except NotFound:
        return None
    return read(Metrics, document)


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


def features() -> Operation[dict[str, Any]]:
    """Return what the server says that it can do; nothing where it knows no such question."""
    document = yield from get("/features")
    if not isinstance(document, dict):
        raise UnexpectedReply("GET /features was answered with JSON of another shape. Check the address.")
    return document


def free(unload_models: bool, free_memory: bool) -> Operation[None]:
    """Have the server unload its models and forget what nodes gave, when it is idle."""
    yield from send("POST", "/free", {"unload_models": unload_models, "free_memory": free_memory})
