"""Which widgets are public: the first rule that applies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbind_generator.comfyui.prompt import EditorNode, Place, Prompt, Widget
from flowbind_generator.declaration import Declaration

from .given_prompts import prompt_of
from .prompts import Read, Told, catalog, changed, class_told, node

API: dict[str, Told] = {
    "1": node("CLIPTextEncode", "in: prompt", text="a fox", clip=["9", 0]),
    "2": node("CLIPTextEncode", text="blurry", clip=["9", 0]),
    "3": node("KSampler", seed=5, steps=20, cfg=8.0, sampler_name="euler", positive=["1", 0], negative=["2", 0]),
    "4": node("Save", images=["3", 0], filename_prefix="fox"),
}


def declared(**inputs: tuple[str, ...]) -> Declaration:
    return Declaration(inputs, None, "pyproject.toml")


def with_subgraph(**fields: Any) -> Prompt:
    """Return a prompt of which one node stands inside of the subgraph 7, which shows its text as "prompt"."""
    prompt = prompt_of({"8": node("LoadImage", image="a.png"), "7:1": node("CLIPTextEncode", text="a fox")})
    shown = Widget("7", "prompt", "a fox", (Place("7:1", "text"),), ("nodes", 0), promoted=True)
    instance = EditorNode("7", "Text to image", "", None, ("nodes", 0), is_subgraph=True)
    prompt = changed(prompt, "7:1", "text", targets=())
    return replace(
        prompt,
        widgets=[replace(shown, **fields), *prompt.widgets],
        editor_nodes=[instance, *prompt.editor_nodes],
    )


def test_a_declaration_counts_for_more_than_all_else() -> None:
    read = Read(prompt_of(API), declaration=declared(look=("2.text",), tempo=("3.steps",)))
    assert {name: i.field_name for name, i in read.inputs.items()} == {"look": "text", "tempo": "steps"}
    assert [i.index for i in read.inputs.values()] == [0, 1]
    assert read.chosen.rule == "Its inputs are those that pyproject.toml declares."
    assert not read.findings


def test_a_declaration_of_outputs_alone_leaves_the_inputs_to_the_next_rule() -> None:
    assert Read(prompt_of(API), declaration=declared()).inputs.keys() == Read(prompt_of(API)).inputs.keys()


def test_a_declared_input_may_go_to_several_slots() -> None:
    read = Read(prompt_of(API), declaration=declared(texts=("1.text", "2.text")))
    [found] = read.inputs.values()
    assert (found.node_id, found.also) == ("1", (("2", "text"),))
    assert "2 inputs take it." in found.doc


def test_a_declared_slot_may_be_named_as_it_is_posted() -> None:
    prompt = with_subgraph()
    assert Read(prompt, declaration=declared(a=("7.prompt",))).inputs["a"].node_id == "7:1"
    assert Read(prompt, declaration=declared(a=("7:1.text",))).inputs["a"].node_id == "7:1"


@pytest.mark.parametrize(
    ("slot", "cause"),
    [
        ("3.stepz", "is not there; did you mean '3.steps'"),
        ("3", "is not there"),
        ("77.text", "is not there"),
        ("3.positive", "is not there"),
        ("7:1.gone", "is not there"),
    ],
)
def test_a_declared_slot_that_is_not_there_refuses(slot: str, cause: str) -> None:
    read = Read(prompt_of(API), declaration=declared(a=(slot,), b=("1.text",)))
    [finding] = read.findings
    assert (finding.code, finding.severity) == ("FB215", "error")
    assert cause in finding.message
    assert list(read.inputs) == ["b"]


def test_a_declared_slot_that_takes_no_value_refuses() -> None:
    read = Read(changed(prompt_of(API), "1", "text", targets=()), declaration=declared(a=("1.text",)))
    assert read.codes == ["FB215"]
    assert "takes no value from outside" in read.findings[0].message


def test_a_slot_declared_twice_becomes_one_input() -> None:
    read = Read(prompt_of(API), declaration=declared(a=("1.text",), b=("1.text",)))
    assert (list(read.inputs), read.codes) == (["a"], ["FB202"])


@pytest.mark.parametrize(
    "told",
    [
        [3, "steps"],
        ["3", "steps"],
        ["3", "steps", {"height": 40}],
        ["e131-12f7:3:steps", "shown as"],
        ["e131-12f7:3:st%65ps", "shown as"],
    ],
)
def test_what_is_chosen_for_app_mode_is_public(told: list[Any]) -> None:
    read = Read(prompt_of(API, linear={"inputs": [told, [1, "text"]]}))
    assert [i.field_name for i in read.inputs.values()] == ["steps", "text"]
    assert read.chosen.rule == "Its inputs are those that its author chose for App mode."
    assert not read.findings


def test_app_mode_has_words_of_the_author() -> None:
    read = Read(prompt_of(API, linear={"inputs": [[3, "steps", {"description": "Fewer is faster"}]]}))
    assert read.inputs["steps"].doc.startswith("Fewer is faster.")


@pytest.mark.parametrize("told", [["7", "prompt"], ["1", "text"], ["e1:7:prompt", "x"], ["d069-aa:7", "prompt"]])
def test_app_mode_finds_the_widgets_of_subgraphs(told: list[Any]) -> None:
    read = Read(replace(with_subgraph(), linear={"inputs": [told]}))
    assert list(read.inputs) == ["prompt"]
    assert not read.findings


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ([99, "text"], "is not there any more"),
        ([3, "gone"], "is not there any more"),
        (["d069-aa:8", "image"], "is not there any more"),
        ([7], "An entry of another shape"),
        (7, "An entry of another shape"),
        ([True, "text"], "is not there any more"),
        ([{}, "text"], "An entry of another shape"),
        ([None, None], "An entry of another shape"),
    ],
)
def test_a_choice_of_which_nothing_is_left_is_reported(told: Any, cause: str) -> None:
    read = Read(prompt_of({**API, "8": node("LoadImage", image="a.png")}, linear={"inputs": [told, [2, "text"]]}))
    [finding] = read.findings
    assert (finding.code, finding.pointer) == ("FB201", "/extra/linearData/inputs/0")
    assert cause in finding.message
    assert list(read.inputs) == ["text"]


def test_a_choice_that_a_link_feeds_is_reported() -> None:
    read = Read(changed(prompt_of(API, linear={"inputs": [[3, "steps"], [3, "cfg"]]}), "3", "steps", targets=()))
    assert read.codes == ["FB201"]
    assert "another node feeds it" in read.findings[0].message


def test_a_choice_of_a_node_that_is_not_posted_is_reported() -> None:
    prompt = changed(prompt_of(API, linear={"inputs": [[3, "steps"], [2, "text"]]}), "3", "steps", targets=())
    editor_nodes = [replace(n, prompt_id=None) if n.path == "3" else n for n in prompt.editor_nodes]
    read = Read(replace(prompt, editor_nodes=editor_nodes))
    assert "bypassed or muted" in read.findings[0].message


def test_a_widget_chosen_twice_becomes_one_input() -> None:
    read = Read(prompt_of(API, linear={"inputs": [[3, "steps"], ["3", "steps"]]}))
    assert (list(read.inputs), read.codes) == (["steps"], ["FB202"])


@pytest.mark.parametrize("told", [{}, {"inputs": []}, {"inputs": None}, {"inputs": {"1": 2}}, {"outputs": [4]}])
def test_without_a_choice_the_next_rule_applies(told: Told) -> None:
    assert 'marked with "in:"' in Read(prompt_of(API, linear=told)).chosen.rule


def test_a_marked_title_names_the_nodes_only_value() -> None:
    read = Read(prompt_of(API))
    assert {name: (i.node_id, i.field_name) for name, i in read.inputs.items()} == {"prompt": ("1", "text")}


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("in:steps", ["steps"]),
        ("IN: how", ["how_seed", "how_steps", "how_cfg", "how_sampler_name"]),
        ("in:", ["seed", "steps", "cfg", "sampler_name"]),
        ("inner", []),
    ],
)
def test_a_marked_title_of_a_node_with_several_values(title: str, names: list[str]) -> None:
    api = {**API, "3": node("KSampler", title, **API["3"]["inputs"])}
    assert [name for name in Read(prompt_of(api)).inputs if name != "prompt"] == names


def test_a_marked_title_means_a_text_before_other_values() -> None:
    writer = class_told(["STRING"], prompt=["STRING", {"multiline": True}], temperature=["FLOAT", {}])
    read = Read(prompt_of({"1": node("Writer", "in:idea", prompt="a", temperature=1.0)}), catalog(Writer=writer))
    assert [i.field_name for i in read.inputs.values()] == ["prompt"]


def test_a_marked_label_names_the_widget() -> None:
    read = Read(changed(prompt_of(API), "3", "cfg", label="in: strictness"))
    assert list(read.inputs) == ["prompt", "strictness"]


def test_a_mark_on_what_takes_no_value_is_reported() -> None:
    read = Read(changed(prompt_of(API), "1", "text", targets=()))
    assert read.codes == ["FB201"]
    assert "Nothing in the workflow says" in read.chosen.rule


def test_the_widgets_of_subgraphs_are_public_and_then_the_files_beside_them() -> None:
    read = Read(with_subgraph())
    found, file = read.inputs.values()
    assert (found.attribute, found.node_id, found.field_name) == ("", "7:1", "text")
    assert 'Input 0: `prompt` of the subgraph "Text to image" (node 7).' in found.doc
    assert (file.index, file.node_id, file.field_name) == (None, "8", "image")
    assert "Beside the subgraphs: `image` of the node" in file.doc
    rule = "Its inputs are the widgets that its subgraphs show, and the files that it loads beside them."
    assert read.chosen.rule == rule
    assert not read.findings


def test_texts_beside_subgraphs_are_told() -> None:
    prompt = with_subgraph()
    text = prompt_of({"9": node("CLIPTextEncode", text="an owl")})
    both = replace(
        prompt,
        nodes={**prompt.nodes, **text.nodes},
        widgets=[*prompt.widgets, *text.widgets],
        editor_nodes=[*prompt.editor_nodes, *text.editor_nodes],
    )
    [finding] = Read(both).findings
    assert (finding.code, finding.severity) == ("FB212", "info")
    assert "not 9.text beside them" in finding.message


def test_widgets_of_subgraphs_that_a_link_feeds_are_not_public() -> None:
    assert list(Read(with_subgraph(targets=())).inputs) == ["image"]


def test_else_what_most_runs_change_is_public() -> None:
    api = {**API, "1": node("CLIPTextEncode", "Look", text="a fox"), "5": node("LoadImage", image="a.png")}
    read = Read(prompt_of({**api, "6": node("PrimitiveInt", "Height", value=5)}))
    assert list(read.inputs) == ["look", "text", "seed", "steps", "cfg", "image", "height"]
    assert not read.findings


@pytest.mark.parametrize(
    ("spec", "outputs", "is_public"),
    [
        (["STRING", {"multiline": True}], ["STRING"], True),
        (["STRING", {"multiline": True, "dynamicPrompts": True}], ["MODEL"], True),
        (["STRING", {"multiline": True}], ["FLOAT"], False),
        (["STRING", {}], ["STRING"], False),
        (["INT", {"control_after_generate": True}], ["INT"], True),
        (["INT", {}], ["INT"], False),
        ([["a.mp4"], {"video_upload": True}], ["VIDEO"], True),
        ([["a", "b"], {}], ["VIDEO"], False),
    ],
)
def test_what_most_runs_change(spec: list[Any], outputs: list[str], is_public: bool) -> None:
    read = Read(prompt_of({"1": node("N", key=1)}), catalog(N=class_told(outputs, key=spec)))
    assert (list(read.inputs) == ["key"]) is is_public


def test_primitives_inside_of_subgraphs_are_not_public() -> None:
    assert not Read(prompt_of({"7:6": node("PrimitiveInt", "Height", value=5)})).inputs


def test_what_a_primitive_of_the_editor_feeds_is_one_input() -> None:
    api = {"1": node("KSampler", seed=5, steps=20), "2": node("KSampler", seed=5, steps=20)}
    prompt = prompt_of(api)
    for path in api:
        prompt = changed(prompt, path, "steps", targets=())
    steps = Widget("9", "value", 20, (Place("1", "steps"), Place("2", "steps")), ("nodes", 5))
    editor = EditorNode("9", "PrimitiveNode", "", None, ("nodes", 5))
    read = Read(replace(prompt, widgets=[steps, *prompt.widgets], editor_nodes=[editor, *prompt.editor_nodes]))
    found = read.inputs["steps"]
    assert (found.node_id, found.also) == ("1", (("2", "steps"),))
    assert "`value` of the node" in found.doc
