"""What nodes gave, as Python has it: pictures that can be saved, colours, boxes; everything else as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Self

from flowbind.errors import NoOutput
from flowbind.invokeai.fields import BoundingBox, Color, Image, Video
from flowbind.result import NodeOutputs

MakeImage = Callable[[str, int | None, int | None], Image]
Values = Mapping[str, Any]

_CORNERS = frozenset({"x_min", "x_max", "y_min", "y_max"})
_CHANNELS = frozenset({"r", "g", "b", "a"})
# By node type, the output that may be nothing: the server leaves it out.
_MAY_BE_NOTHING = {"if": "value", "iterate": "item", "workflow_return_get": "value"}


def python_value(value: Any, make_image: MakeImage) -> Any:
    """Return a value of a node; an object is known by its keys."""
    if isinstance(value, list):
        return [python_value(item, make_image) for item in value]
    if not isinstance(value, dict):
        return value
    keys = frozenset(value)
    try:
        if keys == {"image_name"} and isinstance(value["image_name"], str):
            return make_image(value["image_name"], None, None)
        if keys == {"video_name"} and isinstance(value["video_name"], str):
            return Video(value["video_name"])
        if keys == _CHANNELS:
            return Color(**value)
        if _CORNERS <= keys <= _CORNERS | {"score"}:
            return BoundingBox(**value)
    except (TypeError, ValueError):
        pass  # what the server answers is open: it stays what it is
    return value


def python_field(result: Values, name: str, make_image: MakeImage) -> Any:
    """Return one output of a node; its picture with the size that stands beside it."""
    value = result.get(name)
    if isinstance(value, dict):
        size = result.get("width"), result.get("height")
        return python_value(value, lambda image, *_: make_image(image, *size))
    return python_value(value, make_image)


def node_outputs(results: Sequence[Values], node_type: str | None, make_image: MakeImage) -> dict[str, list[Any]]:
    """Return what a node gave, by output; a list, since an iterate node may have repeated it."""
    nothing = _MAY_BE_NOTHING.get(node_type or "")
    names = dict.fromkeys([*filter(None, [nothing]), *(name for result in results for name in result)])
    return {name: [python_field(result, name, make_image) for result in results] for name in names if name != "type"}


class GivenBack:
    """What the nodes of one run gave, by id, label or type."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Sequence[Values]],
        labels: Mapping[str, str],
        types: Mapping[str, str],
        repeated: Iterable[str],
        make_image: MakeImage,
    ) -> None:
        self._name = name
        self._nodes = nodes
        self._labels = labels
        self._types = types
        self._repeated = frozenset(repeated)
        self._make_image = make_image

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes

    def __getstate__(self) -> dict[str, Any]:
        # A connection cannot be stored: the pictures of a pickled result are only their names.
        return {**vars(self), "_make_image": Image}

    def find(self, key: str) -> NodeOutputs:
        """Return what a node gave; raises `NoOutput` where that cannot be told."""
        node = self._node(key)
        results = self._nodes.get(node) or ()
        if not results:
            raise NoOutput(f'{self._name}: the node "{key}" did not run: its branch was not taken, or nothing fed it.')
        read = node_outputs(results, self._types[node], self._make_image)
        return NodeOutputs(**(read if node in self._repeated else {name: held[0] for name, held in read.items()}))

    def _node(self, key: str) -> str:
        if key in self._types:
            return key
        for called in (self._labels, self._types):
            found = [node for node, name in called.items() if name == key]
            if len(found) == 1:
                return found[0]
            if found:
                raise NoOutput(f'{self._name}: {len(found)} nodes are called "{key}"; use an id: {", ".join(found)}.')
        known = dict.fromkeys([*self._labels.values(), *self._types.values()])
        near = get_close_matches(key, known, n=3) or list(known)
        raise NoOutput(f'{self._name} has no node "{key}"; there are {", ".join(near)}.')
