"""ComfyUI's truth: saved files, what the real editor posts for each, and when a prompt of ours is equal to that."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from tests.fidelity.shared import MISSING, SHARED, Record

from flowbind.comfyui.schema.controls import MADE_BY_BROWSER
from flowbind.comfyui.schema.node_classes import NodeClass
from flowbind.same import same
from flowbind_generator.comfyui.catalog import Catalog

PAIRS = ("frontend-1.49.6", "frontend-1.58.1", "templates-0.1.95")
_FOLDER = SHARED / "truth" / "comfyui"
_OBJECT_INFO = SHARED / "specs" / "comfyui-object_info-0.33.0.json.gz"
_ABSENT = object()

ARE_HERE = _FOLDER.is_dir() and _OBJECT_INFO.is_file()
needs_pairs = pytest.mark.skipif(not ARE_HERE, reason=MISSING)


@cache
def server_catalog() -> Catalog:
    """Return the node classes of the server of the truth."""
    return Catalog(json.loads(gzip.decompress(_OBJECT_INFO.read_bytes())))


@cache
def pairs(name: str) -> tuple[Record, ...]:
    """Return the pairs of one file of the truth: `name`, `ui` as it was saved, `api` as the editor posts it."""
    with gzip.open(_FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(map(json.loads, lines))


def all_pairs() -> Iterator[Record]:
    """Yield the pairs of all files."""
    for name in PAIRS:
        yield from pairs(name)


@cache
def widgets_by_class() -> dict[str, Any]:
    """Return the controls that the editor makes for each class."""
    with gzip.open(_FOLDER / "widgets_by_class.json.gz", "rb") as file:
        return dict(json.load(file))


def is_servable(pair: Record) -> bool:
    """Tell whether the server has all classes that the editor posts."""
    return all(node.get("class_type") in server_catalog() for node in pair["api"].values())


def compared(posted: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield all inputs of two prompts, as node and name, and whether they are equal; nodes that one lacks, too.

    What the server does not know of is left aside, and so is what only a browser can make. An optional input that is
    missing counts as its default.
    """
    for known in sorted(posted.keys() | truth.keys()):
        ours, theirs = posted.get(known), truth.get(known)
        if ours is None or theirs is None or ours["class_type"] != theirs["class_type"]:
            yield known, "", False
            continue
        node_class = server_catalog()[ours["class_type"]]
        for name in sorted(ours["inputs"].keys() | theirs["inputs"].keys()):
            if _is_compared(node_class, name):
                values = (_value(node_class, side["inputs"], name) for side in (ours, theirs))
                yield known, name, same(*values)


def _is_compared(node_class: NodeClass, name: str) -> bool:
    found = node_class.by_name.get(name.partition(".")[0])
    return found is not None and found.type not in MADE_BY_BROWSER


def _value(node_class: NodeClass, inputs: Mapping[str, Any], name: str) -> Any:
    value = inputs.get(name, _ABSENT)
    found = node_class.by_name.get(name)
    if value is _ABSENT and found is not None and not found.required:
        return found.options.get("default")
    return value
