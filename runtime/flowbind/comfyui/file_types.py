"""What kind of file a name is of."""

from __future__ import annotations

from typing import Any, TypeVar

from flowbind.comfyui.files import Audio, File, Image, Model3D, StoredFile, Video
from flowbind.saving import PICTURES, TEXTS, VIDEOS

FileT = TypeVar("FileT", bound=StoredFile)
_ENDINGS: dict[type[StoredFile], frozenset[str]] = {
    Image: PICTURES | {"exr", "hdr", "svg"},
    Audio: frozenset({"flac", "wav", "mp3", "opus", "ogg", "m4a", "aac", "aiff"}),
    Video: VIDEOS | {"avi", "mpg", "mpeg", "ogv"},
    Model3D: frozenset({"glb", "gltf", "obj", "fbx", "stl", "ply", "usdz", "splat", "ksplat", "spz"}),
    File: TEXTS | {"latent", "safetensors", "zip", "pdf"},
}
ENDINGS = frozenset().union(*_ENDINGS.values())
"""How the names end that files may be saved under without being asked for one: none that a program runs."""


def class_of(filename: str) -> type[StoredFile]:
    """Return the class of the files that are called so; `File` where nothing is known of them."""
    ending = filename.rpartition(".")[2].lower()
    return next((kind for kind, endings in _ENDINGS.items() if ending in endings), File)


def downloadable(file: StoredFile, kind: type[FileT], source: Any) -> FileT:
    """Return a file as one of a class that is downloaded from `source`, the `files` of a client, sync or async."""
    return kind(file.filename, file.subfolder, file.type, source)
