"""Uploads: a content is sent in pieces, never held as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from flowbind.errors import NotTheApi, Refused
from flowbind.transport.contents import sending
from flowbind.transport.steps import Call, Operation, Upload
from flowbind.transport.wire import details, parsed, read

if TYPE_CHECKING:
    from flowbind.invokeai.gallery.stored import Category, Kind
    from flowbind.transport.contents import Source

_NO_SUCH_PATH = ("Not Found", "Method Not Allowed")


@dataclass(frozen=True)
class Where:
    """Where an upload goes: `board` is an id, `metadata` JSON."""

    board: str | None = None
    category: Category = "user"
    is_intermediate: bool = False
    metadata: str | None = None


NOWHERE = Where()
"""Among the assets that are on no board."""


def sent(kind: Kind[Any], source: Source, where: Where) -> Operation[Mapping[str, Any]]:
    """Upload a content; return what the server tells of it, which has the shape that flowbind knows."""
    from flowbind.invokeai import _rest

    fields = {"metadata": where.metadata} if where.metadata is not None else {}
    # The server gives what it keeps a name of its own; this one only says what it is.
    name = f"{PurePath(source.name).stem or kind.word}{source.suffix}"
    upload = Upload(name, source.file, source.start, source.size, source.media_type, fields)
    params = {f"{kind.word}_category": where.category, "is_intermediate": str(where.is_intermediate).lower()}
    if where.board is not None:
        params["board_id"] = where.board
    call = Call("POST", f"{kind.path}/upload", params, upload=upload)
    reply = yield from sending(call, source, kind.taken)
    if reply.status in (404, 405) and details(reply) in _NO_SUCH_PATH:
        raise NotTheApi(
            f"The server does not take {source.place}: it knows no {kind.word}s. {kind.lacking}", status=reply.status
        )
    try:
        document: Mapping[str, Any] = parsed(reply)
    except Refused as error:
        raise Refused(f"The server does not take {source.place}. {error}", status=reply.status) from None
    read(getattr(_rest, kind.dto), document)
    return document
