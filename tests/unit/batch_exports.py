"""Small workflows with batch nodes: a blank picture whose width, and a text whose value, vary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Batch, Module
from flowbind_generator.live_module import class_of

from .exports import edge, node, picture, resolved, workflow

LISTS = {"integer": "integers", "float": "floats", "string": "strings", "image": "images"}
Document = dict[str, Any]


def batch(node_id: str, kind: str, items: Any = ..., *, group: Any = ..., label: str = "") -> Document:
    """Return a batch node; without items or group the export lacks the key."""
    inputs = {} if items is ... else {LISTS[kind]: items}
    inputs |= {} if group is ... else {"batch_group_id": group}
    return node(node_id, f"{kind}_batch", inputs, label=label)


def generator(node_id: str, saved: Mapping[str, Any], *, kind: str = "", label: str = "") -> Document:
    """Return a generator node that holds a saved generator; `kind` is its own where that is another's."""
    own = kind or str(saved["type"]).partition("_")[0]
    return node(node_id, f"{own}_generator", {"generator": dict(saved)}, label=label)


def batched(*nodes: Document, edges: Sequence[str], form: Any = None) -> Document:
    """Return a workflow of a picture "p", a text "s" and further nodes; an edge is written "a.value>p.width"."""
    wires = [edge(*e.split(">")) for e in edges]
    fed = (picture(width=64, height=64, mode="RGB"), node("s", "string", {"value": "x"}))
    return workflow(*nodes, *fed, edges=wires, form=form)


def widths(items: Any = ..., *, group: Any = "None", form: Any = None) -> Document:
    """Return a workflow of which each run takes another width."""
    return batched(batch("b", "integer", items, group=group), edges=["b.value>p.width"], form=form)


def batches_of(document: Document, catalog: Catalog) -> tuple[Batch, ...]:
    """Return the batches of a workflow that must not be refused."""
    return resolved(document, catalog)[0].batches


def made(document: Document, catalog: Catalog) -> Any:
    """Return the class of a workflow, as it is written to a file."""
    return class_of(resolved(document, catalog)[0])


def stored(module: Module, node_id: str) -> Any:
    """Return the inputs of a node in the workflow that is stored with pictures."""
    assert module.workflow is not None
    (found,) = (n for n in module.workflow["nodes"] if n["id"] == node_id)
    return json.loads(json.dumps(found["data"]["inputs"]))
