"""The manifest entry of a generated class: what it was made for, beside its module."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import lru_cache
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
        entries = _entries_beside(Path(place)) if place else {}
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


def _entries_beside(module: Path) -> Mapping[str, Any]:
    """Return the entries of the manifest beside a module, none of one that cannot be read."""
    path = module.with_name(MANIFEST)
    try:
        found = _entries(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=8)
def _entries(path: Path, _changed: int) -> Any:
    """Return what a manifest says of workflows; classes of one folder share the reading until the file changes."""
    return json.loads(path.read_bytes())["workflows"]
