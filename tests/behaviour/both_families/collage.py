"""A class as it is generated from a ComfyUI workflow that needs no model: for stand-ins, and for any real server."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import Field

from flowbind.comfyui import Binding, ComfyUIWorkflow, Image, ImageInput, Outputs, OutputSlot, Random, Slot

PROMPT: dict[str, Any] = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 32, "height": 32, "batch_size": 1, "color": 0},
        "_meta": {"title": "Ground"},
    },
    "2": {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "Load Image"}},
    "3": {
        "class_type": "ImageScale",
        "inputs": {"upscale_method": "nearest-exact", "width": 32, "height": 32, "crop": "disabled", "image": ["2", 0]},
        "_meta": {"title": "Made small"},
    },
    "4": {
        "class_type": "ImageBatch",
        "inputs": {"image1": ["1", 0], "image2": ["3", 0]},
        "_meta": {"title": "Batch Images"},
    },
    "5": {
        "class_type": "SaveImage",
        "inputs": {"filename_prefix": "collage", "images": ["4", 0]},
        "_meta": {"title": "Save Image"},
    },
}


class CollageOutputs(Outputs):
    """What one run of `Collage` leaves behind."""

    picture: list[Image]


class Collage(ComfyUIWorkflow[CollageOutputs]):
    """A colour, and a picture made small."""

    name: str = "collage"
    # More than the server takes, so that it has something to refuse.
    colour: Annotated[int, Field(ge=0, le=0xFFFFFFFF)] | Random = 0
    image: ImageInput = "example.png"

    __flowbind__ = Binding(
        interface=3,
        source="collage.json",
        graph=("collage.graph.json", ""),
        workflow=None,
        slots=(
            Slot("name", "5", "filename_prefix", "value", 0, "Name"),
            Slot("colour", "1", "color", "value", 1, "Colour", random=(0, 0xFFFFFF, 1)),
            Slot("image", "2", "image", "image", 2, "Image"),
        ),
        outputs_class=CollageOutputs,
        outputs=(OutputSlot("picture", "5", "images", "image", many=True),),
        loaded={"collage.graph.json": json.dumps(PROMPT).encode()},
    )
