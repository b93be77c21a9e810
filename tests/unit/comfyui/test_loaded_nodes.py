"""The literals of ComfyUI's nodes in a loaded workflow: subgraphs, primitives, and nodes that do not run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.comfyui.drawing import node, node_class, subgraph, workflow

import flowbind
from flowbind import LoadedWorkflow
from flowbind.comfyui.preview import preview
from flowbind.errors import NoInput
from flowbind_generator.building import Basis
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.loaded_export import load_export
from flowbind_generator.manifest import Manifest
from flowbind_generator.project import find_project

SAMPLED = [7, "randomize", 20, 8.0, "euler"]
IMAGE = "IMAGE"
CATALOG = Catalog(
    {
        "Source": node_class({}, output=["IMAGE"]),
        "Text": node_class({"text": ["STRING", {"multiline": True}]}, output=["STRING"]),
        "Sampler": node_class(
            {
                "image": ["IMAGE"],
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 100}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0}],
                "name": [["euler", "heun"], {}],
            },
            output=["IMAGE"],
        ),
        "SaveImage": node_class(
            {"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "out"}]},
            display_name="Save Image",
            output_node=True,
        ),
    }
)


def loaded(folder: Path, document: Any, declared: str = "") -> LoadedWorkflow:
    """Return a workflow as `flowbind.load` gives it, with the catalog of these tests."""
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    path = folder / "small.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    if declared:
        (folder / "small.flowbind.toml").write_text(declared, encoding="utf-8")
    return load_export(path, Basis(find_project(folder), {"comfyui": CATALOG}, Manifest()))


def inputs(found: LoadedWorkflow) -> dict[str, Any]:
    """Return what each posted node is given."""
    return {known: about["inputs"] for known, about in preview(found)[0].items()}


def saving(link: int) -> dict[str, Any]:
    """Return a node that saves what comes over a link."""
    return node(4, "SaveImage", ["out"], {"images": link})


def with_subgraph() -> dict[str, Any]:
    """Return a workflow with a subgraph that shows the steps of both of its nodes as one value."""
    inner = subgraph(
        "sub",
        node(1, "Sampler", SAMPLED, {"steps": 2}),
        node(2, "Sampler", SAMPLED, {"image": 1, "steps": 3}),
        links=[[1, 1, 0, 2, 0, IMAGE], [2, -10, 0, 1, 1, "INT"], [3, -10, 0, 2, 1, "INT"], [4, 2, 0, -20, 0, IMAGE]],
        inputs=["steps"],
        outputs=1,
    )
    host = node(5, "sub", [99], inputs=[{"name": "steps", "type": "INT", "widget": {"name": "steps"}, "link": None}])
    return workflow(host, saving(9), links=[[9, 5, 0, 4, 0, IMAGE]], subgraphs=[inner])


def test_the_nodes_of_a_subgraph_are_called_as_in_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, with_subgraph())
    assert [(one.id, one.title) for one in flowbind.nodes(found)] == [
        ("5", "The sub"),
        ("5:1", "Sampler"),
        ("5:2", "Sampler"),
        ("4", "Save Image"),
    ]
    before = inputs(found)
    found["5:2", "cfg"] = 3.0
    assert inputs(found) == {**before, "5:2": {**before["5:2"], "cfg": 3.0}}
    assert found["5:1", "cfg"] == 8.0


def test_a_value_that_a_subgraph_gives_to_several_is_set_there(tmp_path: Path) -> None:
    found = loaded(tmp_path, with_subgraph())
    assert "steps" not in flowbind.nodes(found)["5:1"]
    with pytest.raises(NoInput) as caught:
        found["5:1", "steps"] = 3
    assert str(caught.value) == (
        'Small: `steps` of the node "Sampler" (5:1) takes no value of its own: the node "The sub" (5) gives one to 2 '
        "inputs. Set 'steps' there."
    )
    found["The sub", "steps"] = 30
    assert {known: given.get("steps") for known, given in inputs(found).items()} == {"5:1": 30, "5:2": 30, "4": None}


def test_a_value_that_a_primitive_gives_to_one_is_found_at_both(tmp_path: Path) -> None:
    primitive = node(9, "PrimitiveNode", [25, "fixed"], title="How many steps")
    document = workflow(
        primitive,
        node(1, "Sampler", SAMPLED, {"steps": 1}),
        saving(2),
        links=[[1, 9, 0, 1, 0, "INT"], [2, 1, 0, 4, 0, IMAGE]],
    )
    found = loaded(tmp_path, document)
    assert found["How many steps", "value"] == found["1", "steps"] == 25
    found["1", "steps"] = 30
    assert inputs(found)["1"]["steps"] == found["9", "value"] == 30


@pytest.mark.parametrize("mode", [2, 4])
def test_a_node_that_does_not_run_has_no_literals(tmp_path: Path, mode: int) -> None:
    other = node(2, "Sampler", SAMPLED, mode=mode, title="Asleep")
    document = workflow(
        node(1, "Sampler", SAMPLED), other, node(3, "Note", ["a note"]), saving(2), links=[[2, 1, 0, 4, 0, IMAGE]]
    )
    found = loaded(tmp_path, document)
    assert [one.id for one in flowbind.nodes(found)] == ["1", "4"]
    for key in ("Asleep", "Note"):
        with pytest.raises(NoInput, match="is not there: it has no literal that a run takes"):
            found[key, "steps"] = 3


def test_the_api_format_too(tmp_path: Path) -> None:
    prompt = {
        "1": {
            "class_type": "Sampler",
            "inputs": {"image": ["2", 0], "seed": 1, "steps": 20, "cfg": 8.0, "name": "euler"},
        },
        "2": {"class_type": "Source", "inputs": {}},
        "4": {
            "class_type": "SaveImage",
            "inputs": {"images": ["1", 0], "filename_prefix": "a"},
            "_meta": {"title": "End"},
        },
    }
    found = loaded(tmp_path, prompt)
    found["End", "filename_prefix"] = "b"
    found["1", "name"] = "heun"
    prompt["4"]["inputs"]["filename_prefix"] = "b"  # type: ignore[index]
    prompt["1"]["inputs"]["name"] = "heun"  # type: ignore[index]
    assert inputs(found) == {known: about["inputs"] for known, about in prompt.items()}


def test_the_label_of_an_input_stays_when_its_node_gets_more(tmp_path: Path) -> None:
    text = node(7, "Text", ["a cat"], title="Positive")
    found = loaded(tmp_path, workflow(text, node(1, "Sampler", SAMPLED), saving(2), links=[[2, 1, 0, 4, 0, IMAGE]]))
    labels = [(i.attribute, i.label) for i in flowbind.inputs(found)]
    found["1", "name"] = "heun"
    assert [(i.attribute, i.label) for i in flowbind.inputs(found)][: len(labels)] == labels


def test_what_the_project_declares_stays_what_it_is(tmp_path: Path) -> None:
    declared = '[inputs]\nname = "1.cfg"\nboth = ["1.steps", "2.steps"]\n'
    document = workflow(
        node(1, "Sampler", SAMPLED),
        node(2, "Sampler", SAMPLED, {"image": 1}),
        saving(2),
        links=[[1, 1, 0, 2, 0, IMAGE], [2, 2, 0, 4, 0, IMAGE]],
    )
    found = loaded(tmp_path, document, declared)
    assert [*type(found).model_fields] == ["name", "both"]
    (tmp_path / "small.flowbind.toml").write_text("[inputs]\n", encoding="utf-8")
    found["1", "name"] = "heun"
    found["2", "steps"] = 5
    assert (found.name, found.both) == (8.0, 5)
    assert {known: given.get("steps") for known, given in inputs(found).items()} == {"1": 5, "2": 5, "4": None}
    assert inputs(found)["1"]["name"] == "heun"
    assert [*type(found).model_fields][:2] == ["name", "both"]
