"""A class of the prompt that a recording of ComfyUI begins with: a server that replays it knows no other."""

from __future__ import annotations

import json
from typing import Any

from flowbind.comfyui import Binding, ComfyUIWorkflow, Image, Outputs, OutputSlot, Slot

from ..comfyui.replaying import recording

NAME = "01_success"
LINES = recording(NAME)
(GRAPH, *_) = [
    line["request"]["prompt"] for line in LINES if (line.get("method"), line.get("path")) == ("POST", "/prompt")
]
(SAVES, *_) = [node for node, about in GRAPH.items() if about["class_type"] == "SaveImage"]


class RecordedOutputs(Outputs):
    """What one run of `Recorded` leaves behind."""

    picture: list[Image]


class Recorded(ComfyUIWorkflow[RecordedOutputs]):
    """What was recorded, under a name of its own."""

    name: str = "recorded"

    __flowbind__ = Binding(
        interface=3,
        source="recorded.json",
        graph=("recorded.graph.json", ""),
        workflow=None,
        slots=(Slot("name", SAVES, "filename_prefix", "value", 0, "Name"),),
        outputs_class=RecordedOutputs,
        outputs=(OutputSlot("picture", SAVES, "images", "image", many=True),),
        loaded={"recorded.graph.json": json.dumps(GRAPH).encode()},
    )


def name_in(graph: Any) -> str:
    """Return what a prompt's picture is to be called."""
    return str(graph[SAVES]["inputs"]["filename_prefix"])
