"""InvokeAI: clients, and what generated classes are made of."""

from __future__ import annotations

from flowbind.binding import Batch, Binding, OutputSlot, Slot
from flowbind.choices import OneOf
from flowbind.invokeai.aio import AsyncInvokeAI
from flowbind.invokeai.client import InvokeAI
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
from flowbind.invokeai.job import AsyncBatchJob, AsyncJob, BatchJob, Job
from flowbind.invokeai.many_job import AsyncManyJob, ManyJob
from flowbind.invokeai.workflow import InvokeAIBatchWorkflow, InvokeAIWorkflow
from flowbind.result import Result
from flowbind.workflow import RANDOM, UNSET, Outputs, Random, Unset, fresh

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
