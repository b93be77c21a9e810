"""InvokeAI: clients, and what generated classes are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.binding import Batch, Binding, OutputSlot, Slot
from flowbind.choices import OneOf
from flowbind.invokeai.fields import (
    BoundingBox,
    Color,
    Image,
    ImageInput,
    LoRA,
    ModelFilter,
    ModelInput,
    ModelRef,
    Video,
    VideoInput,
)
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.workflow import RANDOM, UNSET, Outputs, Random, Unset, fresh

if TYPE_CHECKING:
    from flowbind.invokeai.aio import AsyncInvokeAI
    from flowbind.invokeai.batch_job import AsyncBatchJob, BatchJob
    from flowbind.invokeai.client import InvokeAI
    from flowbind.invokeai.job import AsyncJob, Job
    from flowbind.invokeai.many_job import AsyncManyJob, ManyJob
    from flowbind.result import Result

__all__ = [
    "RANDOM",
    "UNSET",
    "AsyncBatchJob",
    "AsyncInvokeAI",
    "AsyncJob",
    "AsyncManyJob",
    "Batch",
    "BatchJob",
    "Binding",
    "BoundingBox",
    "Color",
    "Image",
    "ImageInput",
    "InvokeAI",
    "InvokeAIBatchWorkflow",
    "InvokeAIWorkflow",
    "Job",
    "LoRA",
    "ManyJob",
    "ModelFilter",
    "ModelInput",
    "ModelRef",
    "OneOf",
    "OutputSlot",
    "Outputs",
    "Random",
    "Result",
    "Slot",
    "Unset",
    "Video",
    "VideoInput",
    "fresh",
]

# What talks to a server is loaded by who talks to one: a program may import many classes and run few.
_HOMES = {
    "AsyncBatchJob": "flowbind.invokeai.batch_job",
    "AsyncInvokeAI": "flowbind.invokeai.aio",
    "AsyncJob": "flowbind.invokeai.job",
    "AsyncManyJob": "flowbind.invokeai.many_job",
    "BatchJob": "flowbind.invokeai.batch_job",
    "InvokeAI": "flowbind.invokeai.client",
    "Job": "flowbind.invokeai.job",
    "ManyJob": "flowbind.invokeai.many_job",
    "Result": "flowbind.result",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.invokeai' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
