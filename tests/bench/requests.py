"""From an instance to the bytes of its request, without a server."""

from __future__ import annotations

import json
import uuid
from collections.abc import Hashable

from tests.bench.measuring import in_turn
from tests.bench.rows import Row


def requests() -> list[Row]:
    """From an instance to the bytes of its request, without a server."""
    from generated import TextToImageSd15

    from flowbind.invokeai.runs.body import BATCH_ID, body_of
    from flowbind.invokeai.runs.lookup import given, to_json
    from flowbind.invokeai.runs.preview import preview
    from flowbind.payload import encode
    from flowbind.workflow import UNSET

    workflow = TextToImageSd15(
        positive_prompt="a lighthouse at dusk",
        negative_prompt="fog",
        width=640,
        height=448,
        steps=8,
        cfg_scale=5.5,
        scheduler="euler",
        seed=7,
        model="Tiny SD 1.5",
        board="Lighthouses",
    )
    body = body_of(TextToImageSd15)
    document = json.loads(preview(workflow)[0])
    # What a server would answer for the two inputs that are looked up.
    model = {"key": str(uuid.uuid4()), "hash": "blake3:0", "name": "Tiny SD 1.5", "base": "sd-1", "type": "main"}
    found = {"model": model, "board": {"board_id": str(uuid.uuid4())}}

    def join() -> bytes:
        """What a submit does once the server has been asked for models and boards."""
        values: dict[Hashable, bytes | None] = {BATCH_ID: encode("2f0c3b8e-6f0d-4d2c-9c53-2b5f3b8c8a11")}
        for number, slot in enumerate(TextToImageSd15.__flowbind__.slots):
            value = given(workflow, slot)
            if value is not UNSET:
                values[number] = encode(found[slot.kind] if slot.kind in found else to_json(slot.kind, value))
        return body.pieces.join(values)

    def dump() -> bytes:
        return json.dumps(document).encode()

    assert json.loads(join()).keys() == document.keys()
    ours, other = in_turn(join, dump)
    size = f"{len(join()) / 1000:.0f} kB"
    return [Row(f"request of 10 set inputs, {size}", ours, "json.dumps of the same body", other)]
