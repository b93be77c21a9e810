"""What the server tells of the pictures and videos that it keeps."""

from __future__ import annotations

from typing import Any

from flowbind.invokeai._wire import Operation, get, quoted, read
from flowbind.invokeai.stored import Kind, StoredT


def found(kind: Kind[StoredT], name: str, source: Any) -> Operation[StoredT]:
    """Return what the server tells of one picture or video; it is downloaded from `source`."""
    return stored(kind, (yield from get(f"{kind.path}/i/{quoted(name)}")), source)


def stored(kind: Kind[StoredT], document: Any, source: Any) -> StoredT:
    """Return one picture or video of an answer."""
    from flowbind.invokeai import _rest

    return kind.make(read(getattr(_rest, kind.dto), document), source)
