"""The request of an instance without a server: what is not looked up stays a placeholder."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from flowbind.binding import Batch
from flowbind.downloadable import Downloadable, described
from flowbind.drawing import settled
from flowbind.invokeai.fields import LOOKED_UP, REFERENCE_KEYS, LoRA, ModelRef
from flowbind.invokeai.media import Image, Video
from flowbind.invokeai.runs.batch import ITEM_KINDS, Items, drawn, laid_out, own_items, slot_of
from flowbind.invokeai.runs.body import BATCH_ID, DATA, body_of
from flowbind.invokeai.runs.lookup import given, set_lists, to_json
from flowbind.invokeai.runs.submitting import checked
from flowbind.payload import encode
from flowbind.place import place_of
from flowbind.workflow import UNSET, Workflow


def preview(workflow: Workflow[Any], *, draws: bool = True) -> tuple[bytes, list[str]]:
    """Return the body that would be posted, and one line for each value that a server would be asked about.

    Without `draws`, generators of random numbers stay what they are.
    """
    workflow, _ = settled(workflow)
    checked(workflow)
    body = body_of(type(workflow))
    values: dict[Hashable, bytes | None] = {BATCH_ID: encode(str(uuid.uuid4()))}
    placeholders: list[str] = []
    for number, slot in enumerate(workflow.__flowbind__.slots):
        value = given(workflow, slot)
        own = body.values[number]
        if value is UNSET:
            shown = own
        else:
            shown = None if value is None else _placeholder(slot.kind, value)
            values[number] = None if shown is None else encode(shown)
        if slot.kind in LOOKED_UP and shown not in (None, []):
            placeholders.append(f"{place_of(type(workflow), slot, body.node_labels[slot.node])}: {shown}")
    if workflow.__flowbind__.batches:
        items = [_items(workflow, batch, placeholders, draws=draws) for batch in workflow.__flowbind__.batches]
        values |= {**set_lists(workflow, items), DATA: encode(laid_out(workflow, items))}
    return body.pieces.join(values), placeholders


def _items(workflow: Workflow[Any], batch: Batch, placeholders: list[str], *, draws: bool) -> Items | None:
    """Return the items of a batch, None where only the server can tell them."""
    slot = slot_of(type(workflow), batch)
    items = own_items(workflow, batch) or (drawn(batch.generator or {}) if draws else None)
    shown = None if items is None else _placeholder(ITEM_KINDS[slot.kind], items)
    if shown is None or slot.kind == "images":
        placeholders.append(f"{place_of(type(workflow), slot, '')}: {batch.generator if shown is None else shown}")
    return shown


def _placeholder(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_placeholder(kind, item) for item in value]
    match value:
        case LoRA():
            return {"lora": _placeholder("model", value.model), "weight": value.weight}
        case ModelRef():
            return value.known()
        case Image() | Video():
            return {REFERENCE_KEYS[kind]: value.name}
        case Downloadable():
            return {REFERENCE_KEYS[kind]: f"<{described(value)}>"}
        case Path():
            return {REFERENCE_KEYS[kind]: value.as_posix()}
        case bytes():
            return {REFERENCE_KEYS[kind]: f"<{len(value)} bytes>"}
        case str() if kind == "model":
            return {"name": value}
        case _:
            return to_json(kind, value)
