"""Models as files on the server's machine, and what it keeps of them in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowbind.invokeai.ability import Ability
from flowbind.invokeai.models.records import MODELS
from flowbind.invokeai.runs.recovery import Supports
from flowbind.transport.steps import Operation
from flowbind.transport.wire import get, list_in, read, send

if TYPE_CHECKING:
    from flowbind.invokeai._rest import FoundModel, ModelCacheStats


def scanned(folder: str) -> Operation[Sequence[FoundModel]]:
    """Return the models in a folder of the server's machine, and in those below."""
    from flowbind.invokeai._rest import FoundModel

    document = yield from get(f"{MODELS}/scan_folder", {"scan_path": folder})
    return [read(FoundModel, found) for found in list_in(document)]


def cache_stats() -> Operation[ModelCacheStats | None]:
    """Return what the server keeps in memory; None where it has loaded no model yet."""
    from flowbind.invokeai._rest import ModelCacheStats

    document = yield from get(f"{MODELS}/stats")
    return None if document is None else read(ModelCacheStats, document)


def empty_cache(supports: Supports) -> Operation[None]:
    """Have the server free the memory of all models that no run uses."""
    path = f"{MODELS}/empty_model_cache"
    freeing = Ability("free the memory of its models", "5.6", "POST", path)
    yield from freeing.tried(send("POST", path), supports)
