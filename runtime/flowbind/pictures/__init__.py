"""What one does with pictures on this machine: check, fit, compare, lay out; needs the extra `images`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbind.pictures.checking import PictureInfo, check
    from flowbind.pictures.comparing import Comparison, compare
    from flowbind.pictures.fitting import fit
    from flowbind.pictures.runs import Cells, Ended, cells
    from flowbind.pictures.sheets import sheet

__all__ = ["Cells", "Comparison", "Ended", "PictureInfo", "cells", "check", "compare", "fit", "sheet"]

_HOMES = {
    "Cells": "flowbind.pictures.runs",
    "Comparison": "flowbind.pictures.comparing",
    "Ended": "flowbind.pictures.runs",
    "PictureInfo": "flowbind.pictures.checking",
    "cells": "flowbind.pictures.runs",
    "check": "flowbind.pictures.checking",
    "compare": "flowbind.pictures.comparing",
    "fit": "flowbind.pictures.fitting",
    "sheet": "flowbind.pictures.sheets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'flowbind.pictures' has no attribute {name!r}")
    from importlib import import_module

    from flowbind.extras import extra_needed

    with extra_needed("flowbind.pictures", "images"):
        value = getattr(import_module(_HOMES[name]), name)
    # A submodule of the same name would otherwise hide it after the first import.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
