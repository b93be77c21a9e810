"""The request of an instance without a server: what is not looked up stays a placeholder."""

from __future__ import annotations

import uuid
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from flowbind.invokeai._body import BATCH_ID, body_of
from flowbind.invokeai.fields import Image, LoRA, ModelRef, Video
from flowbind.invokeai.lookup import LOOKED_UP, given, to_json
from flowbind.invokeai.place import place_of
from flowbind.payload import encode
from flowbind.workflow import UNSET, Workflow

_REFERENCES = {"image": "image_name", "video": "video_name", "board": "board_id"}


def preview(workflow: Workflow[Any]) -> tuple[bytes, list[str]]:
    """Return the body that would be posted, and one line for each value that a server would be asked about."""
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
    return body.pieces.join(values), placeholders


def _placeholder(kind: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_placeholder(kind, item) for item in value]
    match value:
        case LoRA():
            return {"lora": _placeholder("model", value.model), "weight": value.weight}
        case ModelRef():
            known = {k: getattr(value, k) for k in ("key", "hash", "name", "base", "type", "submodel_type")}
            return {k: v for k, v in known.items() if v is not None}
        case Image() | Video():
            return {_REFERENCES[kind]: value.name}
        case Path():
            return {_REFERENCES[kind]: value.as_posix()}
        case bytes():
            return {_REFERENCES[kind]: f"<{len(value)} bytes>"}
        case str() if kind == "model":
            return {"name": value}
        case str() if kind in _REFERENCES:
            return {_REFERENCES[kind]: value}
        case _:
            return to_json(kind, value)
