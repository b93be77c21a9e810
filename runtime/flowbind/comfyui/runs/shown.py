"""What nodes have shown, as Python has it: files that can be saved, texts; everything else as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from flowbind.binding import OutputSlot
from flowbind.comfyui.file_types import class_of, downloadable
from flowbind.comfyui.files import Audio, File, Image, Model3D, StoredFile, Video
from flowbind.comfyui.runs.item import Values
from flowbind.downloadable import Pictures
from flowbind.errors import NoOutput
from flowbind.node_names import node_meant
from flowbind.result import DEEPEST_LISTS, NodeOutputs

_OF_KIND: Mapping[str, type[StoredFile]] = {
    "image": Image,
    "audio": Audio,
    "video": Video,
    "model_3d": Model3D,
    "file": File,
}


def values_of(slot: OutputSlot, shown: Values, source: Pictures[Any] | None) -> list[Any]:
    """Return what a node has shown for an output: files, or texts.

    A node says what it shows under a key of its own. Where it is another key than the class was made for, files are
    taken wherever they are.
    """
    own = shown.get(slot.field)
    found = own if isinstance(own, list) else [*_items(shown)]
    if slot.kind == "text":
        return [item if isinstance(item, str) else str(item) for item in found if isinstance(item, str | int | float)]
    made = (_file(item, _OF_KIND[slot.kind], source) for item in found)
    return [file for file in made if file is not None]


def python_value(value: Any, source: Pictures[Any] | None, depth: int = DEEPEST_LISTS) -> Any:
    """Return a value that a node has shown: a file is known by its keys, its class by its name."""
    if isinstance(value, list) and depth:
        return [python_value(item, source, depth - 1) for item in value]
    if isinstance(value, dict) and isinstance(value.get("filename"), str):
        file = _file(value, class_of(value["filename"]), source)
        return value if file is None else file
    return value


class GivenBack:
    """What the nodes of one run have shown, by id, title or class."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Sequence[Values]],
        labels: Mapping[str, str],
        types: Mapping[str, str],
        source: Pictures[Any] | None,
    ) -> None:
        self._name = name
        self._nodes = nodes
        self._labels = labels
        self._types = types
        self._source = source

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes

    def find(self, key: str) -> NodeOutputs:
        """Return what a node has shown; raises `NoOutput` where that cannot be told."""
        node = node_meant(self._name, key, self._labels, self._types)
        results = self._nodes.get(node) or ()
        if not results:
            raise NoOutput(
                f'{self._name}: the node "{key}" has shown nothing: it did not run, or it is none that shows what it '
                "makes. Add one that does (Save Image, Preview Image, Preview as Text)."
            )
        return node_outputs(results, self._source)


def node_outputs(results: Sequence[Values], source: Pictures[Any] | None) -> NodeOutputs:
    """Return what a node has shown, by key: of one that ran several times, all of it in order."""
    found: dict[str, Any] = {}
    for result in results:
        for key, value in result.items():
            read = python_value(value, source)
            found[key] = [*found[key], *read] if key in found and isinstance(read, list) else read
    return NodeOutputs(**found)


def _items(shown: Values) -> Iterator[Any]:
    for items in shown.values():
        if isinstance(items, list):
            yield from items


def _file(item: Any, kind: type[StoredFile], source: Pictures[Any] | None) -> StoredFile | None:
    """Return an item as a file; None for what is none."""
    try:
        match item:
            case {"filename": str(name)}:
                subfolder, folder = item.get("subfolder"), item.get("type")
                start = f"{subfolder}/" if subfolder and isinstance(subfolder, str) else ""
                path, _, filename = f"{start}{name}".replace("\\", "/").rpartition("/")
                return kind(filename, path, folder if folder is not None else "output", source)
            case str() if kind is Model3D and class_of(item.partition(" [")[0]) is Model3D:
                # The viewer of 3D models says what it shows as a node is told of it.
                return downloadable(kind.parse(item.replace("\\", "/")), kind, source)
            case _:
                return None
    except ValueError:
        return None  # what the server answers is open
