"""The server itself: its release."""

from __future__ import annotations

from flowbind.invokeai._wire import Operation, get, read


def server_version() -> Operation[str]:
    """Return the release that the server runs."""
    from flowbind.invokeai._rest import AppVersion

    return read(AppVersion, (yield from get("/api/v1/app/version"))).version
