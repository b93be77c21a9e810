"""What inputs are called and told apart by, and what their docstrings say."""

from __future__ import annotations

from flowbind_generator.comfyui.partners import tell_partners
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report

from .given_prompts import prompt_of
from .prompts import Read, catalog, changed, class_told, node

SAMPLER = node("KSampler", seed=5, positive=["1", 0], negative=["2", 0])


def texts(first: str = "", second: str = "") -> list[str]:
    api = {"1": node("CLIPTextEncode", first, text="a"), "2": node("CLIPTextEncode", second, text="b"), "3": SAMPLER}
    return [name for name in Read(prompt_of(api)).inputs if name != "seed"]


def test_a_text_is_called_like_its_node() -> None:
    assert texts("Look", "What to avoid") == ["look", "what_to_avoid"]


def test_what_the_author_changed_of_a_title_is_the_name() -> None:
    told = {**class_told(["CONDITIONING"], text=["STRING", {"multiline": True}]), "display_name": "Encode (Prompt)"}
    api = {"1": node("E", "Encode (Negative)", text="a"), "2": node("E", "Encode (Prompt)", text="b")}
    assert list(Read(prompt_of(api), catalog(E=told)).inputs) == ["negative", "text"]


def test_texts_without_titles_are_told_apart_by_what_they_are_for() -> None:
    assert texts() == ["positive_text", "negative_text"]


def test_what_a_text_is_for_is_found_behind_nodes_that_hand_it_on() -> None:
    api = {
        "1": node("CLIPTextEncode", text="a"),
        "2": node("CLIPTextEncode", text="b"),
        "4": node("Guide", conditioning=["1", 0], guidance=3.0),
        "3": node("KSampler", seed=5, positive=["4", 0], negative=["2", 0]),
    }
    assert list(Read(prompt_of(api)).inputs) == ["positive_text", "negative_text", "seed"]


def test_links_in_a_circle_end() -> None:
    api = {
        "1": node("CLIPTextEncode", text="a", clip=["4", 0]),
        "2": node("CLIPTextEncode", text="b"),
        "4": node("Guide", conditioning=["4", 0], guidance=3.0),
    }
    assert list(Read(prompt_of(api)).inputs) == ["node_1_text", "node_2_text"]


def test_a_label_is_the_name() -> None:
    read = Read(changed(prompt_of({"1": node("CLIPTextEncode", "Look", text="a")}), "1", "text", label="Motif"))
    assert list(read.inputs) == ["motif"]
    assert read.inputs["motif"].label == "Motif"


def test_what_a_choice_brings_is_called_as_in_the_editor() -> None:
    def choice(*names: str) -> list[object]:
        inputs = {name: ["STRING", {"multiline": True}] for name in names}
        return ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "a", "inputs": {"required": inputs}}]}]

    told = class_told(["STRING"], model=choice("prompt", "text"), source=choice("prompt"))
    inputs = {"model": "a", "model.prompt": "p", "model.text": "t", "source": "a", "source.prompt": "q"}
    read = Read(prompt_of({"1": node("Writer", **inputs)}), catalog(Writer=told))
    assert list(read.inputs) == ["model_prompt", "text", "source_prompt"]
    assert [found.label for found in read.inputs.values()] == ["prompt", "text", "prompt"]


def test_several_inputs_of_a_node_have_their_own_names() -> None:
    read = Read(prompt_of({"1": node("KSampler", "Second pass", seed=1, steps=2)}))
    assert list(read.inputs) == ["seed", "steps"]


def test_namesakes_are_told_apart_by_title_then_id() -> None:
    api = {"1": node("KSampler", "First", seed=1), "2": node("KSampler", seed=2), "3": node("KSampler", seed=2)}
    assert list(Read(prompt_of(api)).inputs) == ["first_seed", "node_2_seed", "node_3_seed"]


def test_a_primitive_is_called_like_what_takes_it() -> None:
    api = {"1": node("PrimitiveInt", value=5), "2": node("KSampler", seed=1, steps=["1", 0])}
    assert list(Read(prompt_of(api)).inputs) == ["steps", "seed"]


def test_a_declared_name_is_no_pinned_one() -> None:
    read = Read(prompt_of({"3": SAMPLER}), declaration=Declaration({"luck": ("3.seed",)}, None, "here"))
    [draft] = read.drafts
    assert "/" not in draft.candidate.key


def test_the_docstring_says_what_where_and_within_what() -> None:
    spec = ["INT", {"min": 1, "max": 99, "tooltip": "How many steps", "display_name": "Steps"}]
    declaration = Declaration({"steps": ("1.key",)}, None, "here")
    read = Read(prompt_of({"1": node("N", "Draft", key=5)}), catalog(N=class_told(key=spec)), declaration)
    expected = 'Steps. How many steps. 1 to 99.\n\nInput 0: `key` of the node "Draft" (N).'
    assert read.inputs["steps"].doc == expected


def test_a_name_that_says_no_more_than_the_attribute_is_left_out() -> None:
    api = {"1": node("N", key=5, bare=5)}
    known = catalog(N=class_told(key=["INT", {"tooltip": "How many steps."}], bare=["INT", {"display": "color"}]))
    read = Read(prompt_of(api), known, Declaration({"key": ("1.key",), "bare": ("1.bare",)}, None, "here"))
    assert read.inputs["key"].doc == 'How many steps.\n\nInput 0: `key` of the node "N" (N).'
    assert read.inputs["bare"].doc.startswith("bare. A color as a number: 0xRRGGBB.\n\n")


def test_the_marker_of_a_title_is_no_part_of_it() -> None:
    read = Read(prompt_of({"1": node("KSampler", "in: Speed", steps=5, sampler_name=["2", 0])}))
    assert read.inputs["speed"].doc.endswith('`steps` of the node "Speed" (KSampler).')


def test_choices_are_listed_where_they_are_few() -> None:
    many = [f"n{number}" for number in range(40)]
    known = catalog(N=class_told(few=[["euler", "dpm_2"], {}], many=[many, {}]))
    read = Read(
        prompt_of({"1": node("N", few="euler", many="n1")}),
        known,
        Declaration({"few": ("1.few",), "many": ("1.many",)}, None, "here"),
    )
    assert "One of 'euler', 'dpm_2'." in read.inputs["few"].doc
    assert "One of" not in read.inputs["many"].doc
    assert "'n39'" in read.inputs["many"].annotation


def test_an_input_knows_its_place_in_the_file() -> None:
    found = Read(prompt_of({"1": node("CLIPTextEncode", text="a")})).inputs["text"]
    assert (found.json_pointer, found.jsonpath) == ("/1/inputs/text", '$["1"].inputs.text')


def test_a_value_that_the_file_does_not_say_is_at_its_node() -> None:
    found = Read(changed(prompt_of({"1": node("CLIPTextEncode", text="a")}), "1", "text", keys=None)).inputs["text"]
    assert (found.json_pointer, found.jsonpath) == ("/1", '$["1"]')


def test_nodes_that_cost_money_are_told() -> None:
    told = {**class_told(["IMAGE"], api=True, prompt=["STRING", {}]), "display_name": "Veo"}
    prompt = prompt_of({"1": node("V", "A", prompt="a"), "2": node("V", "B", prompt="a"), "3": SAMPLER})
    report = Report("a.json")
    sentence = tell_partners(prompt, catalog(V=told), report)
    assert sentence == "Each run costs money and needs the key of an account at comfy.org, for: Veo."
    assert [(d.code, d.severity, d.node_label) for d in report] == [("FB211", "info", "A"), ("FB211", "info", "B")]


def test_other_nodes_cost_nothing() -> None:
    report = Report("a.json")
    assert not tell_partners(prompt_of({"3": SAMPLER}), catalog(), report)
    assert not list(report)
