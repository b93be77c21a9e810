"""From a user's values to the bytes of their request, without a server."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.behaviour.fake_server import BOARD, MODEL
from tests.bench import made_up
from tests.bench.carrying import request_of
from tests.bench.measuring import in_turn
from tests.bench.rows import Row
from tests.performance.budgets import REQUEST

if TYPE_CHECKING:
    from flowbind.invokeai import InvokeAIWorkflow

_SIZES = {"Nodes12": (12, 9), "Nodes37": (37, 25), "Nodes1000": (1000, 100), "Few1000": (1000, 10)}
"""Nodes and inputs: the first two as exports have them that people share."""


def requests() -> list[Row]:
    """From a user's values to the bytes of their request, without a server."""
    with tempfile.TemporaryDirectory() as folder:
        exports = {name: made_up.export(*size) for name, size in _SIZES.items()}
        made_up.generate(Path(folder), exports)
        sys.path.insert(0, folder)
        try:
            generated = __import__(made_up.PACKAGE)
            made = [row for name, size in _SIZES.items() for row in _rows(getattr(generated, name), *size)]
        finally:
            sys.path.remove(folder)
    return [*made, _comfyui()]


def _rows(workflow: type[InvokeAIWorkflow[Any]], nodes: int, inputs: int) -> list[Row]:
    """Return what a run of a class costs, from keyword arguments to the call that sends the request."""
    from flowbind.drift_check import DriftCheck
    from flowbind.invokeai.document import ServerDocument
    from flowbind.invokeai.events.hearing import BatchChannels
    from flowbind.invokeai.runs.lookup import Lookup
    from flowbind.invokeai.runs.submitting import submit

    values = _values(workflow)
    assert len(values) == inputs
    lookup, channels, document = Lookup(), BatchChannels(), ServerDocument(with_nodes=False)
    drift = DriftCheck("off", document)

    def constructed() -> bytes:
        return request_of(submit(workflow(**values), lookup, drift, channels, document.supports))

    def assigned() -> bytes:
        instance = workflow()
        for name, value in values.items():
            setattr(instance, name, value)
        return request_of(submit(instance, lookup, drift, channels, document.supports))

    body = json.loads(constructed())
    assert len(body["batch"]["graph"]["nodes"]) == nodes
    ours, one_by_one, other = in_turn(
        constructed, assigned, lambda: json.dumps(body).encode(), times=2000 // nodes + 20
    )
    size = f"{nodes} nodes, {inputs} inputs set, {len(constructed()) / 1000:.0f} kB"
    beside = ("json.dumps of the same body", other)
    return [
        Row(f"request of {size}", ours, *beside, REQUEST[nodes]),
        Row("the same, input by input", one_by_one, *beside),
    ]


def _comfyui() -> Row:
    """Return what a run of ComfyUI's own workflow costs; what makes it readable in the editor goes along."""
    from generated import ComfyTextToImage

    import flowbind
    from flowbind.comfyui import ComfyUI

    values = {i.attribute: i.default for i in flowbind.inputs(ComfyTextToImage)}
    with ComfyUI(check="off", events=False) as client:

        def constructed() -> bytes:
            return request_of(client._submission(ComfyTextToImage(**values), False, ()))

        body = json.loads(constructed())
        ours, other = in_turn(constructed, lambda: json.dumps(body).encode())
    nodes = len(body["prompt"])
    size = f"{nodes} nodes, {len(values)} inputs set, {len(constructed()) / 1000:.0f} kB"
    return Row(f"request to ComfyUI of {size}", ours, "json.dumps of the same body", other)


def _values(workflow: type[InvokeAIWorkflow[Any]]) -> dict[str, Any]:
    """Return a value for each input: the workflow's own, and of models and boards what the server has."""
    import flowbind

    named = {"model": MODEL["name"], "board": BOARD["board_name"]}
    kinds = {slot.attribute: slot.kind for slot in workflow.__flowbind__.slots}
    return {i.attribute: named.get(kinds[i.attribute], i.default) for i in flowbind.inputs(workflow)}
