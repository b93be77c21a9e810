"""The shape of a manifest: whoever edits it by hand, or merges it badly, is told so and not surprised later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Shape = Any
"""A type, a list of one shape, an object by its keys (`...` stands for any key), or `object` for anything."""


@dataclass(frozen=True)
class Optional:
    """The shape of a key that need not be there."""

    shape: Shape


_NOTHING = object()
_SLOT = {"node_id": str, "node_type": str, "field_name": str}
_MODELS = {...: [str]}
_INPUT = {
    **_SLOT, "attribute": str, "label": str, "field_type": str, "cardinality": str, "python_type": str,
    "connected": bool, "required": bool, "index": Optional(int), "choices": Optional([object]),
    "models": Optional(_MODELS), "also": Optional([[str]]),
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
    "files": Optional(bool),
    "under": Optional({...: object}),
}
_NODE_TYPE = {
    "version": str,
    "node_pack": str,
    "classification": str,
    "runs": Optional(bool),
    "shows": Optional(bool),
    "order": Optional([str]),
    "inputs": {...: _USED_INPUT},
    "outputs": {...: {"type": str, "name": Optional(str), "feeds": [str], "read": Optional(bool)}},
}
_WARNING = {"code": str, "message": str, "cure": str, "pointer": Optional(str), "node_label": Optional(str)}
OLD_ENTRY: Shape = {
    "engine": Optional(str),
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
    "declaration": Optional(str),
    "warnings": Optional([_WARNING]),
}
"""What drift reads of an entry, too."""
MANIFEST: Shape = {
    "manifest_version": int,
    "workflows": {...: {}},
    "package_files": {...: str},
    "field_types": Optional({...: {}}),
    "spec": {...: {"digest": str, "app_version": str | None, "file_digest": Optional(str | None)}},
    "generator": {...: str},
    "options": Optional({"field_types": Optional({...: str})}),
}


def misfit(value: Any, shape: Shape) -> str | None:
    """Return where a JSON value has another shape, as "inputs/0/label", None where it fits; it may have other keys."""
    place = _misfit(value, shape)
    return None if place is None else "/".join(map(str, reversed(place))) or "all"


def _misfit(value: Any, shape: Shape) -> list[object] | None:
    """Return the way to the first misfit, the last step first: as text it would cost where all fits, which is usual."""
    kind = type(shape)
    if kind is dict:
        if not isinstance(value, dict):
            return []
        if ... in shape:
            return _first_misfit(value.items(), shape[...])
        for key, part in shape.items():
            found = value.get(key, _NOTHING)
            if type(found) is part:
                continue
            is_optional = type(part) is Optional
            if found is _NOTHING and not is_optional:
                return [key]
            if found is not _NOTHING and (place := _misfit(found, part.shape if is_optional else part)) is not None:
                return [*place, key]
        return None
    if kind is list:
        return _first_misfit(enumerate(value), shape[0]) if isinstance(value, list) else []
    # To Python a boolean is an int.
    return None if isinstance(value, shape) and (not isinstance(value, bool) or shape in (bool, object)) else []


def _first_misfit(items: Iterable[tuple[object, Any]], shape: Shape) -> list[object] | None:
    for key, item in items:
        if type(item) is not shape and (place := _misfit(item, shape)) is not None:
            return [*place, key]
    return None
