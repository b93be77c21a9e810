"""The server itself: its release, its document, and whether it wants a login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowbind.errors import NotFound, ServerError, UnexpectedReply
from flowbind.transport.steps import Call, Operation
from flowbind.transport.wire import get, parsed, read

if TYPE_CHECKING:
    from flowbind.metrics import Metrics

_VERSION = "/api/v1/app/version"


def server_version() -> Operation[str]:
    """Return the release that the server runs."""
    from flowbind.invokeai._rest import AppVersion

    return read(AppVersion, (yield from get(_VERSION))).version


def is_alive(timeout: float) -> Operation[bool]:
    """Tell whether an InvokeAI answers within some seconds."""
    from flowbind.invokeai._rest import AppVersion

    try:
        read(AppVersion, parsed((yield Call("GET", _VERSION, timeout=timeout))))
    except ServerError:
        return False
    return True


def metrics() -> Operation[Metrics]:
    """Return how busy the server is."""
    from flowbind.invokeai.runs.submitting import read_status
    from flowbind.metrics import Metrics

    queue = (yield from read_status()).queue
    return Metrics(queue_depth=queue.pending + queue.in_progress)


def server_document() -> Operation[dict[str, Any]]:
    """Return the server's OpenAPI document."""
    document = yield from get("/openapi.json")
    if not isinstance(document, dict):
        raise UnexpectedReply("GET /openapi.json was answered with JSON that is no OpenAPI document.")
    return document


def wants_login() -> Operation[bool]:
    """Tell whether the server has accounts; releases before 6.12 have none, and no such path."""
    try:
        status = yield from get("/api/v1/auth/status")
    except (NotFound, UnexpectedReply):
        return False
    return isinstance(status, dict) and bool(status.get("multiuser_enabled"))
