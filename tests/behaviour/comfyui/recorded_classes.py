"""Classes of recorded prompts: generated as from a file of the API's format, with every value and output declared."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from flowbind.comfyui import Slot
from flowbind_generator.building import Basis, Export, build_copy
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.documents import shipped_catalog
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import engine_of
from flowbind_generator.live_module import class_of
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import Project

from . import made
from .prompts import Record

FILE = "recorded.json"


def attribute_of(node: str, name: str) -> str:
    """Return what the input for a value of a recorded prompt is called."""
    return f"in_{node}_{name}"


def output_of(node: str) -> str:
    """Return what the output of a node is called."""
    return f"out_{node}"


def generated(prompt: Record, shown: Collection[str], folder: Path) -> type[Any] | None:
    """Return the class that flowbind generates from a prompt; None where it finds that this cannot run.

    Each value is an input, the nodes `shown` are outputs.
    """
    inputs = "".join(f'{attribute_of(n, name)} = "{n}.{name}"\n' for n, name in _values(prompt))
    outputs = "".join(f'{output_of(node)} = "{node}"\n' for node in shown)
    (folder / "recorded.flowbind.toml").write_text(f"[inputs]\n{inputs}[outputs]\n{outputs}")
    report, data = Report(FILE), json.dumps(prompt).encode()
    basis = Basis(Project(folder, folder, folder / "generated"), {"comfyui": _catalog()}, Manifest())
    if not prompt:
        return None
    module = build_copy(Export(FILE, data, engine_of(data)), basis, report)
    assert module or list(report)
    return class_of(module) if module else None


def made_by_hand(prompt: Record, *, public: bool) -> type[Any]:
    """Return a class without the generator, which makes none of what cannot run; each value is an input, or none is."""
    slots = [Slot(attribute_of(n, name), n, name, "value") for n, name in _values(prompt)] if public else []
    return made.class_of(prompt, *slots)


@cache
def _catalog() -> Catalog:
    return shipped_catalog()


def _values(prompt: Record) -> Iterator[tuple[str, str]]:
    for node, about in prompt.items():
        for name, value in (about.get("inputs", {}) if isinstance(about, dict) else {}).items():
            if not isinstance(value, list):
                yield node, name
