"""What nodes gave, as Python has it: pictures and videos that can be saved, colours, boxes; everything else as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from flowbind.downloadable import Downloads, Pictures
from flowbind.errors import NoOutput
from flowbind.invokeai.fields import BoundingBox, Color
from flowbind.invokeai.media import Image, Video
from flowbind.node_names import node_meant
from flowbind.result import DEEPEST_LISTS, NodeOutputs

Values = Mapping[str, Any]

_CORNERS = frozenset({"x_min", "x_max", "y_min", "y_max"})
_CHANNELS = frozenset({"r", "g", "b", "a"})
# By node type, the output that may be nothing: the server leaves it out.
_MAY_BE_NOTHING = {"if": "value", "iterate": "item", "workflow_return_get": "value"}


@dataclass(frozen=True)
class Media:
    """Where the pictures and videos of results are downloaded from; without a source they are only their names."""

    images: Pictures[Image] | None = None
    videos: Downloads[Video] | None = None

    @classmethod
    def of(cls, server: Any) -> Self:
        """Return the media of a client, sync or async."""
        return cls(server.images, server.videos)

    def image(self, name: str, width: Any = None, height: Any = None) -> Image:
        """Return a picture of the server."""
        return Image(name, width, height, self.images)

    def video(self, name: str) -> Video:
        """Return a video of the server."""
        return Video(name, self.videos)


def python_value(value: Any, media: Media, size: tuple[Any, Any] = (None, None), depth: int = DEEPEST_LISTS) -> Any:
    """Return a value of a node; an object is known by its keys, and `size` is that of a picture."""
    if isinstance(value, list) and depth:
        return [python_value(item, media, depth=depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    keys = frozenset(value)
    try:
        if keys == {"image_name"} and isinstance(value["image_name"], str):
            return media.image(value["image_name"], *size)
        if keys == {"video_name"} and isinstance(value["video_name"], str):
            return media.video(value["video_name"])
        if keys == _CHANNELS:
            return Color(**value)
        if _CORNERS <= keys <= _CORNERS | {"score"}:
            return BoundingBox(**value)
    except (TypeError, ValueError):
        pass  # what the server answers is open: it stays what it is
    return value


def python_field(result: Values, name: str, media: Media) -> Any:
    """Return one output of a node; its picture with the size that stands beside it."""
    value = result.get(name)
    if isinstance(value, dict):
        return python_value(value, media, (result.get("width"), result.get("height")))
    return python_value(value, media)


def node_outputs(results: Sequence[Values], node_type: str | None, media: Media) -> dict[str, list[Any]]:
    """Return what a node gave, by output; a list, since an iterate node may have repeated it."""
    nothing = _MAY_BE_NOTHING.get(node_type or "")
    names = dict.fromkeys([*filter(None, [nothing]), *(name for result in results for name in result)])
    return {name: [python_field(result, name, media) for result in results] for name in names if name != "type"}


class GivenBack:
    """What the nodes of one run gave, by id, label or type."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Sequence[Values]],
        labels: Mapping[str, str],
        types: Mapping[str, str],
        repeated: Iterable[str],
        media: Media,
    ) -> None:
        self._name = name
        self._nodes = nodes
        self._labels = labels
        self._types = types
        self._repeated = frozenset(repeated)
        self._media = media

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes

    def find(self, key: str) -> NodeOutputs:
        """Return what a node gave; raises `NoOutput` where that cannot be told."""
        node = node_meant(self._name, key, self._labels, self._types)
        results = self._nodes.get(node) or ()
        if not results:
            raise NoOutput(f'{self._name}: the node "{key}" did not run: its branch was not taken, or nothing fed it.')
        read = node_outputs(results, self._types[node], self._media)
        return NodeOutputs(**(read if node in self._repeated else {name: held[0] for name, held in read.items()}))
