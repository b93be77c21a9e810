"""Typed Python classes for workflows drawn in a GUI: what generated modules import and user code calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbind._inputs import InputInfo, inputs
    from flowbind.fleet.fleet import Fleet
    from flowbind.loading import load
    from flowbind.sweeps import grid, random_seeds, zipped
    from flowbind.workflow import RANDOM

__all__ = ["RANDOM", "Fleet", "InputInfo", "__version__", "grid", "inputs", "load", "random_seeds", "zipped"]
__version__ = "0.1.0"

_HOMES = {
    "RANDOM": "flowbind.workflow",
    "Fleet": "flowbind.fleet.fleet",
    "InputInfo": "flowbind._inputs",
    "grid": "flowbind.sweeps",
    "inputs": "flowbind._inputs",
    "load": "flowbind.loading",
    "random_seeds": "flowbind.sweeps",
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
