"""Classes made of a prompt and slots, without the generator."""

from __future__ import annotations

import json
from typing import Any

from flowbind.comfyui import Binding, ComfyUIWorkflow, Outputs, Slot


def class_of(
    prompt: Any, *slots: Slot, stored: Any = None, base: type[ComfyUIWorkflow[Any]] = ComfyUIWorkflow
) -> type[Any]:
    """Return a class whose inputs take anything."""
    names = [slot.attribute for slot in slots if slot.attribute and slot.attribute not in base.model_fields]
    loaded = {"p": json.dumps(prompt).encode(), "w": json.dumps(stored).encode()}
    workflow = None if stored is None else ("w", "")
    binding = Binding(3, "made.json", ("p", ""), workflow, slots, Outputs, (), loaded=loaded)
    return type(
        "Made",
        (base,),
        {
            "__annotations__": dict.fromkeys(names, Any),
            **dict.fromkeys(names),
            "__flowbind__": binding,
            "__module__": __name__,
        },
    )
