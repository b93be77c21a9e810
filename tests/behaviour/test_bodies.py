"""What is posted: the graph of the file, changed where a value was set and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generated
import pytest
from generated import ContactSheet, ImageToImageSd15, Poster, TextToImageSd15

from flowbind.errors import BoardNotFound, InputError, ModelNotFound
from flowbind.invokeai import Color, InvokeAI, InvokeAIWorkflow, ModelRef
from flowbind.invokeai.runs.preview import preview

from .fake_server import BOARD, ENQUEUE, MODEL, FakeServer, as_json

FOLDER = Path(generated.__file__).parent
CLASSES: list[type[InvokeAIWorkflow[Any]]] = [
    kind for kind in (getattr(generated, name) for name in generated.__all__) if issubclass(kind, InvokeAIWorkflow)
]


def sidecar(workflow: type[InvokeAIWorkflow[Any]], kind: str) -> Any:
    """Return one of the two documents beside the module."""
    module = workflow.__module__.rpartition(".")[2]
    return json.loads((FOLDER / f"{module}.{kind}.json").read_text(encoding="utf-8"))


def posted(server: FakeServer, workflow: InvokeAIWorkflow[Any]) -> Any:
    """Submit and return the batch."""
    with InvokeAI(server.url, check="off") as client:
        client.submit(workflow)
    return server.sent("POST", ENQUEUE)[-1].json["batch"]


def value_of(batch: Any, workflow: type[InvokeAIWorkflow[Any]], attribute: str) -> tuple[Any, Any]:
    """Return the value of an input in the graph and in the embedded workflow; ... where the key is left out."""
    (slot,) = (s for s in workflow.__flowbind__.slots if s.attribute == attribute)
    (node,) = (n for n in batch["workflow"]["nodes"] if n["id"] == slot.node)
    in_graph = batch["graph"]["nodes"][slot.node].get(slot.field, ...)
    return in_graph, node["data"]["inputs"][slot.field].get("value", ...)


def nulls(document: Any, path: str = "$") -> Iterator[str]:
    """Yield the place of every null."""
    if document is None:
        yield path
    elif isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from nulls(value, f"{path}.{key}")


@pytest.mark.parametrize("workflow", CLASSES)
def test_an_unset_body_is_the_files_own(workflow: type[InvokeAIWorkflow[Any]]) -> None:
    required = [name for name, field in workflow.model_fields.items() if field.is_required()]
    body = json.loads(preview(workflow(**dict.fromkeys(required, "given")))[0])
    batch = body["batch"]
    for slot in workflow.__flowbind__.slots:
        if slot.attribute in required:
            assert batch["graph"]["nodes"][slot.node].pop(slot.field)
            (node,) = (n for n in batch["workflow"]["nodes"] if n["id"] == slot.node)
            assert node["data"]["inputs"][slot.field].pop("value")
    assert batch["graph"] == sidecar(workflow, "graph")
    assert batch["workflow"] == sidecar(workflow, "workflow")
    assert body["prepend"] is False
    assert (batch["runs"], batch["origin"], batch["destination"]) == (1, "flowbind", "gallery")
    data = {"data"} if workflow.__flowbind__.batches else set()
    assert {*batch} == {"runs", "origin", "destination", "batch_id", "graph", "workflow"} | data


def test_an_unset_submit_is_the_files_own(server: FakeServer) -> None:
    for workflow in (Poster, ContactSheet):
        batch = posted(server, workflow())
        assert batch["graph"] == sidecar(workflow, "graph")
        assert batch["workflow"] == sidecar(workflow, "workflow")


def test_values_appear_in_both_copies(server: FakeServer) -> None:
    colour = Color(1, 2, 3)
    set_to: dict[str, Any] = {
        "width": 640,
        "sky_colour": colour,
        "grain": 0.25,
        "coloured_grain": True,
        "series": 'a "ü" \n \u2028',
    }
    batch = posted(server, Poster(**set_to))
    for attribute, value in (set_to | {"sky_colour": {"r": 1, "g": 2, "b": 3, "a": 255}}).items():
        assert value_of(batch, Poster, attribute) == (value, value)
    # All else is the file's.
    graph = sidecar(Poster, "graph")
    for slot in Poster.__flowbind__.slots:
        if slot.attribute in set_to:
            graph["nodes"][slot.node][slot.field] = batch["graph"]["nodes"][slot.node][slot.field]
    assert batch["graph"] == graph


def test_a_value_set_to_its_default_is_the_files_own(server: FakeServer) -> None:
    one = posted(server, Poster(width=576, grain=0.06))
    assert one["graph"] == sidecar(Poster, "graph")


def test_a_value_set_later_counts(server: FakeServer) -> None:
    poster = Poster()
    poster.horizon = 40
    assert value_of(posted(server, poster), Poster, "horizon") == (40, 40)
    copy = poster.model_copy(update={"horizon": 41})
    assert value_of(posted(server, copy), Poster, "horizon") == (41, 41)
    assert value_of(posted(server, poster), Poster, "horizon") == (40, 40)


def test_what_a_copy_was_given_unchecked_is_checked_before_it_is_sent(server: FakeServer) -> None:
    unchecked = Poster().model_copy(update={"grain": 7.0})
    with InvokeAI(server.url, check="off") as client, pytest.raises(InputError, match="less than or equal to 1"):
        client.submit(unchecked)
    changed = TextToImageSd15(model="Tiny", cfg_scale=[1.0])
    assert isinstance(changed.cfg_scale, list)
    changed.cfg_scale.append("x")  # type: ignore[arg-type]
    with InvokeAI(server.url, check="off") as client, pytest.raises(InputError, match=r"TextToImageSd15\.cfg_scale"):
        client.submit(changed)
    assert not server.requests


def test_none_leaves_the_key_out(server: FakeServer) -> None:
    batch = posted(server, Poster(board=None))
    assert value_of(batch, Poster, "board") == (..., ...)


@pytest.mark.parametrize("workflow", [Poster(), Poster(board=None), Poster(board="Posters"), ContactSheet(count=2)])
def test_null_is_never_sent(server: FakeServer, workflow: InvokeAIWorkflow[Any]) -> None:
    assert list(nulls(posted(server, workflow)["graph"])) == []


@pytest.mark.parametrize("board", ["board-1", "Posters"])
def test_a_board_by_id_or_name(server: FakeServer, board: str) -> None:
    assert value_of(posted(server, Poster(board=board)), Poster, "board") == ({"board_id": "board-1"},) * 2


def test_an_unset_board_asks_nothing(server: FakeServer) -> None:
    posted(server, Poster())
    assert [r.method for r in server.requests] == ["POST"]


def test_boards_that_are_not_there_or_two(server: FakeServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        with pytest.raises(BoardNotFound, match=r'Poster\.board \("Board"\): the server has no board') as caught:
            client.submit(Poster(board="Poster"))
        assert "Nearest: Posters." in str(caught.value)
    server.answer("GET", "/api/v1/boards/", as_json([BOARD, BOARD | {"board_id": "board-2"}]))
    with InvokeAI(server.url, check="off") as client, pytest.raises(BoardNotFound, match="board-1, board-2"):
        client.submit(Poster(board="Posters"))
    assert not server.sent("POST")


def test_what_is_created_meanwhile_is_found(server: FakeServer) -> None:
    server.answer("GET", "/api/v1/boards/", as_json([]), as_json([BOARD]))
    server.answer("GET", "/api/v2/models/", as_json({"models": []}), as_json({"models": [MODEL]}))
    with InvokeAI(server.url, check="off") as client:
        with pytest.raises(BoardNotFound, match="The server has no boards"):
            client.submit(Poster(board="Posters"))
        client.submit(Poster(board="Posters"))
        with pytest.raises(ModelNotFound, match="The server has no models"):
            client.submit(TextToImageSd15(model="Tiny"))
        client.submit(TextToImageSd15(model="Tiny"))


IDENTIFIER = {k: MODEL[k] for k in ("key", "hash", "name", "base", "type")}


@pytest.mark.parametrize(
    "model",
    [
        "Tiny",
        ModelRef(key="key-here"),
        ModelRef(hash="blake3:here"),
        ModelRef("Tiny", "sd-1", "main"),
        ModelRef("Tiny", "any"),
        ModelRef("Other", "sdxl", key="stale", hash="blake3:here"),
        ModelRef("Tiny", "sd-1", "main", key="stale", hash="stale"),
    ],
    ids=str,
)
def test_a_model_by_all_that_is_known_of_it(server: FakeServer, model: str | ModelRef) -> None:
    batch = posted(server, TextToImageSd15(model=model))
    assert value_of(batch, TextToImageSd15, "model") == (IDENTIFIER, IDENTIFIER)


def test_models_are_listed_once(server: FakeServer) -> None:
    with InvokeAI(server.url, check="off") as client:
        for _ in range(3):
            client.submit(TextToImageSd15(model="Tiny"))
    assert len(server.sent("GET")) == 1


def test_the_exports_own_model_is_looked_up_too(server: FakeServer) -> None:
    with InvokeAI(server.url, check="off") as client, pytest.raises(ModelNotFound) as caught:
        client.submit(TextToImageSd15())
    assert str(caught.value) == (
        'TextToImageSd15.model ("Model"): the server has no model "Dreamshaper 8" (base sd-1, type main). '
        'Nearest: "Tiny" (base sd-1, type main). Set the input to one of its models, or install the model.'
    )
    assert not server.sent("POST")


def test_two_models_of_one_name(server: FakeServer) -> None:
    lora = MODEL | {"key": "key-lora", "hash": "x", "type": "lora"}
    other = MODEL | {"key": "key-sd2", "hash": "y", "base": "sd-2"}
    server.answer("GET", "/api/v2/models/", as_json({"models": [other, lora, MODEL]}))
    # What the workflow has decides.
    assert value_of(posted(server, TextToImageSd15(model="Tiny")), TextToImageSd15, "model")[0]["key"] == "key-here"
    server.answer("GET", "/api/v1/images/i/here.png", as_json({}))
    with (
        InvokeAI(server.url, check="off") as client,
        pytest.raises(ModelNotFound, match="more than one model is called") as caught,
    ):
        client.submit(ImageToImageSd15(source_image="here.png", model=ModelRef("Tiny", type="main")))
    assert "Pass a ModelRef with base and type, or a key" in str(caught.value)


def test_a_preview_lists_what_it_does_not_look_up() -> None:
    text, placeholders = preview(ImageToImageSd15(source_image=Path("a") / "b.png", model="Tiny", board="Posters"))
    batch = json.loads(text)["batch"]
    assert value_of(batch, ImageToImageSd15, "source_image")[0] == {"image_name": "a/b.png"}
    assert value_of(batch, ImageToImageSd15, "model")[0] == {"name": "Tiny"}
    assert [p.partition(" (")[0] for p in placeholders] == [
        "ImageToImageSd15.source_image",
        "ImageToImageSd15.model",
        "ImageToImageSd15.board",
    ]
