"""What a run stores with its pictures: the saved workflow, with the values that were set, wherever it has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.comfyui.drawing import node, subgraph, workflow
from tests.unit.projects import enter_empty, run

import flowbind
from flowbind.comfyui.body import body_of
from flowbind.comfyui.request import expanding, given

EXPORT = Path(__file__).resolve().parents[3] / "workflows" / "comfy_text_to_image.json"
SAMPLER = {"seed": 5, "control_after_generate": "fixed", "steps": 9, "cfg": 6.5, "sampler_name": "ddim"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project."""
    return enter_empty(tmp_path, monkeypatch)


def saved(project: Path, **nodes: Any) -> Path:
    """Write the workflow of this repository into a project, with changes of its nodes by their types."""
    document = json.loads(EXPORT.read_text(encoding="utf-8"))
    for one in document["nodes"]:
        one.update(nodes.get(one["type"], {}))
    path = project / "workflows" / "lantern.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def posted(path: Path, **values: Any) -> dict[str, Any]:
    """Return the request of an instance with values."""
    kind = type(flowbind.load(path))
    body: dict[str, Any] = json.loads(body_of(kind).join(given(kind(**values))))
    return body


def stored_in(body: dict[str, Any], node_type: str) -> dict[str, Any]:
    """Return a node of the workflow that is stored with the pictures."""
    nodes = body["extra_data"]["extra_pnginfo"]["workflow"]["nodes"]
    return next(node for node in nodes if node["type"] == node_type)


def test_what_was_set_is_stored_by_position(project: Path) -> None:
    body = posted(saved(project), seed=7, steps=12)
    assert stored_in(body, "KSampler")["widgets_values"] == [7, "randomize", 12, 6.5, "dpmpp_2m", "karras", 1]
    assert body["prompt"]["3"]["inputs"]["seed"] == 7


def test_and_by_name_where_the_file_has_names(project: Path) -> None:
    names = dict(zip(["seed", "control_after_generate", "steps"], [20260822, "randomize", 24], strict=True))
    body = posted(saved(project, KSampler={"widgets_values_named": names}), seed=7)
    assert stored_in(body, "KSampler")["widgets_values_named"] == {**names, "seed": 7}
    assert stored_in(body, "KSampler")["widgets_values"][0] == 7


def test_what_a_subgraph_shows_is_stored_inside(project: Path) -> None:
    inner = node(11, "EmptyImage", [64, 32, 1, 0], {"width": 1}, widgets_values_named={"width": 64})
    links = [[1, -10, 0, 11, 0, "INT"], [2, 11, 0, -20, 0, "IMAGE"]]
    inside = subgraph("u-u", inner, links=links, inputs=["how wide"], outputs=1)
    shown = node(1, "u-u", [], {"how wide": None})
    picture = node(2, "SaveImage", ["out"], {"images": 3})
    document = workflow(shown, picture, links=[[3, 1, 0, 2, 0, "IMAGE"]], subgraphs=[inside])
    path = project / "workflows" / "shown.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    kept = posted(path, how_wide=128)["extra_data"]["extra_pnginfo"]["workflow"]
    assert kept["nodes"][0]["widgets_values"] == []
    (stored,) = kept["definitions"]["subgraphs"][0]["nodes"]
    assert stored["widgets_values"] == [128, 32, 1, 0]
    assert stored["widgets_values_named"] == {"width": 128}


def test_a_prompt_has_no_workflow_to_store(project: Path) -> None:
    prompt = posted(saved(project))["prompt"]
    path = project / "workflows" / "api.json"
    path.write_text(json.dumps(prompt), encoding="utf-8")
    assert posted(path) == {"prompt": prompt}


def test_texts_that_are_no_inputs_are_made_anew_all_the_same(project: Path) -> None:
    path = saved(project, SaveImage={"widgets_values": ["%date:yyyy%/%KSampler.seed%"]})
    kind = type(flowbind.load(path))
    assert "filename_prefix" not in kind.model_fields
    assert {kind.__flowbind__.slots[n].field: text for n, text in expanding(kind).items()} == {
        "text": "a paper lantern on a still lake, {dawn|dusk}, soft light",
        "filename_prefix": "%date:yyyy%/%KSampler.seed%",
    }


def test_names_are_taken_where_the_project_says_so(project: Path) -> None:
    values = [*SAMPLER.values()]
    # As if the class had got an input before `steps` since: names and positions are the same values.
    path = saved(project, KSampler={"widgets_values": ["fixed", 5, *values[2:]], "widgets_values_named": SAMPLER})
    told = run(project, "generate").output
    assert "FB310" in told
    assert "The positions are taken, as in the editor." in told
    assert 'write values = "names" into lantern.flowbind.toml' in " ".join(told.split())
    assert posted(path)["prompt"]["3"]["inputs"]["seed"] == "fixed"
    (project / "workflows" / "lantern.flowbind.toml").write_text('values = "names"\n')
    run(project, "check", code=1)
    assert "The names are taken." in run(project, "generate").output
    assert posted(path)["prompt"]["3"]["inputs"]["seed"] == 5
    (project / "workflows" / "lantern.flowbind.toml").write_text('values = "guessed"\n')
    assert "FB214" in run(project, "generate", code=1).output
