"""`flowbind.save` for ComfyUI: values go where the editor reads them from, and what is declared goes along."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from tests.unit.comfyui.drawing import node, node_class, subgraph, workflow
from tests.unit.comfyui.files import api_node, as_bytes, png
from tests.unit.projects import enter_empty, run

import flowbind
from flowbind.comfyui import RANDOM, ComfyUI, Image
from flowbind.comfyui.preview import preview
from flowbind.errors import InputError
from flowbind_generator.comfyui.export import read_export
from flowbind_generator.diagnostics import Refused, Report

CLASSES = {
    "Text": node_class({"text": ["STRING", {"multiline": True, "dynamicPrompts": True}]}, output=["STRING"]),
    "Sampler": node_class(
        {
            "text": ["STRING", {"forceInput": True}],
            "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
            "steps": ["INT", {"default": 20, "min": 1, "max": 100}],
            "width": ["INT", {"default": 64, "min": 16, "max": 1024, "step": 16}],
        },
        {"hint": ["STRING", {"default": "none"}], "last": ["INT", {"default": 1}]},
        output=["IMAGE"],
    ),
    "Wide": node_class({"width": ["INT", {"default": 64, "min": 16, "max": 1024, "step": 16}]}, output=["IMAGE"]),
    "SaveImage": node_class({"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "out"}]}, output_node=True),
    "Load": node_class({"image": [["a.png"], {"image_upload": True}]}, output=["IMAGE"]),
    "CustomCombo": node_class({"choice": ["COMBO", {"options": []}]}, output=["STRING", "INT"]),
    "Either": node_class(
        {
            "model": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "a", "inputs": {"required": {"x": ["INT", {}], "y": ["STRING", {}], "z": ["INT", {}]}}},
                        {"key": "b", "inputs": {"required": {"y": ["STRING", {}], "x": ["INT", {}]}}},
                    ]
                },
            ],
            "last": ["BOOLEAN", {"default": True}],
        },
        output=["IMAGE"],
    ),
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with a pinned document, which is the working directory."""
    (enter_empty(tmp_path, monkeypatch) / "workflows/object_info.json").write_bytes(as_bytes(CLASSES))
    return tmp_path


def loaded(document: Mapping[str, Any], inputs: str = "", **values: Any) -> Any:
    """Return an instance of an export of which some inputs are declared."""
    Path("workflows/own.json").write_bytes(as_bytes(document))
    if inputs:
        Path("workflows/own.flowbind.toml").write_text(f"[inputs]\n{inputs}\n")
    return flowbind.load("workflows/own.json")(**values)


def saved(instance: Any, name: str = "copy") -> Any:
    """Return a default instance of an instance's copy."""
    return flowbind.load(flowbind.save(instance, f"workflows/{name}.json"))()


def posted(instance: Any) -> Any:
    """Return the prompt that an instance posts."""
    return preview(instance)[0]


def written(name: str = "copy") -> Any:
    """Return what is in the file of a copy."""
    return json.loads(Path(f"workflows/{name}.json").read_text(encoding="utf-8"))


def refusal(instance: Any) -> str:
    """Return why there is no copy of an instance; nothing is written then."""
    before = sorted(Path("workflows").iterdir())
    with pytest.raises(InputError) as caught:
        flowbind.save(instance, "workflows/refused.json")
    assert sorted(Path("workflows").iterdir()) == before
    return str(caught.value)


def sampled(*values: Any, text: str = "a fox", **more: Any) -> Any:
    """Return a workflow of a text, a sampler with saved values, and a picture."""
    sampler = node(2, "Sampler", links={"text": 1}, **more)
    if values:
        sampler["widgets_values"] = list(values)
    return workflow(
        node(1, "Text", [text]),
        sampler,
        node(3, "SaveImage", ["out"], {"images": 2}),
        links=[[1, 1, 0, 2, 0, "STRING"], [2, 2, 0, 3, 0, "IMAGE"]],
        id="11111111-2222-3333-4444-555555555555",
        extra={"ds": {"scale": 1}},
    )


STEPS = 'steps = "2.steps"'


def test_a_copy_posts_what_the_instance_posts() -> None:
    instance = loaded(sampled(1, "fixed", 20, 64, "none", 1), STEPS, steps=9)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert copy.steps == 9
    assert written()["nodes"][1]["widgets_values"] == [1, "fixed", 9, 64, "none", 1]
    assert written()["extra"] == {"ds": {"scale": 1}}


def test_a_copy_is_a_workflow_of_its_own_and_stays_it() -> None:
    instance = loaded(sampled(1, "fixed", 20, 64), STEPS)
    saved(instance)
    own = written()["id"]
    assert own != sampled()["id"]
    saved(instance)
    assert written()["id"] == own
    saved(instance, "own")
    assert written("own")["id"] == sampled()["id"]


def test_an_old_file_without_an_id_gets_none() -> None:
    document = sampled(1, "fixed", 20, 64)
    del document["id"]
    saved(loaded(document, STEPS))
    assert "id" not in written()


def test_values_that_the_file_lacks_are_added_with_those_before_them() -> None:
    instance = loaded(sampled(1, "fixed", 20), 'last = "2.last"', last=5)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][1]["widgets_values"] == [1, "fixed", 20, 64, "none", 5]


def test_a_node_without_any_values_gets_them() -> None:
    instance = loaded(sampled(), STEPS, steps=9)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][1]["widgets_values"] == [0, "randomize", 9]


def test_values_by_name_are_set_by_name() -> None:
    document = sampled()
    document["nodes"][1]["widgets_values"] = {"seed": 3}
    instance = loaded(document, STEPS, steps=9)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][1]["widgets_values"] == {"seed": 3, "steps": 9}


def test_values_that_stand_there_by_position_and_by_name_are_both_set() -> None:
    named = {"seed": 1, "control_after_generate": "fixed", "steps": 20, "width": 64, "hint": "none", "last": 1}
    instance = loaded(sampled(*named.values(), widgets_values_named=named), STEPS, steps=9)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][1]["widgets_values_named"] == {**named, "steps": 9}
    assert written()["nodes"][1]["widgets_values"][2] == 9


def test_one_input_for_several_values_sets_all_of_them() -> None:
    document = workflow(
        node(1, "Wide", [64]),
        node(2, "Wide", [64]),
        node(3, "SaveImage", ["a"], {"images": 1}),
        node(4, "SaveImage", ["b"], {"images": 2}),
        links=[[1, 1, 0, 3, 0, "IMAGE"], [2, 2, 0, 4, 0, "IMAGE"]],
    )
    instance = loaded(document, 'width = ["1.width", "2.width"]', width=128)
    assert posted(saved(instance)) == posted(instance)
    assert [n["widgets_values"] for n in written()["nodes"][:2]] == [[128], [128]]


def shared(*instances: Any) -> Any:
    """Return a workflow with instances of one subgraph, which shows its width."""
    wide = node(11, "Wide", [64], {"width": 1})
    inside = subgraph(
        "u-u", wide, links=[[1, -10, 0, 11, 0, "INT"], [2, 11, 0, -20, 0, "IMAGE"]], inputs=["width"], outputs=1
    )
    nodes = [node(n + 1, "u-u", values, {"width": None}) for n, values in enumerate(instances)]
    pictures = [node(n + 31, "SaveImage", [f"out{n}"], {"images": n + 1}) for n, _ in enumerate(instances)]
    links = [[n + 1, n + 1, 0, n + 31, 0, "IMAGE"] for n, _ in enumerate(instances)]
    return workflow(*nodes, *pictures, links=links, subgraphs=[inside])


def test_a_value_that_a_subgraph_shows_is_set_where_the_file_has_it() -> None:
    instance = loaded(shared([]), width=128)
    assert posted(saved(instance)) == posted(instance)
    assert written()["definitions"]["subgraphs"][0]["nodes"][0]["widgets_values"] == [128]
    instance = loaded(shared([32]), width=128)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][0]["widgets_values"] == [128]


def test_a_value_that_the_editor_has_set_aside_is_set_there() -> None:
    document = shared([])
    kept = {"originalEntry": ["-1", "width"], "hostValue": 32}
    document["nodes"][0]["properties"] = {"proxyWidgetErrorQuarantine": [kept]}
    assert loaded(document).width == 32
    instance = loaded(document, width=128)
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][0]["properties"]["proxyWidgetErrorQuarantine"] == [{**kept, "hostValue": 128}]


def test_of_two_that_show_one_subgraph_each_has_its_own_value() -> None:
    instance = loaded(shared([], []))
    first, second = type(instance).model_fields
    instance = loaded(shared([], []), **{second: 128})
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert (getattr(copy, first), getattr(copy, second)) == (64, 128)


def test_a_value_inside_of_a_subgraph_that_stands_there_twice_is_refused() -> None:
    inner = node(12, "Sampler", [1, "fixed", 20])
    inside = subgraph("u-u", inner, links=[[2, 12, 0, -20, 0, "IMAGE"]], inputs=[], outputs=1)
    document = workflow(
        node(1, "u-u", []),
        node(2, "u-u", []),
        node(3, "SaveImage", ["a"], {"images": 1}),
        node(4, "SaveImage", ["b"], {"images": 2}),
        links=[[1, 1, 0, 3, 0, "IMAGE"], [2, 2, 0, 4, 0, "IMAGE"]],
        subgraphs=[inside],
    )
    said = refusal(loaded(document, 'steps = "1:12.steps"', steps=9))
    assert said == (
        "Own: read back, the copy would post something else: 2:12.steps is 20, in the copy 9. "
        "What was set changes more than its own value: set it in the editor."
    )


def test_what_the_editor_would_round_is_refused() -> None:
    primitive = node(5, "PrimitiveNode", [64, "fixed"], outputs=[{"name": "INT", "type": "INT", "links": []}])
    document = workflow(
        primitive,
        node(1, "Wide", [64], {"width": 1}),
        node(3, "SaveImage", ["a"], {"images": 2}),
        links=[[1, 5, 0, 1, 0, "INT"], [2, 1, 0, 3, 0, "IMAGE"]],
    )
    assert posted(saved(loaded(document, 'size = "5.value"', size=96)))["1"]["inputs"]["width"] == 96
    assert refusal(loaded(document, 'size = "5.value"', size=100)) == (
        'Own.size ("Wide") is 100, which the workflow\'s file cannot hold: the editor would post 96.'
    ).replace('("Wide")', f'("{flowbind.inputs(loaded(document)).find("size").label}")')


def test_whole_numbers_that_the_editor_cannot_count_are_refused() -> None:
    instance = loaded(sampled(1, "fixed", 20), 'seed = "2.seed"', seed=2**63 + 1)
    assert refusal(instance).startswith("Own.seed")
    assert posted(saved(loaded(sampled(1, "fixed", 20), seed=2**53)))["2"]["inputs"]["seed"] == 2**53


def test_random_is_drawn_now() -> None:
    instance = loaded(sampled(1, "fixed", 20), 'seed = "2.seed"', seed=RANDOM)
    assert isinstance(saved(instance).seed, int)
    assert instance.seed is RANDOM


@pytest.mark.parametrize("text", ["a {red|blue} fox", '{"colour": "red"}', "a {red", "}{", "a | b"])
def test_a_text_that_the_editor_would_choose_in_is_written_so_that_it_stays(text: str) -> None:
    instance = loaded(sampled(1, "fixed", 20, text="{a|b} fox"), 'text = "1.text"', text=text)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert copy.text == text
    assert written()["nodes"][0]["widgets_values"] == [text.replace("{", "\\{")]


@pytest.mark.parametrize("text", ["see https://example.org/a", "half \\{", "a \\"])
def test_a_text_that_the_editor_would_cut_is_refused(text: str) -> None:
    said = refusal(loaded(sampled(1, "fixed", 20), 'text = "1.text"', text=text))
    assert said.startswith("Own.text")


def test_a_text_of_the_workflow_is_chosen_in_as_before() -> None:
    instance = loaded(sampled(1, "fixed", 20, text="a {red|blue} fox"), STEPS, steps=9)
    saved(instance)
    assert written()["nodes"][0]["widgets_values"] == ["a {red|blue} fox"]


def test_a_pattern_that_the_editor_would_replace_is_refused() -> None:
    instance = loaded(sampled(1, "fixed", 20), 'name = "3.filename_prefix"', name="%date:yyyy%/fox")
    assert "the editor would replace what stands between % signs" in refusal(instance)


LOADED = workflow(
    node(1, "Load", ["a.png"]), node(3, "SaveImage", ["out"], {"images": 1}), links=[[1, 1, 0, 3, 0, "IMAGE"]]
)


def test_a_local_file_is_refused_and_one_of_the_server_is_not() -> None:
    instance = loaded(LOADED, image=Image("b.png", "sub", "input"))
    assert posted(saved(instance)) == posted(instance)
    assert written()["nodes"][0]["widgets_values"] == ["sub/b.png"]
    for content in (Path("here.png"), b"PNG"):
        assert refusal(loaded(LOADED, image=content)) == (
            f'Own.image ("image") is {content!r}: no file holds that. Upload it first, and give what '
            "`server.files.upload` returns."
        )


def test_a_choice_of_the_author_s_own_is_posted_with_its_place() -> None:
    document = workflow(
        node(1, "CustomCombo", ["b", 1, "a", "b", "c", ""]),
        node(2, "Sampler", [1, "fixed", 20], {"text": 1}),
        node(3, "SaveImage", ["out"], {"images": 2}),
        links=[[1, 1, 0, 2, 0, "STRING"], [2, 2, 0, 3, 0, "IMAGE"]],
    )
    instance = loaded(document, 'choice = "1.choice"', choice="c")
    assert posted(instance)["1"]["inputs"]["index"] == 2
    assert posted(saved(instance)) == posted(instance)


def test_a_choice_that_moves_other_values_takes_them_along() -> None:
    document = workflow(
        node(1, "Either", ["a", 5, "five", 7, True]),
        node(3, "SaveImage", ["out"], {"images": 1}),
        links=[[1, 1, 0, 3, 0, "IMAGE"]],
    )
    instance = loaded(document, 'model = "1.model"', model="b")
    copy = saved(instance)
    assert posted(copy)["1"]["inputs"] == {"model": "b", "model.y": "five", "model.x": 5, "last": True}
    # The server does not look at what comes with another choice.
    assert posted(instance)["1"]["inputs"] == {**posted(copy)["1"]["inputs"], "model.z": 7}


API = {
    "10": api_node("Sampler", text=["9", 0], seed=1, steps=20, width=64),
    "9": api_node("Text", "Prompt", text="a fox"),
    "3": api_node("SaveImage", images=["10", 0], filename_prefix="out"),
}


def test_of_a_prompt_the_copy_is_one_with_the_same_inputs() -> None:
    instance = loaded(API, steps=9)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert list(type(copy).model_fields) == list(type(instance).model_fields)
    assert {k: v["inputs"]["steps"] for k, v in written().items() if "steps" in v["inputs"]} == {"10": 9}
    assert written()["9"]["_meta"] == {"title": "Prompt"}


def test_the_copy_of_a_picture_s_workflow_is_json() -> None:
    Path("workflows/drawn.png").write_bytes(png(workflow=json.dumps(sampled(1, "fixed", 20))))
    instance = flowbind.load("workflows/drawn.png")()
    assert posted(saved(instance)) == posted(instance)


def test_what_is_declared_beside_the_export_goes_along(project: Path) -> None:
    instance = loaded(sampled(1, "fixed", 20, 64), "# theirs\n" + STEPS, steps=9)
    saved(instance)
    side = project / "workflows/copy.flowbind.toml"
    assert side.read_bytes() == (project / "workflows/own.flowbind.toml").read_bytes()
    run(project, "generate")
    run(project, "check")
    assert list(type(saved(instance)).model_fields) == ["steps"]


def test_what_is_declared_of_the_copy_already_stays(project: Path) -> None:
    side = project / "workflows/copy.flowbind.toml"
    side.write_text('[inputs]\nwide = "2.width"\n')
    copy = saved(loaded(sampled(1, "fixed", 20, 64), STEPS, steps=9))
    assert list(type(copy).model_fields) == ["wide"]
    assert side.read_text() == '[inputs]\nwide = "2.width"\n'


def test_what_the_settings_declare_stands_beside_the_copy(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.flowbind.declarations."own.json"]\n'
        'values = "names"\ninputs = { "größe" = ["2.width"], both = ["2.steps", "2.last"] }\noutputs = { it = "3" }\n'
    )
    instance = loaded(sampled(1, "fixed", 20, 64, "none", 20), both=9)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert list(type(copy).model_fields) == ["größe", "both"]
    assert [o.attribute for o in type(copy).__flowbind__.outputs] == ["it"]
    assert 'values = "names"' in (project / "workflows/copy.flowbind.toml").read_text(encoding="utf-8")


def test_values_that_go_by_name_go_by_name_in_the_copy() -> None:
    named = {"seed": 5, "control_after_generate": "fixed", "steps": 9}
    document = sampled("fixed", 5, 9, widgets_values_named=named)
    Path("workflows/own.flowbind.toml").write_text('values = "names"\n[inputs]\nseed = "2.seed"\n')
    instance = loaded(document, seed=7)
    assert posted(saved(instance)) == posted(instance)
    assert posted(instance)["2"]["inputs"]["seed"] == 7


def test_a_declaration_that_does_not_fit_refuses_the_copy(project: Path) -> None:
    (project / "workflows/copy.flowbind.toml").write_text('[inputs]\nwide = "77.width"\n')
    with pytest.raises(Refused, match="FB215"):
        saved(loaded(sampled(1, "fixed", 20, 64), STEPS, steps=9))
    assert not (project / "workflows/copy.json").exists()


@pytest.mark.skipif("COMFYUI_URL" not in os.environ, reason="COMFYUI_URL names no server")
def test_on_a_real_server_a_copy_runs_and_is_what_its_pictures_hold(project: Path) -> None:
    (project / "workflows/object_info.json").unlink()
    document = workflow(
        node(1, "EmptyImage", [64, 32, 1, 0]),
        node(2, "SaveImage", ["flowbind copies"], {"images": 1}),
        links=[[1, 1, 0, 2, 0, "IMAGE"]],
        id="11111111-2222-3333-4444-555555555555",
    )
    instance = loaded(document, 'width = "1.width"', width=48)
    copy = saved(instance)
    with ComfyUI(os.environ["COMFYUI_URL"], check="off") as server:
        picture = server.run(copy).outputs.images[0]
        assert Pillow.open(io.BytesIO(picture.bytes())).size == (48, 32)
        path = picture.save(project / "picture.png")
    held = read_export(path.read_bytes(), Report("picture.png"))
    assert held is not None
    assert (held[0], held[1]) == ("workflow", written())
