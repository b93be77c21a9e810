"""A workflow with inputs of many kinds, a server that is asked for what they name, and what it makes of requests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from itertools import chain, product
from typing import Any

from flowbind.drift_check import DriftCheck
from flowbind.invokeai.document import ServerDocument
from flowbind.invokeai.runs.body import BATCH_ID, body_of
from flowbind.invokeai.runs.grouping import Plan, Request
from flowbind.invokeai.runs.lookup import Lookup
from flowbind.invokeai.runs.planning import planned
from flowbind.invokeai.runs.submitting import checked
from flowbind.payload import encode
from flowbind.transport.steps import Call, Operation, Reply, Work
from flowbind.workflow import Workflow
from flowbind_generator.live_module import class_of

from .exports import form, given, node, resolved, workflow
from .strangers import CATALOG

MODELS = [
    {"key": f"key-{name}", "hash": f"blake3:{name}", "name": name, "base": "sd-1", "type": "main"}
    for name in ("Own", "Tiny", "Large")
]
TIMES = {"created_at": "", "updated_at": "", "archived": False, "image_count": 0, "asset_count": 0, "video_count": 0}
BOARDS = [{"board_id": f"board-{name}", "board_name": name, **TIMES} for name in ("Posters", "Trials")]

NODES = [
    node(
        "p",
        "blank_image",
        {
            "width": given(512, label="Width"),
            "height": given(512, label="Height"),
            "mode": given("RGB", label="Mode"),
            "color": given({"r": 1, "g": 2, "b": 3, "a": 255}, label="Colour"),
            "board": given(label="Board"),
        },
        visible=True,
    ),
    # A whole number, as the page writes it, where the input takes fractions.
    node("f", "float", {"value": given(7, label="Strength")}),
    node("s", "string", {"value": given("a", label="Text")}),
    node("b", "boolean", {"value": given(True, label="Switch")}),
    node("c", "integer_collection", {"collection": given([1, 2], label="Numbers")}),
    node("m", "main_model_loader", {"model": given(MODELS[0], label="Model")}),
    node("i", "img_nsfw", {"image": given({"image_name": "own.png"}, label="Picture")}, visible=True),
    node("n", "noise", {"seed": given(label="Seed"), "width": given(512, label="Noise")}),
    node("z", "z_image_denoise", {"shift": given(label="Shift")}),
    node("k", "core_metadata", {"steps": given(label="Kept")}),
]
SHOWN = [
    *("p.width", "p.height", "p.mode", "p.color", "p.board", "f.value", "s.value", "b.value", "c.collection"),
    *("m.model", "i.image", "n.seed", "z.shift", "k.steps"),
]


def _made() -> Any:
    module, report = resolved(workflow(*NODES, form=form(*SHOWN)), CATALOG, class_name="Kinds")
    assert not [found for found in report if found.severity == "error"]
    return class_of(module)


KINDS = _made()
"""The class: width, height, mode, colour, board, strength, text, switch, numbers, model, picture, seed, shift, kept."""


def answered(operation: Operation[Any], asked: list[str] | None = None) -> Any:
    """Carry out an operation with a server that has all pictures, `MODELS` and `BOARDS`; keep what it is asked."""
    try:
        step: Any = next(operation)
        while True:
            if isinstance(step, Work):
                step = operation.send(step.do())
                continue
            assert isinstance(step, Call), step
            assert step.method == "GET", "nothing is to be sent"
            if asked is not None:
                asked.append(step.path)
            known: dict[str, Any] = {"/api/v2/models/": {"models": MODELS}, "/api/v1/boards/": BOARDS}
            body = json.dumps(known.get(step.path, {})).encode()
            step = operation.send(Reply("GET", step.path, 200, "application/json", body))
    except StopIteration as end:
        return end.value


def requests_for(rows: Iterable[Workflow[Any]], asked: list[str] | None = None) -> list[Request]:
    """Return the requests that queue instances."""
    plan: Plan = answered(planned(rows, Lookup(), DriftCheck("off", ServerDocument(with_nodes=False))), asked)
    return [*plan.requests]


def single(row: Workflow[Any]) -> dict[str, Any]:
    """Return the graph's nodes that the submit of one instance posts."""
    checked(row)
    values, _ = answered(Lookup().values(row))
    content = body_of(type(row)).pieces.join({**values, BATCH_ID: encode("id")})
    return _without_nothing(json.loads(content)["batch"]["graph"]["nodes"])


def expanded(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield the graph's nodes of each run of a request, in the order of the server's `create_session_nfv_tuples`."""
    batch = json.loads(content)["batch"]
    data = batch.get("data") or []
    for zipped in data:
        assert len({len(datum["items"]) for datum in zipped}) == 1
        for datum in zipped:
            _check_items(datum["items"])
            assert datum["node_path"] in batch["graph"]["nodes"]
    nodes = _without_nothing(batch["graph"]["nodes"])
    lists = [
        list(zip(*([(d["node_path"], d["field_name"], item) for item in d["items"]] for d in zipped), strict=True))
        for zipped in data
    ]
    for _ in range(batch["runs"]):
        for combination in product(*lists):
            for node_id, name, value in chain.from_iterable(combination):
                nodes[node_id][name] = value
            yield copy.deepcopy(nodes)


def _check_items(items: list[Any]) -> None:
    """Refuse what the oldest server refuses in a batch, or changes."""
    assert {type(item) for item in items} in ({int}, {float}, {str}, {dict})
    assert all(item.keys() == {"image_name"} for item in items if isinstance(item, dict))


def _without_nothing(nodes: dict[str, Any]) -> dict[str, Any]:
    return {n: {k: v for k, v in held.items() if v is not None} for n, held in nodes.items()}
