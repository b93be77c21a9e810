"""InvokeAI: clients, and what generated classes are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.binding import Batch, Binding, OutputSlot, Slot
from flowbind.choices import OneOf
from flowbind.invokeai.fields import BoundingBox, Color, LoRA, ModelFilter, ModelInput, ModelRef
from flowbind.invokeai.media import Image, ImageInput, Video, VideoInput
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.workflow import RANDOM, UNSET, Outputs, Random, Unset, fresh

if TYPE_CHECKING:
    from flowbind.invokeai._rest import (
        BatchStatus,
        Board,
        DeletedBoard,
        DeletedModels,
        DestinationCounts,
        FoundModel,
        InstallRecord,
        LibraryEntry,
        LibraryWorkflow,
        ModelCacheStats,
        ProcessorStatus,
        QueueCounts,
        QueueItem,
        QueueItemSummary,
        QueueStatus,
    )
    from flowbind.invokeai.aio import AsyncInvokeAI
    from flowbind.invokeai.awaited.boards import AsyncBoards
    from flowbind.invokeai.awaited.images import AsyncImages
    from flowbind.invokeai.awaited.installs import AsyncInstallJob
    from flowbind.invokeai.awaited.library import AsyncLibrary
    from flowbind.invokeai.awaited.models import AsyncModels
    from flowbind.invokeai.awaited.queue import AsyncQueue
    from flowbind.invokeai.awaited.quick import AsyncQuick
    from flowbind.invokeai.awaited.videos import AsyncVideos
    from flowbind.invokeai.blocking.boards import Boards
    from flowbind.invokeai.blocking.images import Images
    from flowbind.invokeai.blocking.installs import InstallJob
    from flowbind.invokeai.blocking.library import Library
    from flowbind.invokeai.blocking.models import Models
    from flowbind.invokeai.blocking.queue import Queue
    from flowbind.invokeai.blocking.quick import Quick
    from flowbind.invokeai.blocking.videos import Videos
    from flowbind.invokeai.client import InvokeAI
    from flowbind.invokeai.gallery.stored import StoredImage, StoredVideo
    from flowbind.invokeai.models.installed import InstalledModel
    from flowbind.invokeai.result import Result
    from flowbind.invokeai.runs.batch_job import AsyncBatchJob, BatchJob
    from flowbind.invokeai.runs.job import AsyncJob, Job
    from flowbind.invokeai.runs.many_job import AsyncManyJob, ManyJob

__all__ = [
    "RANDOM",
    "UNSET",
    "AsyncBatchJob",
    "AsyncBoards",
    "AsyncImages",
    "AsyncInstallJob",
    "AsyncInvokeAI",
    "AsyncJob",
    "AsyncLibrary",
    "AsyncManyJob",
    "AsyncModels",
    "AsyncQueue",
    "AsyncQuick",
    "AsyncVideos",
    "Batch",
    "BatchJob",
    "BatchStatus",
    "Binding",
    "Board",
    "Boards",
    "BoundingBox",
    "Color",
    "DeletedBoard",
    "DeletedModels",
    "DestinationCounts",
    "FoundModel",
    "Image",
    "ImageInput",
    "Images",
    "InstallJob",
    "InstallRecord",
    "InstalledModel",
    "InvokeAI",
    "InvokeAIBatchWorkflow",
    "InvokeAIWorkflow",
    "Job",
    "Library",
    "LibraryEntry",
    "LibraryWorkflow",
    "LoRA",
    "ManyJob",
    "ModelCacheStats",
    "ModelFilter",
    "ModelInput",
    "ModelRef",
    "Models",
    "OneOf",
    "OutputSlot",
    "Outputs",
    "ProcessorStatus",
    "Queue",
    "QueueCounts",
    "QueueItem",
    "QueueItemSummary",
    "QueueStatus",
    "Quick",
    "Random",
    "Result",
    "Slot",
    "StoredImage",
    "StoredVideo",
    "Unset",
    "Video",
    "VideoInput",
    "Videos",
    "fresh",
]

# What talks to a server is loaded by who talks to one: a program may import many classes and run few.
_HOMES = {
    "AsyncBatchJob": "flowbind.invokeai.runs.batch_job",
    "AsyncBoards": "flowbind.invokeai.awaited.boards",
    "AsyncImages": "flowbind.invokeai.awaited.images",
    "AsyncInstallJob": "flowbind.invokeai.awaited.installs",
    "AsyncInvokeAI": "flowbind.invokeai.aio",
    "AsyncJob": "flowbind.invokeai.runs.job",
    "AsyncLibrary": "flowbind.invokeai.awaited.library",
    "AsyncManyJob": "flowbind.invokeai.runs.many_job",
    "AsyncModels": "flowbind.invokeai.awaited.models",
    "AsyncQueue": "flowbind.invokeai.awaited.queue",
    "AsyncQuick": "flowbind.invokeai.awaited.quick",
    "AsyncVideos": "flowbind.invokeai.awaited.videos",
    "BatchJob": "flowbind.invokeai.runs.batch_job",
    "BatchStatus": "flowbind.invokeai._rest",
    "Board": "flowbind.invokeai._rest",
    "Boards": "flowbind.invokeai.blocking.boards",
    "DeletedBoard": "flowbind.invokeai._rest",
    "DeletedModels": "flowbind.invokeai._rest",
    "DestinationCounts": "flowbind.invokeai._rest",
    "FoundModel": "flowbind.invokeai._rest",
    "Images": "flowbind.invokeai.blocking.images",
    "InstallJob": "flowbind.invokeai.blocking.installs",
    "InstallRecord": "flowbind.invokeai._rest",
    "InstalledModel": "flowbind.invokeai.models.installed",
    "InvokeAI": "flowbind.invokeai.client",
    "Job": "flowbind.invokeai.runs.job",
    "Library": "flowbind.invokeai.blocking.library",
    "LibraryEntry": "flowbind.invokeai._rest",
    "LibraryWorkflow": "flowbind.invokeai._rest",
    "ManyJob": "flowbind.invokeai.runs.many_job",
    "ModelCacheStats": "flowbind.invokeai._rest",
    "Models": "flowbind.invokeai.blocking.models",
    "ProcessorStatus": "flowbind.invokeai._rest",
    "Queue": "flowbind.invokeai.blocking.queue",
    "QueueCounts": "flowbind.invokeai._rest",
    "QueueItem": "flowbind.invokeai._rest",
    "QueueItemSummary": "flowbind.invokeai._rest",
    "QueueStatus": "flowbind.invokeai._rest",
    "Quick": "flowbind.invokeai.blocking.quick",
    "Result": "flowbind.invokeai.result",
    "StoredImage": "flowbind.invokeai.gallery.stored",
    "StoredVideo": "flowbind.invokeai.gallery.stored",
    "Videos": "flowbind.invokeai.blocking.videos",
}

# What generated modules import, and what stands beside their classes in most programs: no class of theirs is called
# so. All other names here are free for them, or a new one would rename the classes of somebody's workflows.
RESERVED = frozenset(__all__) - _HOMES.keys() | {
    *("InvokeAI", "AsyncInvokeAI", "Result"),
    *("Job", "AsyncJob", "BatchJob", "AsyncBatchJob", "ManyJob", "AsyncManyJob"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.invokeai' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
