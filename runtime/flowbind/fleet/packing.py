"""What goes between a fleet and its workers: pickled without connections, which are found again where it arrives."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any
from weakref import WeakValueDictionary

from flowbind.downloadable import Downloadable
from flowbind.transport.part import Part

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
    """Names what is not pickled: a part of a server by where that is, what cannot be imported by its place here."""

    def __init__(self, file: io.BytesIO, *, stays_here: bool, keeps_files: bool) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._stays_here = stays_here
        self._keeps_files = keeps_files

    def persistent_id(self, value: Any) -> tuple[str, Any] | None:
        if self._keeps_files and isinstance(value, Downloadable):
            _kept[id(value)] = value
            return _KEPT, id(value)
        if isinstance(value, Part):
            # Clients call their parts as the classes of these are called.
            name = type(value).__name__.removeprefix("Async").lower()
            return _PART, (value._server._access.connection.url, name)
        if not isinstance(value, type | FunctionType) or _can_be_imported(value, here=self._stays_here):
            return None
        if not self._stays_here:
            raise TypeError(
                f"{value.__qualname__} of {value.__module__} lives in this process only, and workers of another cannot "
                "import it: generate the class into files (`flowbind generate`), or put the function into a module."
            )
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


def pack(value: Any, *, stays_here: bool, keeps_files: bool = False) -> Packed:
    """Return a value as it travels; raises `TypeError` for what cannot.

    `keeps_files` leaves files of servers as they are, with the clients that they came from.
    """
    file = io.BytesIO()
    _Packer(file, stays_here=stays_here, keeps_files=keeps_files).dump(value)
    return Packed(file.getvalue())


def unpack(packed: Packed, server_at: ServerAt = lambda _: None) -> Any:
    """Return what was packed; `server_at` gives the client of a server whose files are in it, or None for no client."""
    return _Unpacker(io.BytesIO(packed.data), server_at).load()


def _can_be_imported(value: type | FunctionType, *, here: bool) -> bool:
    found: Any = sys.modules.get(value.__module__)
    if value.__module__ == "__main__" and not here:
        return False
    for name in value.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is value
