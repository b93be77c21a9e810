"""The server families, where the core of the runtime has to ask each: every one has a package of its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flowbind.local_server.installed import Installed

_NAMES = ("comfyui", "invokeai")


def installed() -> dict[str, type[Installed]]:
    """Return what each family's installations are, by its name."""
    found = (import_module(f"flowbind.{name}.installation").Installed for name in _NAMES)
    return {one.NAME: cast("type[Installed]", one) for one in found}
