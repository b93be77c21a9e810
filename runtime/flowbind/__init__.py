"""Typed Python classes for workflows drawn in a GUI: what generated modules import and user code calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbind._inputs import InputInfo, inputs
    from flowbind._nodes import nodes
    from flowbind.fleet.fleet import Fleet
    from flowbind.loaded import LoadedWorkflow
    from flowbind.loading import load
    from flowbind.local_server.server import LocalServer
    from flowbind.store import Store, save
    from flowbind.sweeps import grid, random_seeds, zipped
    from flowbind.workflow import RANDOM

__all__ = [
    "RANDOM",
    "Fleet",
    "InputInfo",
    "LoadedWorkflow",
    "LocalServer",
    "Store",
    "__version__",
    "grid",
    "inputs",
    "load",
    "nodes",
    "random_seeds",
    "save",
    "zipped",
]
__version__ = "0.1.0"

_HOMES = {
    "RANDOM": "flowbind.workflow",
    "Fleet": "flowbind.fleet.fleet",
    "InputInfo": "flowbind._inputs",
    "LoadedWorkflow": "flowbind.loaded",
    "LocalServer": "flowbind.local_server.server",
    "Store": "flowbind.store",
    "grid": "flowbind.sweeps",
    "inputs": "flowbind._inputs",
    "load": "flowbind.loading",
    "nodes": "flowbind._nodes",
    "random_seeds": "flowbind.sweeps",
    "save": "flowbind.store",
    "zipped": "flowbind.sweeps",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    # A submodule of the same name would otherwise hide it after the first import.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
