"""The server itself: its release, its document, and whether it wants a login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.errors import NotFound, UnexpectedReply
from flowbind.invokeai._wire import Operation, get, read
from flowbind.invokeai.field_types import mapping


def server_version() -> Operation[str]:
    """Return the release that the server runs."""
    from flowbind.invokeai._rest import AppVersion

    return read(AppVersion, (yield from get("/api/v1/app/version"))).version


def server_document() -> Operation[dict[str, Any]]:
    """Return the server's OpenAPI document."""
    document = yield from get("/openapi.json")
    if not isinstance(document, dict):
        raise UnexpectedReply("GET /openapi.json was answered with JSON that is no OpenAPI document.")
    return document


class ServedPaths:
    """What the server's document offers: asked for once, since no server changes while it runs."""

    def __init__(self) -> None:
        self._paths: Mapping[str, Any] | None = None

    def supports(self, method: str, path: str) -> Operation[bool]:
        """Tell whether the document has a method of a path: a 404 would not tell, see `_wire.parsed`."""
        if self._paths is None:
            self._paths = mapping((yield from server_document()).get("paths"))
        return method.lower() in mapping(self._paths.get(path))


def wants_login() -> Operation[bool]:
    """Tell whether the server has accounts; releases before 6.12 have none, and no such path."""
    try:
        status = yield from get("/api/v1/auth/status")
    except (NotFound, UnexpectedReply):
        return False
    return isinstance(status, dict) and bool(status.get("multiuser_enabled"))
