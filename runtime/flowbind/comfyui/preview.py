"""The prompt of an instance without a server: what is not uploaded stays a placeholder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowbind.comfyui.body import body_of
from flowbind.comfyui.files import FILE_KINDS, StoredFile
from flowbind.comfyui.request import REPLACING, expanded, expanding, files_in, given
from flowbind.downloadable import Downloadable, described
from flowbind.drawing import settled
from flowbind.place import place_of
from flowbind.rechecking import check_again
from flowbind.workflow import Workflow

_LOOKED_UP = FILE_KINDS | {"model"}


def preview(workflow: Workflow[Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the prompt that would be posted, and one line for each value that is settled when it is."""
    check_again(workflow)
    workflow, _ = settled(workflow)
    kind = type(workflow)
    body = body_of(kind)
    values = given(workflow)
    values |= {number: _placeholder(file) for number, file in files_in(values).items()}
    told: list[str] = []
    for number, slot in enumerate(kind.__flowbind__.slots):
        place = place_of(kind, slot, body.label(slot.node))
        shown = values.get(number, body.values[number])
        if slot.kind in _LOOKED_UP and shown is not None:
            told.append(f"{place}: {shown}")
        elif number in expanding(kind) and number not in values:
            told.append(f"{place}: {shown} (expanded at each run)")
    slots = kind.__flowbind__.slots
    # Which choice of a text is drawn is as open as before.
    named = {number: text for number, text in expanded(kind, values).items() if slots[number].kind == REPLACING}
    return json.loads(body.join(values, named))["prompt"], told


def _placeholder(file: Downloadable | Path | bytes) -> str:
    match file:
        case StoredFile():
            return file.name
        case Downloadable():
            return f"<{described(file)}>"
        case Path():
            return file.as_posix()
        case _:
            return f"<{len(file)} bytes>"
