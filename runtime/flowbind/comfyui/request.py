"""From an instance to the bytes of its request: what was set, and what the editor makes of texts at each run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flowbind.comfyui.body import Body, body_of
from flowbind.comfyui.dynamic_text import dynamic, is_dynamic
from flowbind.comfyui.editor_nodes import value_in
from flowbind.comfyui.replaced_text import is_replaced, replaced
from flowbind.downloadable import Downloadable
from flowbind.workflow import UNSET, Workflow, given_inputs

CHOOSING, REPLACING = "text", "pattern"
"""The kinds of slots whose own text the editor expands at each run: choices, and dates and names of widgets."""


def given(workflow: Workflow[Any]) -> dict[int, Any]:
    """Return what was set, by the numbers of slots, as the prompt has it; files stay as they are.

    None leaves an input out.
    """
    names, values = given_inputs(workflow), vars(workflow)
    return {
        number: values[slot.attribute]
        for number, slot in enumerate(workflow.__flowbind__.slots)
        if slot.attribute in names and values[slot.attribute] is not UNSET
    }


def files_in(values: Mapping[int, Any]) -> dict[int, Downloadable | Path | bytes]:
    """Return the values that are files, of a server or of this machine."""
    return {number: value for number, value in values.items() if isinstance(value, (Downloadable, Path, bytes))}


def expanding(workflow: type[Workflow[Any]]) -> dict[int, str]:
    """Return the workflow's own texts that the editor would expand, by the numbers of slots."""
    found: dict[int, str] = workflow.__flowbind__.once("expanding", lambda: _expanding(workflow))
    return found


def expanded(
    workflow: type[Workflow[Any]],
    values: Mapping[int, Any],
    *,
    source: random.Random | None = None,
    now: datetime | None = None,
) -> dict[int, str]:
    """Return those texts as the editor would send them in this moment, as far as nothing else was set.

    `source` is where chance comes from, `now` is local time.
    """
    body = body_of(workflow)
    value_of = value_in(body.editor_nodes, _input_of(workflow, body, values))
    now = now or datetime.now()
    return {
        number: dynamic(text, source=source)
        if workflow.__flowbind__.slots[number].kind == CHOOSING
        else replaced(text, value_of, now)
        for number, text in expanding(workflow).items()
        if number not in values
    }


def _expanding(workflow: type[Workflow[Any]]) -> dict[int, str]:
    tests = {CHOOSING: is_dynamic, REPLACING: is_replaced}
    body = body_of(workflow)
    return {
        number: own
        for number, (slot, own) in enumerate(zip(workflow.__flowbind__.slots, body.values, strict=True))
        if slot.kind in tests and isinstance(own, str) and tests[slot.kind](own)
    }


def _input_of(workflow: type[Workflow[Any]], body: Body, values: Mapping[int, Any]) -> Callable[[str, str], Any]:
    """Return what finds the value that an input of the prompt gets; `UNSET` where it is a link, or there is none."""

    def input_of(node_id: str, name: str) -> Any:
        for number, value in values.items():
            slot = workflow.__flowbind__.slots[number]
            if (node_id, name) in ((slot.node, slot.field), *slot.also):
                return value
        own = body.prompt.get(node_id, {}).get("inputs", {}).get(name, UNSET)
        return UNSET if isinstance(own, list) else own

    return input_of
