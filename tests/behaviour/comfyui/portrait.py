"""A class as it is generated from a ComfyUI workflow, with an input of each kind."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from flowbind.comfyui import (
    UNSET,
    Binding,
    ComfyUIWorkflow,
    FileInput,
    Image,
    ImageInput,
    Outputs,
    OutputSlot,
    Random,
    Slot,
    Unset,
    fresh,
)

__all__ = ["Portrait", "PortraitOutputs"]

PROMPT: dict[str, Any] = {
    "4": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "sd/tiny.safetensors"},
        "_meta": {"title": "Load Checkpoint"},
    },
    "6": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "a {red|{pale|dark} blue} kite // sketch", "clip": ["4", 1]},
        "_meta": {"title": "What to draw"},
    },
    "7": {
        "class_type": "CLIPTextEncode",
        "inputs": {"text": "blurry", "clip": ["4", 1]},
        "_meta": {"title": "CLIP Text Encode"},
    },
    "10": {"class_type": "LoadImage", "inputs": {"image": "face.png"}, "_meta": {"title": "Load Image"}},
    "11": {"class_type": "PrimitiveInt", "inputs": {"value": 3, "again": 3}, "_meta": {"title": "Steps"}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 18446744073709551615,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "euler",
            "denoise": 1,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["57:8", 0],
        },
        "_meta": {"title": "KSampler"},
    },
    "57:8": {
        "class_type": "EmptyLatentImage",
        "inputs": {"width": 512, "height": 512, "batch_size": 1},
        "_meta": {"title": "Size of “all”"},
    },
    "12": {
        "class_type": "Palette",
        "inputs": {"colors": {"__value__": ["#fff"]}, "curve": {"__type__": "CURVE", "__value__": {"points": []}}},
        "_meta": {"title": "Palette"},
    },
    "9": {
        "class_type": "SaveImage",
        "inputs": {"filename_prefix": "%date:yyyy%/%KSampler.seed%", "images": ["3", 0]},
        "_meta": {"title": "Save Image"},
    },
}
STORED: dict[str, Any] = {
    "id": "b1",
    "nodes": [
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a {red|{pale|dark} blue} kite // sketch"]},
        {"id": 3, "type": "KSampler", "widgets_values": [18446744073709551615, "randomize", 20, 7, "euler"]},
        {"id": 10, "type": "LoadImage", "widgets_values": ["face.png", "image"]},
        {"id": 12, "type": "Palette", "widgets_values": {"colors": ["#fff"]}},
        {"id": 57, "type": "0f", "widgets_values": [512]},
    ],
    "links": [[1, 4, 1, 6, 0, "CLIP"]],
    "definitions": {"subgraphs": [{"id": "0f", "name": "ü"}]},
    "version": 0.4,
}


class PortraitOutputs(Outputs):
    """What one run of `Portrait` leaves behind."""

    picture: list[Image]


class Portrait(ComfyUIWorkflow[PortraitOutputs]):
    """A portrait."""

    prompt: str = "a {red|{pale|dark} blue} kite // sketch"
    checkpoint: str = "sd/tiny.safetensors"
    face: ImageInput = "face.png"
    seed: Annotated[int, Field(ge=0, le=18446744073709551615)] | Random = 18446744073709551615
    sampler: Literal["euler", "ddim"] = "euler"
    cfg: float | None = 7.0
    size: Annotated[int, Field(ge=16, multiple_of=8)] = 512
    colours: list[str] = fresh(lambda: ["#fff"])
    curve: dict[str, Any] | Unset = UNSET
    steps: int | None = 3
    more_steps: int | None = 3
    mask: FileInput | Unset = UNSET

    __flowbind__ = Binding(
        interface=3,
        source="portrait.json",
        graph=("portrait.graph.json", ""),
        workflow=("portrait.workflow.json", ""),
        slots=(
            Slot("prompt", "6", "text", "text", 0, "Prompt", saved=(("nodes", 0, "widgets_values", 0),)),
            Slot("checkpoint", "4", "ckpt_name", "model", 1),
            Slot("face", "10", "image", "image", 2, saved=(("nodes", 2, "widgets_values", 0),)),
            Slot("seed", "3", "seed", "value", 3, random=(0, 2**64 - 1, 1), saved=(("nodes", 1, "widgets_values", 0),)),
            Slot("sampler", "3", "sampler_name", "value", 4),
            Slot("cfg", "3", "cfg", "value", 5, saved=(("nodes", 1, "widgets_values", 3),)),
            Slot(
                "size",
                "57:8",
                "width",
                "value",
                6,
                also=(("57:8", "height"),),
                saved=(("nodes", 4, "widgets_values", 0),),
            ),
            Slot("colours", "12", "colors", "wrapped", 7, saved=(("nodes", 3, "widgets_values", "colors"),)),
            Slot("curve", "12", "curve", "wrapped", 8),
            Slot("steps", "11", "value", "value", 9),
            Slot("more_steps", "11", "again", "value", 10),
            Slot("mask", "10", "mask", "file", 11),
            Slot(None, "9", "filename_prefix", "pattern"),
            Slot(None, "7", "text", "text"),
        ),
        outputs_class=PortraitOutputs,
        outputs=(OutputSlot("picture", "9", "images", "image", many=True),),
        loaded={
            "portrait.graph.json": json.dumps(PROMPT).encode(),
            "portrait.workflow.json": json.dumps(STORED).encode(),
        },
    )
