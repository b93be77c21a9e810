"""The shape of a manifest: whoever edits it by hand, or merges it badly, is told so and not surprised later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any

Shape = Any
"""A type, a list of one shape, an object by its keys (`...` stands for any key), or `object` for anything."""


@dataclass(frozen=True)
class Optional:
    """The shape of a key that need not be there."""

    shape: Shape


_SLOT = {"node_id": str, "node_type": str, "field_name": str}
_MODELS = {...: [str]}
_INPUT = {
    **_SLOT, "attribute": str, "label": str, "field_type": str, "cardinality": str, "python_type": str,
    "connected": bool, "required": bool, "index": Optional(int), "choices": Optional([object]),
    "models": Optional(_MODELS),
    "random": Optional({"minimum": int | float, "maximum": int | float, "step": int | float | None}),
}  # fmt: skip
_OUTPUT = {**_SLOT, "attribute": str, "kind": str, "python_type": str, "key": Optional(str)}
_USED_INPUT = {
    "type": str,
    "input": Optional(str),
    "required": Optional(bool),
    "schema": Optional({}),
    "models": Optional(_MODELS),
    "fed": Optional(bool),
    "unset": Optional(bool),
    "values": Optional([object]),
    "items_of": Optional([str]),
}
_NODE_TYPE = {
    "version": str,
    "node_pack": str,
    "classification": str,
    "runs": Optional(bool),
    "inputs": {...: _USED_INPUT},
    "outputs": {...: {"type": str, "feeds": [str], "read": Optional(bool)}},
}
OLD_ENTRY: Shape = {
    "digest": str,
    "module": str,
    "class_name": str,
    "files": {...: str},
    "inputs": [{**_SLOT, "attribute": str, "label": str}],
    "outputs": [{"node_id": str}],
    "field_types": Optional([str]),
}
"""What generating reads of an entry, be it of an older manifest."""
ENTRY: Shape = {
    **OLD_ENTRY,
    "file_digest": str,
    "graph": str,
    "base_class": str,
    "inputs": [_INPUT],
    "outputs": [_OUTPUT],
    "node_types": {...: _NODE_TYPE},
    "named": [{**_SLOT, "kind": str, "value": object}],
    "workflow_id": Optional(str),
}
"""What drift reads of an entry, too."""
MANIFEST: Shape = {
    "manifest_version": int,
    "workflows": {...: {}},
    "package_files": {...: str},
    "field_types": Optional({...: {}}),
    "spec": {"digest": str, "app_version": str | None, "file_digest": Optional(str | None)},
    "generator": {...: str},
    "options": Optional({"field_types": Optional({...: str})}),
}


def misfits(value: Any, shape: Shape, place: str = "") -> Iterator[str]:
    """Yield where a JSON value has another shape, as "inputs/0/label"; further keys may be there."""
    if isinstance(shape, type | UnionType):
        # To Python a boolean is an int.
        if not isinstance(value, shape) or (isinstance(value, bool) and shape not in (bool, object)):
            yield place or "all"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield place
            return
        for at, item in enumerate(value):
            yield from misfits(item, shape[0], _inside(place, at))
    elif not isinstance(value, Mapping):
        yield place or "all"
    elif ... in shape:
        each = shape[...]
        for key, item in value.items():
            if type(item) is not each:
                yield from misfits(item, each, _inside(place, key))
    else:
        for key, part in shape.items():
            if type(value.get(key)) is part:
                continue  # nearly always, and no generator is made for it
            is_optional = isinstance(part, Optional)
            if key in value:
                yield from misfits(value[key], part.shape if is_optional else part, _inside(place, key))
            elif not is_optional:
                yield _inside(place, key)


def _inside(place: str, key: object) -> str:
    return f"{place}/{key}" if place else str(key)
