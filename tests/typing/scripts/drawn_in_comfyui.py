"""A class as it is generated from a ComfyUI workflow; the two files beside it are left out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowbind.comfyui import (
    Binding,
    ComfyUIWorkflow,
    FileInput,
    Image,
    ImageInput,
    Outputs,
    OutputSlot,
    Random,
    Slot,
    fresh,
)

__all__ = ["Portrait", "PortraitOutputs"]


class PortraitOutputs(Outputs):
    """What one run of `Portrait` leaves behind."""

    picture: list[Image]
    """The pictures."""


class Portrait(ComfyUIWorkflow[PortraitOutputs]):
    """A portrait."""

    photo: ImageInput

    """The photo."""
    prompt: str = "a {red|blue} kite"

    """What to draw."""
    seed: Annotated[int, Field(ge=0, le=18446744073709551615)] | Random = 7

    """Where the noise begins."""
    sampler: Literal["euler", "ddim"] = "euler"

    """The sampler."""
    cfg: Annotated[float, Field(ge=0.0, le=100.0)] = 8.0

    """How much the prompt counts."""
    colours: list[str] = fresh(lambda: ["#fff"])

    """The colours."""
    notes: FileInput = "notes.txt"

    """A file."""

    __flowbind__ = Binding(
        interface=3,
        source="portrait.json",
        graph=("portrait.graph.json", ""),
        workflow=("portrait.workflow.json", ""),
        slots=(
            Slot("photo", "10", "image", "image", 0, "Photo", saved=(("nodes", 0, "widgets_values", 0),)),
            Slot("prompt", "6", "text", "text", 1, "Prompt", also=(("7", "text"),)),
            Slot("seed", "3", "seed", "value", 2, "", random=(0, 18446744073709551615, 1)),
        ),
        outputs_class=PortraitOutputs,
        outputs=(OutputSlot("picture", "9", "images", "image", many=True),),
    )
