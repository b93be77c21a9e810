"""The batch that flowbind posts for a file, made through the attributes of its class."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flowbind.invokeai.runs.preview import preview
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input

from .building import Built
from .compare import JUNK, Place
from .page import add_state
from .shared import Record
from .values import plausible, python_value

# Generators whose items a server draws: the page asks it at submit, so the test gives what the page got.
DRAWN_BY_SERVER = ("dynamic_prompts", "images_from_board")
# Bodies that the page posted before anything was picked in it.
BEFORE_PATCHES = ("as_loaded_enqueue_body", "unvalidated_enqueue_body")
_LISTS = ("images", "strings", "integers", "floats")


class Unsettable(Exception):
    """What somebody picked in the page has no attribute."""


@dataclass(frozen=True)
class Posted:
    """Two batches for one file: flowbind's and the page's; `unset` are inputs without a value, taken out of both."""

    mine: Any
    theirs: Any
    unset: tuple[Place, ...]
    wrong: tuple[str, ...]


def posted_like(record: Record, body: str, built: Built, catalog: Catalog, not_set: frozenset[Place]) -> Posted:
    """Return flowbind's batch beside a body of the page, named by its key.

    The patches before that body are set as attributes, save those of some places. An input that a run needs and that
    has no value gets one, so that there is an instance, and is left out of the comparison.
    """
    theirs = json.loads(json.dumps(record[body]["batch"]))
    patches = [] if body in BEFORE_PATCHES else record.get("patches") or []
    picked = {(p["nodeId"], p["fieldName"]): python_value(p["value"]) for p in patches}
    given = {_input_for(built, *place): value for place, value in picked.items() if place not in not_set}
    given |= _drawn_items(record, theirs, built)
    lacking = [i for i in _inputs(built) if i.required and i not in given]
    instance = built.made(
        **{i.attribute: value for i, value in given.items()},
        **{i.attribute: plausible(i, catalog) for i in lacking},
    )
    mine = json.loads(preview(instance)[0])["batch"]
    assert built.module is not None
    add_state(mine, built.module, record, catalog)
    unset = tuple((i.node_id, i.field_name) for i in lacking)
    wrong = [problem for place in unset if (problem := _leave_out(place, mine, theirs))]
    return Posted(mine, theirs, unset, tuple(wrong))


def _leave_out(place: Place, mine: Any, theirs: Any) -> str | None:
    """Take an input that has no value out of both batches; the page must not have one either, junk aside."""
    node_id, name = place
    if name in _LISTS:
        # A list of a batch is not in the graph. Where the page has no items, flowbind shall have none.
        for ours, wanted in zip(_data(mine), _data(theirs), strict=False):
            ours["items"] = wanted["items"] and ours["items"]
    mine["graph"]["nodes"].get(node_id, {}).pop(name, None)
    value = theirs["graph"]["nodes"].get(node_id, {}).pop(name, JUNK)
    return None if value == JUNK else f"{node_id}.{name} is required here, and the page posts {json.dumps(value)[:80]}"


def _input_for(built: Built, node_id: str, *field_names: str) -> Input:
    found = built.input_at(node_id, *field_names)
    if found is None:
        raise Unsettable(f"no attribute sets {node_id}.{field_names[0]}, which was picked in the page")
    return found


def _inputs(built: Built) -> Iterable[Input]:
    return built.module.inputs if built.module else ()


def _drawn_items(record: Record, theirs: Any, built: Built) -> dict[Input, Any]:
    """Return the items that the page let the server draw, by the input of their batch node."""
    workflow = record["workflow"]
    nodes = {n["id"]: n for n in workflow["nodes"]}
    found: dict[Input, Any] = {}
    for node in nodes.values():
        if not _is_drawn_by_server(node):
            continue
        for batch, _ in _followed(node["id"], workflow, nodes):
            if str(nodes[batch]["data"].get("type")).endswith("_batch"):
                item = built.input_at(batch, *_LISTS) or _input_for(built, node["id"], "generator")
                found[item] = python_value(_items(batch, theirs, workflow))
    return found


def _is_drawn_by_server(node: Mapping[str, Any]) -> bool:
    value = node["data"].get("inputs", {}).get("generator", {}).get("value")
    return isinstance(value, dict) and any(word in str(value.get("type")) for word in DRAWN_BY_SERVER)


def _items(batch: str, theirs: Any, workflow: Mapping[str, Any]) -> list[Any]:
    """Return what the page posts for a batch node: it names the first node behind it, connectors included."""
    ends = {(e["target"], e.get("targetHandle")) for e in workflow["edges"] if e["source"] == batch}
    return next(list(d["items"]) for d in _data(theirs) if (d["node_path"], d["field_name"]) in ends)


def _data(batch: Any) -> list[Any]:
    return [datum for group in batch.get("data") or () for datum in group]


def _followed(start: str, workflow: Mapping[str, Any], nodes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the inputs that a node or connector feeds, through all connectors behind it."""
    found: list[tuple[str, str]] = []
    for edge in workflow["edges"]:
        if edge["source"] == start and edge.get("targetHandle"):
            is_dot = nodes.get(edge["target"], {}).get("type") == "connector"
            found += _followed(edge["target"], workflow, nodes) if is_dot else [(edge["target"], edge["targetHandle"])]
    return found


def without_connectors(data: Any, workflow: Mapping[str, Any]) -> list[list[Any]]:
    """Return a page's batch data with the inputs that its connectors lead to in place of the connectors."""
    nodes = {n["id"]: n for n in workflow["nodes"]}
    return [
        [
            {"node_path": node_id, "field_name": name, "items": datum["items"]}
            for datum in group
            for node_id, name in (
                _followed(datum["node_path"], workflow, nodes)
                if nodes[datum["node_path"]]["type"] == "connector"
                else [(datum["node_path"], datum["field_name"])]
            )
        ]
        for group in data
    ]
