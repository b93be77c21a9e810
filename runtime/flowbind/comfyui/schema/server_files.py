"""Which choices are the files of a server, and which of them a person's own file may stand in for.

The server tells of a list of its files as of any other choice. It is one where the editor has a button for uploads, or
asks the server again; where it is empty, or names files of weights; or where a class that loads calls it a name, a path
or a folder: what is in there is the server's own affair, even if some of it comes with every server.
"""

from __future__ import annotations

import re

from flowbind.comfyui.schema.node_classes import COMBO, NodeClass, NodeInput

_UPLOADS = (
    ("video_upload", "video"),
    ("image_upload", "image"),
    ("animated_image_upload", "image"),
    ("audio_upload", "audio"),
    ("mesh_upload", "model_3d"),
    ("file_upload", "file"),
)
_WEIGHTS = re.compile(r"\.(safetensors|sft|ckpt|pth?|pt2|bin|gguf|onnx|pkl|engine|ya?ml|task)\Z", re.IGNORECASE)
_NAMED_AS_FILES = re.compile(r"(^|_)(name|path|folder)\d*\Z")


def upload_kind(node_class: NodeClass, spec: NodeInput) -> str | None:
    """Return what can be uploaded for an input ("image", "audio", "video", "model_3d", "file"), None for nothing."""
    if spec.type != COMBO:
        return None
    kind = next((kind for flag, kind in _UPLOADS if spec.options.get(flag) is True), None)
    return "model_3d" if kind == "file" and _is_3d(node_class) else kind


def is_server_list(node_class: NodeClass, spec: NodeInput) -> bool:
    """Tell whether the choices of a combo are files of the server, which another server has others of."""
    choices = spec.choices or ()
    if spec.options.get("remote") or not choices:
        return True
    if any(isinstance(choice, str) and _WEIGHTS.search(choice) for choice in choices):
        return True
    return "load" in node_class.name.lower() and _NAMED_AS_FILES.search(spec.name) is not None


def _is_3d(node_class: NodeClass) -> bool:
    types = {i.type for i in node_class.inputs} | {o.type for o in node_class.outputs}
    return any(name == "MESH" or name.startswith(("FILE_3D", "LOAD_3D", "LOAD3D")) for name in types)
