"""ComfyUI: what generated classes are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.binding import Binding, OutputSlot, Slot
from flowbind.choices import OneOf
from flowbind.comfyui.files import (
    Audio,
    AudioInput,
    File,
    FileInput,
    Image,
    ImageInput,
    Model3D,
    Model3DInput,
    Video,
    VideoInput,
)
from flowbind.comfyui.workflow import ComfyUIWorkflow
from flowbind.workflow import RANDOM, UNSET, Outputs, Random, Unset, fresh

if TYPE_CHECKING:
    from flowbind.comfyui.aio import AsyncComfyUI
    from flowbind.comfyui.awaited.files import AsyncFiles
    from flowbind.comfyui.awaited.history import AsyncHistory
    from flowbind.comfyui.awaited.models import AsyncModels
    from flowbind.comfyui.awaited.queue import AsyncQueue
    from flowbind.comfyui.blocking.files import Files
    from flowbind.comfyui.blocking.history import History
    from flowbind.comfyui.blocking.models import Models
    from flowbind.comfyui.blocking.queue import Queue
    from flowbind.comfyui.client import ComfyUI
    from flowbind.comfyui.dynamic_text import dynamic
    from flowbind.comfyui.files import StoredFile
    from flowbind.comfyui.queue.reading import QueueStatus
    from flowbind.comfyui.queue.records import HistoryItem, QueueItem
    from flowbind.comfyui.result import Result
    from flowbind.comfyui.runs.job import AsyncJob, Job
    from flowbind.comfyui.runs.many_job import AsyncManyJob, ManyJob
    from flowbind.comfyui.stats import SystemStats

__all__ = [
    "RANDOM",
    "UNSET",
    "AsyncComfyUI",
    "AsyncFiles",
    "AsyncHistory",
    "AsyncJob",
    "AsyncManyJob",
    "AsyncModels",
    "AsyncQueue",
    "Audio",
    "AudioInput",
    "Binding",
    "ComfyUI",
    "ComfyUIWorkflow",
    "File",
    "FileInput",
    "Files",
    "History",
    "HistoryItem",
    "Image",
    "ImageInput",
    "Job",
    "ManyJob",
    "Model3D",
    "Model3DInput",
    "Models",
    "OneOf",
    "OutputSlot",
    "Outputs",
    "Queue",
    "QueueItem",
    "QueueStatus",
    "Random",
    "Result",
    "Slot",
    "StoredFile",
    "SystemStats",
    "Unset",
    "Video",
    "VideoInput",
    "dynamic",
    "fresh",
]

# What talks to a server is loaded by who talks to one: a program may import many classes and run few.
_HOMES = {
    "AsyncComfyUI": "flowbind.comfyui.aio",
    "AsyncJob": "flowbind.comfyui.runs.job",
    "AsyncManyJob": "flowbind.comfyui.runs.many_job",
    "ComfyUI": "flowbind.comfyui.client",
    "Job": "flowbind.comfyui.runs.job",
    "ManyJob": "flowbind.comfyui.runs.many_job",
    "Result": "flowbind.comfyui.result",
    "AsyncFiles": "flowbind.comfyui.awaited.files",
    "AsyncHistory": "flowbind.comfyui.awaited.history",
    "AsyncModels": "flowbind.comfyui.awaited.models",
    "AsyncQueue": "flowbind.comfyui.awaited.queue",
    "Files": "flowbind.comfyui.blocking.files",
    "History": "flowbind.comfyui.blocking.history",
    "HistoryItem": "flowbind.comfyui.queue.records",
    "Models": "flowbind.comfyui.blocking.models",
    "Queue": "flowbind.comfyui.blocking.queue",
    "QueueItem": "flowbind.comfyui.queue.records",
    "QueueStatus": "flowbind.comfyui.queue.reading",
    "StoredFile": "flowbind.comfyui.files",
    "SystemStats": "flowbind.comfyui.stats",
    "dynamic": "flowbind.comfyui.dynamic_text",
}

# What generated modules import, and what stands beside their classes in most programs: no class of theirs is called
# so. All other names here are free for them, or a new one would rename the classes of somebody's workflows.
RESERVED = frozenset(__all__) - _HOMES.keys() | {
    *("ComfyUI", "AsyncComfyUI", "Result"),
    *("Job", "AsyncJob", "ManyJob", "AsyncManyJob"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.comfyui' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
