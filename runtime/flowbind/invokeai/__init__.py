"""InvokeAI: clients, and what generated classes are made of."""

from __future__ import annotations

from flowbind.binding import Binding, OutputSlot, Slot
from flowbind.invokeai.aio import AsyncInvokeAI
from flowbind.invokeai.client import InvokeAI
from flowbind.invokeai.fields import (
    BoundingBox,
    Color,
    Image,
    ImageInput,
    LoRA,
    ModelInput,
    ModelRef,
    Video,
    VideoInput,
)
from flowbind.invokeai.job import AsyncJob, Job
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.result import Result
from flowbind.workflow import UNSET, Outputs, Unset

__all__ = [
    "UNSET",
    "AsyncInvokeAI",
    "AsyncJob",
    "Binding",
    "BoundingBox",
    "Color",
    "Image",
    "ImageInput",
    "InvokeAI",
    "InvokeAIWorkflow",
    "Job",
    "LoRA",
    "ModelInput",
    "ModelRef",
    "OutputSlot",
    "Outputs",
    "Result",
    "Slot",
    "Unset",
    "Video",
    "VideoInput",
]
