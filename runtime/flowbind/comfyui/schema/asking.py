"""Asking a server for the node classes that a workflow uses: all of them are megabytes, and take it seconds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound
from flowbind.transport.steps import Operation, Work
from flowbind.transport.wire import get, quoted

if TYPE_CHECKING:
    from flowbind.comfyui.schema.served import ServedClasses


class AskedClasses:
    """What a client has been told of node classes; each is asked for once."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}

    def of(self, entry: Mapping[str, Any]) -> Operation[ServedClasses]:
        """Return the classes that a workflow uses, by its manifest entry.

        Raises a `flowbind.errors.ServerError`. Source: `GET /object_info/{node_class}`, once for each.
        """
        from flowbind.comfyui.schema.served import served_classes

        for name in entry["node_types"]:
            if name not in self._told:
                self._told[name] = yield from _told(name)
        found = {name: self._told[name] for name in entry["node_types"] if self._told[name] is not None}
        read: ServedClasses = yield Work(partial(served_classes, found, is_whole=False))
        return read


def _told(name: str) -> Operation[Any]:
    """Return what the server says of a class; None where it has none of that name."""
    try:
        document = yield from get(f"/object_info/{quoted(name)}")
    except NotFound:
        return None
    return document.get(name) if isinstance(document, dict) else None
