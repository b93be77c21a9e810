"""What a run gives back beside pictures: scalars, values by name, every node's outputs."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result as Ended
from tests.unit.exports import edge, node, resolved, workflow, write

from flowbind.errors import NoOutput
from flowbind.invokeai import AsyncInvokeAI, BoundingBox, Color, Image, InvokeAI, Result, Video
from flowbind.invokeai.runs.given_back import Media, python_value
from flowbind.workflow import Workflow
from flowbind_generator.cli import main
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .conftest import Runner
from .fake_server import ITEM, PNG, Answer, FakeServer, as_json, item

BOOLEAN = node("b", "boolean", {"value": True})
NODES = [
    node("a", "add", label="Sum"),
    node("r", "range"),
    node("t", "iterate"),
    node("i", "add", label="Each"),
    node("p", "blank_image", visible=True, label="Picture"),
    node("q", "blank_image", visible=True, label="Twin"),
    node("z", "blank_image", visible=True, label="Twin"),
    node("x", "if"),
    BOOLEAN,
    node("s", "save_image", visible=True, label="Saved"),
]
WIRES = [
    edge("r.collection", "t.collection"),
    edge("t.item", "i.a"),
    edge("b.value", "x.condition"),
    edge("p.image", "x.true_input"),
    edge("q.image", "x.false_input"),
    edge("x.value", "s.image"),
]
EXPORT = workflow(*NODES, edges=WIRES, name="Everything")


def image_output(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_output", "image": {"image_name": name}, "width": 8, "height": 6, **more}


def integer(value: Any) -> dict[str, Any]:
    return {"type": "integer_output", "value": value}


def session(**results: Any) -> dict[str, Any]:
    """Return the session of a run; a list of results is what iterations gave, last first."""
    found: dict[str, Any] = {}
    prepared: dict[str, list[str]] = {}
    paths: dict[str, list[int]] = {}
    for node_id, result in results.items():
        several = list(enumerate(result)) if isinstance(result, list) else [(None, result)]
        for number, one in reversed(several):
            key = f"{node_id}-{number}"
            prepared.setdefault(node_id, []).append(key)
            paths[key] = [] if number is None else [number]
            if one is not None:
                found[key] = one
    owners = {key: node_id for node_id, keys in prepared.items() for key in keys}
    return {
        "results": found,
        "errors": {},
        "source_prepared_mapping": prepared,
        "prepared_source_mapping": owners,
        "prepared_iteration_paths": paths,
    }


FULL = session(
    a=integer(7),
    i=[integer(1), integer(2), integer(3)],
    p=image_output("p.png"),
    z=image_output("z.png"),
    s=image_output("s.png", extra={"r": 1, "g": 2, "b": 3, "a": 4}),
    b={"type": "boolean_output", "value": True},
)


@pytest.fixture(scope="module")
def everything(catalog: Catalog) -> type[Workflow[Any]]:
    """A class with all kinds of outputs."""
    return class_of(resolved(EXPORT, catalog)[0])


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    """The fake server; the run has ended."""
    server.answer("GET", ITEM, as_json(item(session=FULL)))
    return server


def ended(server: FakeServer, made: type[Workflow[Any]], found: Any) -> Result[Any]:
    server.answer("GET", ITEM, as_json(item(session=found)))
    with InvokeAI(server.url, check="off") as client:
        return client.run(made())


def test_outputs_of_every_kind(server: FakeServer, runner: Runner, everything: type[Workflow[Any]]) -> None:
    found = runner.run(everything()).outputs
    assert found.sum == 7
    assert found.each == [1, 2, 3]
    assert found.picture == Image("p.png", 8, 6)
    assert found.saved == Image("s.png", 8, 6)
    # Its branch was not taken.
    assert found.twin is None
    assert server.sent("POST")


def test_a_repeated_value_in_iteration_order(server: FakeServer, everything: type[Workflow[Any]]) -> None:
    several: list[Any] = [integer(n) for n in range(11)]
    assert ended(server, everything, session(i=several)).outputs.each == list(range(11))
    several[4] = None
    assert ended(server, everything, session(i=several)).outputs.each == [n for n in range(11) if n != 4]
    assert ended(server, everything, session(i=[])).outputs.each == []
    assert ended(server, everything, session(i=[integer(None)])).outputs.each == [None]


def test_what_did_not_run_and_should_have_says_so(server: FakeServer, everything: type[Workflow[Any]]) -> None:
    outputs = ended(server, everything, session()).outputs
    with pytest.raises(AttributeError, match="sum is missing: its node did not run"):
        _ = outputs.sum
    with pytest.raises(AttributeError, match="has no output 'total'"):
        _ = outputs.total
    assert (outputs.picture, outputs.twin, outputs.each) == (None, None, [])


@pytest.mark.parametrize("value", [None, "text", 5.5, [1], {"a": {"image_name": "x"}}, {"image_name": 5}, True])
def test_what_the_server_gives_is_kept(value: Any, server: FakeServer, everything: type[Workflow[Any]]) -> None:
    found = ended(server, everything, session(a=integer(value))).outputs.sum
    if value == {"a": {"image_name": "x"}} or not isinstance(value, dict):
        assert found == value


@pytest.mark.usefixtures("server")
def test_a_node_by_label_id_and_type(runner: Runner, everything: type[Workflow[Any]]) -> None:
    result = runner.run(everything())
    for key in ("Sum", "a"):
        assert result.node(key).value == 7
    assert result.node("Picture").image == Image("p.png", 8, 6)
    assert (result.node("Picture").width, result.node("p").height) == (8, 6)
    assert result.node("Each").value == [1, 2, 3]
    assert result.node("boolean").value is True
    assert result.node("s").extra == Color(1, 2, 3, 4)
    assert result.node("save_image").image.name == "s.png"
    assert "type" not in vars(result.node("a"))
    assert "value=7" in repr(result.node("a"))


@pytest.mark.usefixtures("server")
def test_a_node_that_cannot_be_told(runner: Runner, everything: type[Workflow[Any]]) -> None:
    result = runner.run(everything())
    for key, said in (
        ("Twin", r'2 nodes are called "Twin"; use an id: q, z\.'),
        ("add", r'2 nodes are called "add"; use an id: a, i\.'),
        ("blank_image", "3 nodes are called"),
        ("Summ", r'has no node "Summ"; there are Sum'),
        ("", 'has no node ""; there are'),
        ("q", 'the node "q" did not run'),
        ("iterate", 'the node "iterate" did not run'),
    ):
        with pytest.raises(NoOutput, match=said) as caught:
            result.node(key)
        assert isinstance(caught.value, LookupError)
        assert str(caught.value).startswith("A")
    with pytest.raises(AttributeError, match="has no output 'vale'"):
        _ = result.node("Sum").vale


def test_a_label_that_is_the_id_of_another(server: FakeServer, catalog: Catalog) -> None:
    export = workflow(node("a", "add", label="b"), node("b", "add", label="add"), node("c", "integer", label="a"))
    found = ended(server, class_of(resolved(export, catalog)[0]), session(a=integer(1), b=integer(2), c=integer(3)))
    assert (found.node("a").value, found.node("b").value, found.node("add").value) == (1, 2, 2)


def test_names_of_outputs_may_be_any(server: FakeServer, everything: type[Workflow[Any]]) -> None:
    odd = {"type": "x", "self": 1, "class": 2, "__class__": 3, "find": 4, "values": 5, "a b": 6, "": 7}
    found = ended(server, everything, session(a=odd)).node("a")
    assert getattr(found, "class") == 2
    assert vars(found) == {k: v for k, v in odd.items() if k != "type"}


def test_pictures_of_any_node_can_be_saved_and_given_again(
    server: FakeServer, everything: type[Workflow[Any]], tmp_path: Path
) -> None:
    server.answer("GET", "/api/v1/images/i/z.png/full", Answer(PNG, media_type="image/png"))
    with InvokeAI(server.url, check="off") as client:
        result = client.run(everything())
        made = result.node("z").image
        assert made.save(tmp_path / "z.png").is_file()

    async def run() -> None:
        async with AsyncInvokeAI(server.url, check="off") as other:
            again = (await other.run(everything())).node("z").image
            await again.save(tmp_path / "again.png")

    asyncio.run(run())
    assert (tmp_path / "again.png").is_file()


def test_results_can_be_copied_and_stored(server: FakeServer, everything: type[Workflow[Any]]) -> None:
    result = ended(server, everything, FULL)
    for again in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert (again.item_id, again.nodes) == (result.item_id, result.nodes)
        assert vars(again.outputs) == vars(result.outputs)
        assert again.node("Sum").value == 7
        assert again.node("p").image == Image("p.png", 8, 6)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({"image_name": "a"}, Image("a")),
        ({"video_name": "a"}, Video("a")),
        ({"r": 1, "g": 2, "b": 3, "a": 4}, Color(1, 2, 3, 4)),
        ({"r": 1, "g": 2, "b": 3}, {"r": 1, "g": 2, "b": 3}),
        ({"r": 1, "g": 2, "b": 3, "a": 999}, {"r": 1, "g": 2, "b": 3, "a": 999}),
        ({"r": 1.5, "g": 2, "b": 3, "a": 4}, {"r": 1.5, "g": 2, "b": 3, "a": 4}),
        ({"x_min": 1, "x_max": 2, "y_min": 3, "y_max": 4}, BoundingBox(1, 2, 3, 4)),
        ({"x_min": 1, "x_max": 2, "y_min": 3, "y_max": 4, "score": 0.5}, BoundingBox(1, 2, 3, 4, 0.5)),
        ({"x_min": 1, "x_max": 2, "y_min": 3, "y_max": 4, "score": None}, BoundingBox(1, 2, 3, 4)),
        ({"x_min": 9, "x_max": 2, "y_min": 3, "y_max": 4}, {"x_min": 9, "x_max": 2, "y_min": 3, "y_max": 4}),
        ({"x_min": "a", "x_max": 2, "y_min": 3, "y_max": 4}, {"x_min": "a", "x_max": 2, "y_min": 3, "y_max": 4}),
        (
            {"x_min": 1, "x_max": 2, "y_min": 3, "y_max": 4, "score": "high"},
            {"x_min": 1, "x_max": 2, "y_min": 3, "y_max": 4, "score": "high"},
        ),
        ([{"image_name": "a"}, [{"video_name": "b"}]], [Image("a"), [Video("b")]]),
        ({"image_name": "a", "other": 1}, {"image_name": "a", "other": 1}),
        ({"image_name": None}, {"image_name": None}),
        ({"video_name": 5}, {"video_name": 5}),
        ({}, {}),
        (None, None),
        ("a", "a"),
        (True, True),
    ],
)
def test_values_by_their_shape(value: Any, made: Any) -> None:
    found = python_value(value, Media())
    assert found == made
    assert type(found) is type(made)


@pytest.fixture(scope="module")
def returning() -> Any:
    """An export that returns values by name."""
    return workflow(
        node("v", "workflow_return_value", {"key": "The sum"}),
        node("u", "workflow_return_value", {"key": "picture"}),
        node("k", "collect"),
        node("end", "workflow_return"),
        node("a", "add"),
        node("p", "blank_image"),
        edges=[
            edge("a.value", "v.value"), edge("p.image", "u.value"), edge("v.value", "k.item"),
            edge("u.value", "k.item"), edge("k.collection", "end.values"),
        ],
    )  # fmt: skip


def test_returned_values_by_name(server: FakeServer, returning: Any, catalog: Catalog) -> None:
    made = class_of(resolved(returning, catalog)[0])
    values = {"The sum": 5, "picture": {"image_name": "a.png"}, "more": 1}
    outputs = ended(server, made, session(end={"type": "workflow_return_output", "values": values})).outputs
    assert (outputs.the_sum, outputs.picture) == (5, Image("a.png"))
    outputs = ended(server, made, session(end={"type": "workflow_return_output", "values": {"The sum": None}})).outputs
    # What is nothing, the server leaves out.
    assert (outputs.the_sum, outputs.picture) == (None, None)
    for broken in (None, [], "x", 5):
        outputs = ended(server, made, session(end={"type": "x", "values": broken})).outputs
        with pytest.raises(AttributeError, match="the_sum is missing"):
            _ = outputs.the_sum


def run(server: FakeServer, tmp_path: Path, export: Any, *more: str, code: int = 0) -> Ended:
    path = write(tmp_path, export, "everything.json")
    arguments = ["run", str(path), "--url", server.url, "--out", str(tmp_path / "out"), *more]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def folder(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project; the server has the pictures of the run."""
    for name in ("a.png", "p.png", "s.png", "z.png"):
        server.answer("GET", f"/api/v1/images/i/{name}/full", Answer(PNG, media_type="image/png"))
    monkeypatch.chdir(tmp_path)
    server.answer("GET", "/api/v1/videos/i/v.mp4/full", Answer(b"moving", media_type="video/mp4"))
    return tmp_path


def test_run_prints_values_and_paths(server: FakeServer, folder: Path) -> None:
    lines = run(server, folder, EXPORT).stdout.splitlines()
    out = folder / "out"
    assert {"sum: 7", "each: [1, 2, 3]", str(out / "p.png"), str(out / "s.png")} <= set(lines)
    assert (out / "p.png").read_bytes() == PNG
    assert not [line for line in lines if "None" in line]


def test_run_prints_them_as_json(server: FakeServer, folder: Path) -> None:
    found = json.loads(run(server, folder, EXPORT, "--format", "json").stdout)
    outputs = found["outputs"]
    assert (outputs["sum"], outputs["each"], outputs["twin"]) == (7, [1, 2, 3], None)
    assert outputs["picture"] == [str(folder / "out" / "p.png")]


def test_run_of_a_workflow_without_pictures(server: FakeServer, folder: Path) -> None:
    text = 'a\n"b"\x1b[31m é'
    server.answer("GET", ITEM, as_json(item(session=session(a={"type": "string_output", "value": text}))))
    export = workflow(node("a", "string_join", label="Text"))
    shown = run(server, folder, export)
    assert shown.stdout == 'text: "a\\n\\"b\\"\\u001b[31m é"\n'
    assert not (folder / "out").exists()
    assert json.loads(run(server, folder, export, "--format", "json").stdout)["outputs"] == {"text": text}


def test_run_prints_colours_and_pictures_among_values(server: FakeServer, folder: Path, returning: Any) -> None:
    values = {"The sum": {"r": 1, "g": 2, "b": 3, "a": 4}, "picture": {"image_name": "a.png"}}
    server.answer("GET", ITEM, as_json(item(session=session(end={"type": "x", "values": values}))))
    assert 'the_sum: {"r": 1, "g": 2, "b": 3, "a": 4}' in run(server, folder, returning).stdout
    values["The sum"] = {"of": [{"image_name": "a.png"}]}
    server.answer("GET", ITEM, as_json(item(session=session(end={"type": "x", "values": values}))))
    found = json.loads(run(server, folder, returning, "--format", "json").stdout)
    assert found["outputs"]["the_sum"] == {"of": [{"image_name": "a.png"}]}
    assert (folder / "out" / "a.png").read_bytes() == PNG


def test_run_of_lists_with_pictures_and_values(server: FakeServer, folder: Path, returning: Any) -> None:
    values = {"The sum": [1, {"image_name": "a.png"}, {"video_name": "v.mp4"}, None], "picture": None}
    server.answer("GET", ITEM, as_json(item(session=session(end={"type": "x", "values": values}))))
    shown = run(server, folder, returning)
    assert str(folder / "out" / "a.png") in shown.stdout
    assert (folder / "out" / "v.mp4").read_bytes() == b"moving"
    found = json.loads(run(server, folder, returning, "--format", "json").stdout)["outputs"]
    assert found["picture"] is None
    assert found["the_sum"] == [1, str(folder / "out" / "a.png"), str(folder / "out" / "v.mp4"), None]
