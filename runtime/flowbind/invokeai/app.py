"""The server itself: its release, its document, and whether it wants a login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowbind.errors import NotFound, UnexpectedReply
from flowbind.invokeai._wire import Operation, get, read

Supports = Callable[[str, str], Operation[bool]]
"""Tells whether the server's document has a method of a path; the path is written as in the document."""


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


class Supported:
    """What a server's document lists; it is read once."""

    def __init__(self) -> None:
        self._paths: dict[str, Any] | None = None

    def __call__(self, method: str, path: str) -> Operation[bool]:
        """Tell whether the document has a method of a path."""
        paths = self._paths
        if paths is None:
            paths = self._paths = (yield from server_document()).get("paths") or {}
        return method.lower() in paths.get(path, ())


def wants_login() -> Operation[bool]:
    """Tell whether the server has accounts; releases before 6.12 have none, and no such path."""
    try:
        status = yield from get("/api/v1/auth/status")
    except (NotFound, UnexpectedReply):
        return False
    return isinstance(status, dict) and bool(status.get("multiuser_enabled"))
