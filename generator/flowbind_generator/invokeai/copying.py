"""The export that has an instance's values: the workflow that a run stores, and what that leaves out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from flowbind.binding import Batch, Slot
from flowbind.errors import InputError
from flowbind.invokeai.fields import LoRA, ModelRef, is_model
from flowbind.invokeai.runs.batch import own_items, slot_of
from flowbind.invokeai.runs.body import body_of
from flowbind.invokeai.runs.lookup import given
from flowbind.invokeai.runs.preview import preview
from flowbind.same import same
from flowbind.workflow import UNSET, Workflow, is_given, labelled, shortened
from flowbind_generator.copying import Difference

_NO_BOARDS = ("auto", "none")
_SEPARATORS = ("\\n", "|", ";;", "\\n===\\n")
"""What may stand between the items of a generator; a line's end is spelled as in JSON."""


def copy(workflow: Workflow[Any]) -> Mapping[str, Any]:
    """Return an instance as an export; raises `InputError` for values that no file holds."""
    if problems := list(_not_in_files(workflow)):
        raise InputError(problems)
    batch = json.loads(preview(workflow)[0])["batch"]
    document: dict[str, Any] = batch["workflow"]
    inputs: dict[str, dict[str, Any]] = {
        node["id"]: node["data"]["inputs"] for node in document["nodes"] if "inputs" in node["data"]
    }
    for slot in workflow.__flowbind__.slots:
        if slot.attribute and slot.node in inputs and given(workflow, slot) is not UNSET:
            posted = batch["graph"]["nodes"].get(slot.node, {})
            _fill(_entry(inputs[slot.node], slot.field), slot, posted, getattr(workflow, slot.attribute))
    for one in workflow.__flowbind__.batches:
        if own_items(workflow, one) is not None and is_given(workflow, one.attribute):
            _give_items(document, inputs, slot_of(type(workflow), one), one, _posted_items(batch, one))
    return document


def differences(workflow: Workflow[Any], read: type[Workflow[Any]]) -> list[Difference]:
    """Return what a run of an instance posts otherwise than one of the class that was read from its copy."""
    # What the copy lacks is left open: it shows as a difference.
    lacking: dict[str, Any] = {name: UNSET for name, field in read.model_fields.items() if field.is_required()}
    mine, theirs = _posted(workflow), _posted(read.model_construct(**lacking))
    return [
        Difference(*_given_at(type(workflow), place), mine.get(place), theirs.get(place))
        for place in dict.fromkeys([*mine, *theirs])
        if not same(mine.get(place), theirs.get(place))
    ]


def _given_at(kind: type[Workflow[Any]], place: tuple[str, str]) -> tuple[str, str]:
    """Return the input that a batch's items are given to, of one that they are posted for; any other is its own."""
    slots = (slot_of(kind, batch) for batch in kind.__flowbind__.batches if place in batch.targets)
    return next(((slot.node, slot.field) for slot in slots), place)


def _posted(workflow: Workflow[Any]) -> dict[tuple[str, str], Any]:
    """Return what is posted by node and input: values, what feeds them, and the items that they take in turn."""
    batch = json.loads(preview(workflow, draws=False)[0])["batch"]
    # The nodes that take a LoRA or several take one in a list for the same.
    loras = {(slot.node, slot.field) for slot in workflow.__flowbind__.slots if slot.kind == "lora"}
    found = {
        (node_id, name): [value] if (node_id, name) in loras and isinstance(value, dict) else value
        for node_id, node in batch["graph"]["nodes"].items()
        for name, value in node.items()
    }
    fed: defaultdict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for edge in batch["graph"]["edges"]:
        source, target = edge["source"], edge["destination"]
        fed[target["node_id"], target["field"]].append([source["node_id"], source["field"]])
    found |= {place: {"fed by": sorted(sources)} for place, sources in fed.items()}
    groups: list[list[dict[str, Any]]] = batch.get("data", [])
    for number, group in enumerate(groups):
        for datum in group:
            found[datum["node_path"], datum["field_name"]] = {"group": number, "items": datum["items"]}
    return found


def _not_in_files(workflow: Workflow[Any]) -> Iterator[str]:
    """Yield a sentence for each input that has a value which only a run can look up."""
    kind = type(workflow)
    for number, slot in enumerate(kind.__flowbind__.slots):
        if slot.attribute is None or not is_given(workflow, slot.attribute):
            continue
        value = getattr(workflow, slot.attribute)
        own = body_of(kind).values[number]
        for one in value if isinstance(value, list) else [value]:
            if cause := _why_not(slot, one, own):
                yield f"{labelled(kind, slot.attribute, slot.label)} is {shortened(one)}: {cause}"
                break


def _why_not(slot: Slot, value: Any, own: Any) -> str | None:
    if isinstance(value, (Path, bytes)):
        handle = "videos" if slot.kind == "video" else "images"
        return f"no file holds that. Upload it first, and give what `server.{handle}.upload` returns."
    if slot.kind in ("model", "lora") and value is not UNSET and value is not None:
        model = value.model if isinstance(value, LoRA) else value
        if isinstance(model, str) or (isinstance(model, ModelRef) and not is_model(model.known())):
            return (
                "a file names a model by key, hash, name, base and type. Give what `server.models.find` returns for it."
            )
    is_name = slot.kind == "board" and isinstance(value, str) and not (value in _NO_BOARDS or _is_id(value))
    if is_name and own != {"board_id": value}:
        return "a file names a board by its id. Give `server.boards.by_name(...).board_id`."
    return None


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _entry(inputs: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what a node's file says of an input; the editor writes one for each, but files may have fewer."""
    entry: dict[str, Any] = inputs.setdefault(name, {"name": name, "label": "", "description": ""})
    return entry


def _fill(entry: dict[str, Any], slot: Slot, posted: Mapping[str, Any], value: Any) -> None:
    """Write a value where the workflow that is stored with pictures has another one, or no place for it."""
    if slot.kind == "board" and value in _NO_BOARDS:
        # A run leaves both out; to the editor they are two.
        entry["value"] = value
    elif slot.field in posted:
        held = posted[slot.field]
        # The editor reads a LoRA only in a list.
        entry["value"] = [held] if slot.kind == "lora" and isinstance(held, dict) else held


def _posted_items(batch: Mapping[str, Any], one: Batch) -> list[Any]:
    data = {(d["node_path"], d["field_name"]): d["items"] for group in batch["data"] for d in group}
    items: list[Any] = data[one.targets[0]]
    return items


def _give_items(
    document: dict[str, Any], inputs: Mapping[str, Any], slot: Slot, batch: Batch, posted: list[Any]
) -> None:
    """Write the items of a batch: into its node, which no generator may feed then, or into the generator."""
    if slot.node == batch.node:
        _entry(inputs[slot.node], slot.field)["value"] = posted
        ends = (slot.node, slot.field)
        document["edges"] = [
            edge
            for edge in document["edges"]
            if (edge.get("target", "").strip(), edge.get("targetHandle", "").strip()) != ends
        ]
    elif all(isinstance(item, (str, int, float)) for item in posted):
        node_type = next(node["data"]["type"] for node in document["nodes"] if node["id"] == slot.node)
        texts = [item if isinstance(item, str) else repr(item) for item in posted]
        separator = next((s for s in _SEPARATORS if _spelled(s) not in "".join(texts)), _SEPARATORS[0])
        told = {"type": f"{node_type}_parse_string", "input": _spelled(separator).join(texts), "splitOn": separator}
        _entry(inputs[slot.node], slot.field)["value"] = told


def _spelled(separator: str) -> str:
    found: str = json.loads(f'"{separator}"')
    return found
