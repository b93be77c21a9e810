"""What one does with pictures on this machine: check, fit, compare, lay out; needs the extra `images`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbind.pictures.runs import Cells, Ended, cells
    from flowbind.pictures.sheets import sheet

__all__ = ["Cells", "Ended", "cells", "sheet"]

_HOMES = {
    "Cells": "flowbind.pictures.runs",
    "Ended": "flowbind.pictures.runs",
    "cells": "flowbind.pictures.runs",
    "sheet": "flowbind.pictures.sheets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.pictures' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
