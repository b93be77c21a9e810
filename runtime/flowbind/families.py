"""The server families, where the core of the runtime has to ask each: every one has a package of its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from flowbind.errors import ServerUnreachable
from flowbind.outside import tellable

if TYPE_CHECKING:
    from flowbind.local_server.installed import Installed

_NAMES = {"comfyui": "ComfyUI", "invokeai": "InvokeAI"}


def client_of(url: str, **options: Any) -> Any:
    """Return a client of the server at an address, whichever family it is of; it has its account of the environment.

    `options` are those that all clients have. Raises `ServerUnreachable` where nothing answers like any of them.
    """
    for package, name in _NAMES.items():
        client = getattr(import_module(f"flowbind.{package}.client"), name).from_env(url=url, **options)
        if client.is_alive():
            return client
        client.close()
    raise ServerUnreachable(f"At {tellable(url)} nothing answers as {' or '.join(_NAMES.values())} does.")


def installed() -> dict[str, type[Installed]]:
    """Return what each family's installations are, by its name."""
    found = (import_module(f"flowbind.{name}.installation").Installed for name in _NAMES)
    return {one.NAME: cast("type[Installed]", one) for one in found}
