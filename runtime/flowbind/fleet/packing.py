"""What goes between a fleet and its workers: pickled without connections, which are found again where it arrives."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from flowbind.transport.part import Part
from flowbind.workflow import Workflow

ServerAt = Callable[[str], Any]
_PART, _KEPT = "part", "kept"
# What lives in this process only, for workers that do, too.
_kept: WeakValueDictionary[int, Any] = WeakValueDictionary()


class Packed:
    """Something pickled; Dask shows and logs what it is given, and of this there is nothing to see."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"<{len(self.data)} bytes>"


class _Packer(pickle.Pickler):
    """Names what is not pickled: a part of a server by where that is, what stays in this process by its place there."""

    def __init__(self, file: io.BytesIO, *, stays_here: bool) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._stays_here = stays_here

    def persistent_id(self, value: Any) -> tuple[str, Any] | None:
        if isinstance(value, Part):
            # Clients call their parts as the classes of these are called.
            name = type(value).__name__.removeprefix("Async").lower()
            return _PART, (value._server._access.connection.url, name)
        imported = type(value) if isinstance(value, Workflow) else value
        if not isinstance(imported, type | FunctionType):
            return None
        if not self._stays_here:
            if _can_be_imported(imported) and imported.__module__ != "__main__":
                return None
            raise TypeError(
                f"{imported.__qualname__} of {imported.__module__} lives in this process only, and workers of another "
                "cannot import it: generate the class into files (`flowbind generate`), or put the function into a "
                "module."
            )
        # An instance keeps the files of servers that it was given, with the clients that they came from.
        if imported is value and _can_be_imported(imported):
            return None
        _kept[id(value)] = value
        return _KEPT, id(value)


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, server_at: ServerAt) -> None:
        super().__init__(file)
        self._server_at = server_at

    def persistent_load(self, named: tuple[str, Any]) -> Any:
        kind, name = named
        if kind == _KEPT:
            return _kept[name]
        url, part = name
        server = self._server_at(url)
        return None if server is None else getattr(server, part)


def pack(value: Any, *, stays_here: bool) -> Packed:
    """Return a value as it travels, which may be a way within this process; raises `TypeError` for what cannot."""
    file = io.BytesIO()
    _Packer(file, stays_here=stays_here).dump(value)
    return Packed(file.getvalue())


def unpack(packed: Packed, server_at: ServerAt = lambda _: None) -> Any:
    """Return what was packed; `server_at` gives the client of a server whose files are in it, or None for no client."""
    return _Unpacker(io.BytesIO(packed.data), server_at).load()


def _can_be_imported(value: type | FunctionType) -> bool:
    found: Any = sys.modules.get(value.__module__)
    for name in value.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is value
