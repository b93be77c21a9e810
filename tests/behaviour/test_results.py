"""Results: the pictures of the output nodes, in the order of the iterations."""

from __future__ import annotations

import random
from typing import Any

import pytest
from generated import ContactSheet, Poster

from flowbind.invokeai import Image, InvokeAI

from .conftest import Runner
from .fake_server import ITEM, FakeServer, as_json, item

FRAME = "fa4b36d8-cbd2-475d-82ba-178ed9e52af1"
SAVE = "4dd3457e-06c9-4028-931f-acf8fde363ef"
NAMES = [f"{n}.png" for n in range(12)]


def image_output(name: str) -> dict[str, Any]:
    """Return what a node says that saved a picture."""
    return {"type": "image_output", "image": {"image_name": name}, "width": 8, "height": 6, "added later": 1}


def iterated(*, paths: bool) -> dict[str, Any]:
    """Return the session of twelve iterations, its prepared nodes in no order; since 6.14 there are `paths`."""
    prepared = [f"p-{n}" for n in range(12)]
    shuffled = random.Random(3).sample(prepared, 12)
    edges = []
    nodes: dict[str, Any] = {}
    for n, frame in enumerate(prepared):
        nodes[f"it-{n}"] = {"id": f"it-{n}", "type": "iterate", "index": n, "collection": []}
        nodes[f"math-{n}"] = {"id": f"math-{n}", "type": "integer_math"}
        nodes[frame] = {"id": frame, "type": "save_image"}
        for source, target in ((f"it-{n}", f"math-{n}"), (f"math-{n}", frame), ("once", frame)):
            edges.append(
                {"source": {"node_id": source, "field": "x"}, "destination": {"node_id": target, "field": "y"}}
            )
    nodes["once"] = {"id": "once", "type": "integer"}
    shuffled_nodes = {key: nodes[key] for key in random.Random(4).sample([*nodes], len(nodes))}
    session: dict[str, Any] = {
        "results": {p: image_output(name) for p, name in zip(prepared, NAMES, strict=True)},
        "errors": {},
        "source_prepared_mapping": {FRAME: shuffled},
        "execution_graph": {"nodes": shuffled_nodes, "edges": random.Random(5).sample(edges, len(edges))},
    }
    if paths:
        session["prepared_iteration_paths"] = {p: [n] for n, p in enumerate(prepared)}
        session["execution_graph"] = {"nodes": {}, "edges": []}
    return session


@pytest.mark.parametrize("paths", [True, False], ids=["since 6.14", "before 6.14"])
def test_iterations_come_in_order(server: FakeServer, runner: Runner, paths: bool) -> None:
    server.answer("GET", ITEM, as_json(item(session=iterated(paths=paths))))
    result = runner.run(ContactSheet())
    assert [image.name for image in result.outputs.frame] == NAMES
    assert [node["image"]["image_name"] for node in result.nodes[FRAME]] == NAMES


def test_iterations_without_a_result_are_left_out(server: FakeServer) -> None:
    session = iterated(paths=True)
    del session["results"]["p-3"]
    server.answer("GET", ITEM, as_json(item(session=session)))
    with InvokeAI(server.url, check="off") as client:
        assert [i.name for i in client.run(ContactSheet()).outputs.frame] == [n for n in NAMES if n != "3.png"]


def test_no_iteration_gives_an_empty_list(server: FakeServer) -> None:
    server.answer("GET", ITEM, as_json(item(session={"results": {}, "source_prepared_mapping": {FRAME: []}})))
    with InvokeAI(server.url, check="off") as client:
        assert client.run(ContactSheet()).outputs.frame == []


def test_one_picture(server: FakeServer, runner: Runner) -> None:
    session = {"results": {"p": image_output("a.png")}, "source_prepared_mapping": {SAVE: ["p"]}}
    server.answer("GET", ITEM, as_json(item(session=session, added_later={"x": 1})))
    result = runner.run(Poster())
    assert result.outputs.image == Image("a.png", 8, 6)
    assert (result.item_id, result.batch_id) == (7, "batch")
    assert "a.png" in repr(result)


def test_a_branch_not_taken_says_so(server: FakeServer, runner: Runner) -> None:
    result = runner.run(Poster())
    with pytest.raises(AttributeError, match=r"PosterOutputs\.image is missing: its node did not run"):
        _ = result.outputs.image
    with pytest.raises(AttributeError, match="PosterOutputs has no output 'picture'"):
        _ = result.outputs.picture
    assert len(server.sent("POST")) == 1
