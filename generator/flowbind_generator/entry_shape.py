"""The shape of a manifest's entry: whoever edits it by hand, or merges it badly, is told so and not surprised later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = Any
"""A type, a list of one shape, an object by its keys (`...` stands for any key), or `object` for anything."""

_SLOT = {"node_id": str, "node_type": str, "field_name": str}
_INPUT = {
    **_SLOT, "attribute": str, "label": str, "field_type": str, "cardinality": str, "python_type": str,
    "connected": bool, "required": bool,
}  # fmt: skip
_OUTPUT = {**_SLOT, "attribute": str, "kind": str, "python_type": str}
_NODE_TYPE = {
    "version": str,
    "node_pack": str,
    "inputs": {...: {"type": str}},
    "outputs": {...: {"type": str, "feeds": [str]}},
}
ENTRY: Shape = {
    "digest": str,
    "graph": str,
    "class_name": str,
    "base_class": str,
    "inputs": [_INPUT],
    "outputs": [_OUTPUT],
    "node_types": {...: _NODE_TYPE},
    "named": [{**_SLOT, "kind": str, "value": object}],
}
"""What drift reads of an entry."""


def has_shape(value: Any, shape: Shape) -> bool:
    """Tell whether a JSON value has a shape; keys that the shape does not name may be there, too."""
    if isinstance(shape, type):
        return isinstance(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(has_shape(item, shape[0]) for item in value)
    if not isinstance(value, Mapping):
        return False
    if ... in shape:
        return all(has_shape(item, shape[...]) for item in value.values())
    return all(key in value and has_shape(value[key], part) for key, part in shape.items())
