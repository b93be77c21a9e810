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
    from flowbind.comfyui.client import ComfyUI
    from flowbind.comfyui.dynamic_text import dynamic
    from flowbind.comfyui.result import Result
    from flowbind.comfyui.runs.job import AsyncJob, Job
    from flowbind.comfyui.runs.many_job import AsyncManyJob, ManyJob

__all__ = [
    "RANDOM",
    "UNSET",
    "AsyncComfyUI",
    "AsyncJob",
    "AsyncManyJob",
    "Audio",
    "AudioInput",
    "Binding",
    "ComfyUI",
    "ComfyUIWorkflow",
    "File",
    "FileInput",
    "Image",
    "ImageInput",
    "Job",
    "ManyJob",
    "Model3D",
    "Model3DInput",
    "OneOf",
    "OutputSlot",
    "Outputs",
    "Random",
    "Result",
    "Slot",
    "Unset",
    "Video",
    "VideoInput",
    "dynamic",
    "fresh",
]

_HOMES = {
    "AsyncComfyUI": "flowbind.comfyui.aio",
    "AsyncJob": "flowbind.comfyui.runs.job",
    "AsyncManyJob": "flowbind.comfyui.runs.many_job",
    "ComfyUI": "flowbind.comfyui.client",
    "Job": "flowbind.comfyui.runs.job",
    "ManyJob": "flowbind.comfyui.runs.many_job",
    "Result": "flowbind.comfyui.result",
    "dynamic": "flowbind.comfyui.dynamic_text",
}

# What generated modules import, and what stands beside their classes in most programs: no class of theirs is called
# so. All other names here are free for them, or a new one would rename the classes of somebody's workflows.
RESERVED = frozenset(__all__) - {"dynamic"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.comfyui' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
