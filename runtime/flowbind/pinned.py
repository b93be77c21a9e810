"""The manifest entry of a generated class: what it was made for, beside its module."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flowbind.errors import InterfaceError
from flowbind.workflow import Workflow

MANIFEST = "manifest.json"


def entry_of_class(workflow: type[Workflow[Any]]) -> Mapping[str, Any]:
    """Return the manifest entry of a generated class; raises `InterfaceError` where there is none that can be used."""
    binding = workflow.__flowbind__
    if MANIFEST in binding.loaded:
        entries = json.loads(binding.loaded[MANIFEST])["workflows"]
    else:
        place = getattr(sys.modules.get(workflow.__module__), "__file__", None)
        entries = _entries(Path(place).with_name(MANIFEST)) if place else {}
    entry: Mapping[str, Any] = entries.get(binding.source, {})
    # Entries from before manifest version 3 do not say what the graph uses.
    if not isinstance(entry, Mapping) or "graph" not in entry:
        raise damaged(workflow)
    return entry


def damaged(workflow: type[Workflow[Any]]) -> InterfaceError:
    """Return the error for a manifest that does not say what a class uses."""
    return InterfaceError(
        f"What {MANIFEST} says of {workflow.__name__} is missing, old or damaged: "
        "run `flowbind generate`, and ship the .json files with the package."
    )


@cache
def _entries(path: Path) -> Mapping[str, Any]:
    """Return the entries of a manifest, none of one that cannot be read; classes of one folder share the reading."""
    try:
        found = json.loads(path.read_bytes())["workflows"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
