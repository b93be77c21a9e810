"""The models, pictures, videos and boards that a workflow names, as the manifest keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flowbind.invokeai.fields import LOOKED_UP, REFERENCE_KEYS, is_model
from flowbind_generator.draft import DraftInput
from flowbind_generator.invokeai.load import Loaded
from flowbind_generator.ir import Slot


def named_things(loaded: Loaded, inputs: Iterable[DraftInput], references: Iterable[Slot]) -> list[dict[str, Any]]:
    """Return what a run that sets nothing names: its kind, where it stands, and its name or the model's record."""
    found: list[dict[str, Any]] = []
    places = [(d.input.node_id, d.input.node_type, d.input.field_name, d.input.kind, d.input.default) for d in inputs]
    for slot in references:
        node = loaded.graph["nodes"][slot.node_id]
        places.append((slot.node_id, node["type"], slot.field_name, slot.kind, node.get(slot.field_name)))
    for node_id, node_type, field_name, kind, value in places:
        where = {"node_id": node_id, "node_type": node_type, "field_name": field_name}
        # The items of a batch of pictures are pictures.
        names = _names("image" if kind == "images" else kind, value)
        found += [{"kind": what, **where, "value": name} for what, name in names]
    return found


def _names(kind: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield kind and name of all that a value names; models stand in objects, too."""
    if isinstance(value, list):
        for item in value:
            yield from _names(kind, item)
    elif isinstance(value, dict):
        if is_model(value):
            yield "model", value
        elif kind in LOOKED_UP and kind in REFERENCE_KEYS:
            yield from ((kind, name) for key, name in value.items() if key == REFERENCE_KEYS[kind])
        elif kind in ("object", "lora"):
            for item in value.values():
                yield from _names("object", item)
