"""What an output node shows when it ran, by its class: pictures, videos, audio, 3D models, texts or other files."""

from __future__ import annotations

from dataclasses import dataclass

from flowbind.comfyui.schema.class_inputs import class_inputs
from flowbind.comfyui.schema.node_classes import NodeClass, types_in
from flowbind_generator.ir import OutputKind


@dataclass(frozen=True)
class Shown:
    """What nodes show: the key of it in the server's answer, the item's Python type, one in words, its plural."""

    kind: OutputKind
    key: str
    annotation: str
    word: str
    plural: str


MODELS = Shown("model_3d", "3d", "Model3D", "3D model", "models")
VIDEOS = Shown("video", "images", "Video", "video", "videos")
AUDIO = Shown("audio", "audio", "Audio", "sound", "audio")
PICTURES = Shown("image", "images", "Image", "picture", "images")
TEXTS = Shown("text", "text", "str", "text", "texts")
FILES = Shown("file", "files", "File", "file", "files")

_TEXT_TYPES = frozenset({"STRING", "INT", "FLOAT", "BOOLEAN", "*"})
_SPEEDS = frozenset({"fps", "frame_rate", "framerate"})


def shown_by(node_class: NodeClass) -> Shown:
    """Return what the nodes of an output class show.

    The server does not say it. A class that shows something gives the same thing on, mostly; else what it takes
    decides. Pictures that have a speed become a video.
    """
    given = {name for output in node_class.outputs for name in types_in(output.type)}
    required, optional = _taken(node_class, required=True), _taken(node_class, required=False)
    # Many that save pictures give on the paths, as texts.
    found = _media(given) or _media(required) or _texts(given) or _texts(required) or _media(optional) or FILES
    return VIDEOS if found in (PICTURES, FILES) and _has_speed(node_class) else found


def saves(node_class: NodeClass) -> bool:
    """Tell whether an output class writes files to keep: it asks what to call them, or is named for it.

    The others show what a run is on the way to.
    """
    asks = any(i.type == "STRING" and i.name.endswith("prefix") for i in node_class.inputs)
    return asks or node_class.name.startswith("Save")


def _media(types: set[str]) -> Shown | None:
    """Return what is shown of values of some types, the rarest kind first: a 3D model may come with its picture."""
    if any(name == "MESH" or name.startswith("FILE_3D") for name in types):
        return MODELS
    media = (("VIDEO", VIDEOS), ("AUDIO", AUDIO), ("IMAGE", PICTURES), ("MASK", PICTURES))
    return next((found for name, found in media if name in types), None)


def _texts(types: set[str]) -> Shown | None:
    return TEXTS if "STRING" in types or (types and types <= _TEXT_TYPES) else None


def _taken(node_class: NodeClass, *, required: bool) -> set[str]:
    """Return the types that links bring: what a person types into the node is not what it shows."""
    taken = (one.input for one in class_inputs(node_class) if one.controls is None and one.input.required == required)
    return {name for item in taken for name in types_in(item.type)}


def _has_speed(node_class: NodeClass) -> bool:
    return any(i.name.lower() in _SPEEDS for i in node_class.inputs)
