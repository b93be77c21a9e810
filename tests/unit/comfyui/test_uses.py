"""What the manifest says of the node classes that a ComfyUI workflow uses, and of the server's files that it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.comfyui.given_prompts import catalog_of, prompt_of, told

from flowbind.comfyui.schema.class_facts import node_pack, value_schema
from flowbind.comfyui.schema.node_classes import node_class
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.comfyui.uses import named_things, prompt_edges, prompt_values, used_node_types
from flowbind_generator.draft import DraftInput
from flowbind_generator.entry_shape import ENTRY, misfit
from flowbind_generator.ir import Input
from flowbind_generator.names import Candidate

STEPS = ["INT", {"default": 20, "min": 1, "max": 10000}]
SAMPLER = told(
    {
        "model": "MODEL",
        "steps": STEPS,
        "sampler_name": [["euler", "dpmpp_2m"], {}],
        "label": ["STRING", {"forceInput": True}],
    },
    {"scale": ["FLOAT", {"default": 1.0}], "mask": "MASK"},
    gives=["LATENT", "IMAGE"],
)
LOADER = told({"ckpt_name": [["sd15.safetensors", "sdxl.safetensors"], {}]}, gives=["MODEL", "CLIP"])
PICTURE = told({"image": [["example.png"], {"image_upload": True}]}, gives=["IMAGE"])
FORMAT = [
    "COMFY_DYNAMICCOMBO_V3",
    {
        "options": [
            {"key": "png", "inputs": {"required": {"depth": [["8", "16"], {}]}}},
            {"key": "jpg", "inputs": {"optional": {"quality": ["INT", {"min": 1, "max": 100}]}}},
        ]
    },
]
IMAGES = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image"}}]
WRITER = told({"format": FORMAT, "images": IMAGES}, shows=True)
CATALOG = catalog_of(Sampler=SAMPLER, Loader=LOADER, Picture=PICTURE, Writer=WRITER)
API: dict[str, dict[str, Any]] = {
    "1": {"class_type": "Loader", "inputs": {"ckpt_name": "sd15.safetensors"}},
    "2": {
        "class_type": "Sampler",
        "inputs": {"model": ["1", 0], "steps": 20, "sampler_name": "euler", "label": ["9", 0], "unknown": 3},
    },
    "3": {"class_type": "Sampler", "inputs": {"model": ["1", 0], "steps": 8, "sampler_name": "euler", "label": ""}},
    "4": {
        "class_type": "Writer",
        "inputs": {"format": "jpg", "format.quality": 90, "images.image0": ["2", 1], "images.image1": ["3", 1]},
    },
}


def given(node_id: str, name: str, node_type: str, also: tuple[tuple[str, str], ...] = ()) -> DraftInput:
    """Return a public input at a place of the prompt."""
    found = Input(
        attribute="", index=0, label=name, node_id=node_id, node_type=node_type, field_name=name, field_type="INT",
        cardinality="single", kind="value", annotation="int", required=False, default=None, default_code=None, doc="",
        json_pointer="", jsonpath="$", also=also,
    )  # fmt: skip
    return DraftInput(Candidate(f"{node_id}/{name}", (name,), ()), found)


def saved(api: dict[str, Any]) -> Prompt:
    """Return a prompt as the editor makes it of a saved workflow."""
    nodes = [{"type": posted["class_type"], "widgets_values": [1]} for posted in api.values()]
    inner = {"nodes": [node for node in nodes if node["type"] == "Writer"]}
    return replace(prompt_of(api), stored={"nodes": nodes[:-1], "definitions": {"subgraphs": [inner]}})


def test_what_is_said_of_a_class() -> None:
    used = used_node_types(saved(API), CATALOG, [])
    assert set(used) == {"Loader", "Sampler", "Writer"}
    assert used["Sampler"] | {"digest": "", "inputs": {}, "outputs": {}} == {
        "version": "",
        "node_pack": "comfyui",
        "classification": "stable",
        "shows": False,
        "order": ["steps", "sampler_name", "scale"],
        "digest": "",
        "inputs": {},
        "outputs": {},
    }
    assert used["Writer"]["shows"] is True
    assert misfit(used, ENTRY["node_types"]) is None


def test_places_are_those_of_saved_files_with_what_choices_bring() -> None:
    both = {**API, "5": {"class_type": "Writer", "inputs": {"format": "png", "format.depth": "8"}}}
    assert used_node_types(saved(API), CATALOG, [])["Writer"]["order"] == ["format", "format.quality"]
    assert used_node_types(saved(both), CATALOG, [])["Writer"]["order"] == ["format", "format.quality", "format.depth"]
    assert "order" not in used_node_types(prompt_of(API), CATALOG, [])["Writer"]


@pytest.mark.parametrize("values", [None, [], {"steps": 20}, 3])
def test_what_has_values_by_name_has_no_places(values: object) -> None:
    stored = {"nodes": [{"type": "Sampler", "widgets_values": values}, None, {"widgets_values": [1]}], "definitions": 3}
    used = used_node_types(replace(prompt_of(API), stored=stored), CATALOG, [])
    assert all("order" not in record for record in used.values())


def test_what_is_said_of_inputs() -> None:
    inputs = used_node_types(prompt_of(API), CATALOG, [])["Sampler"]["inputs"]
    assert inputs == {
        "model": {"type": "MODEL", "required": True, "fed": True},
        "steps": {
            "type": "INT",
            "required": True,
            "default": 20,
            "schema": {"type": "integer", "minimum": 1, "maximum": 10000},
            "values": [20, 8],
        },
        "sampler_name": {
            "type": "COMBO",
            "required": True,
            "schema": {"enum": ["euler", "dpmpp_2m"]},
            "values": ["euler"],
        },
        "label": {
            "type": "STRING",
            "input": "connection",
            "required": True,
            "schema": {"type": "string"},
            "fed": True,
            "values": [""],
        },
        "scale": {"type": "FLOAT", "default": 1.0, "unset": True},
    }


def test_an_attribute_s_value_is_said_by_the_input() -> None:
    inputs = used_node_types(prompt_of(API), CATALOG, [given("2", "steps", "Sampler")])["Sampler"]["inputs"]
    assert inputs["steps"]["values"] == [8]
    both = [given("2", "steps", "Sampler", also=(("3", "steps"),))]
    assert "values" not in used_node_types(prompt_of(API), CATALOG, both)["Sampler"]["inputs"]["steps"]


def test_an_attribute_that_stands_elsewhere_may_bring_other_values() -> None:
    elsewhere = [given("9", "value", "PrimitiveInt", also=(("2", "steps"),))]
    steps = used_node_types(prompt_of(API), CATALOG, elsewhere)["Sampler"]["inputs"]["steps"]
    assert (steps["values"], steps["longer"]) == ([20, 8], True)


def test_what_a_choice_brings_is_under_it() -> None:
    inputs = used_node_types(prompt_of(API), CATALOG, [])["Writer"]["inputs"]
    assert inputs["format"]["schema"] == {"enum": ["png", "jpg"]}
    assert inputs["format.quality"] == {
        "type": "INT",
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        "under": {"format": "jpg"},
        "values": [90],
    }
    assert inputs["images.image0"] == {"type": "IMAGE", "required": True, "fed": True}
    assert set(inputs) == {"format", "format.quality", "images.image0", "images.image1"}


def test_outputs_go_by_their_numbers() -> None:
    used = used_node_types(prompt_of(API), CATALOG, [])
    assert used["Loader"]["outputs"] == {"0": {"type": "MODEL", "name": "MODEL", "feeds": ["Sampler.model"]}}
    feeds = ["Writer.images.image0", "Writer.images.image1"]
    assert used["Sampler"]["outputs"] == {"1": {"type": "IMAGE", "name": "IMAGE", "feeds": feeds}}


def test_links_to_nothing_are_nothing_s_output() -> None:
    for link in (["7", 0], ["1", 9], ["1", -1]):
        api = {**API, "2": {"class_type": "Sampler", "inputs": {"model": link}}}
        assert used_node_types(prompt_of(api), CATALOG, [])["Loader"]["outputs"]["0"]["feeds"] == ["Sampler.model"]


@pytest.mark.parametrize(
    "change",
    [
        {"deprecated": True},
        {"experimental": True},
        {"python_module": "custom_nodes.a-pack"},
        {"output_node": True},
        {"output": ["LATENT", "MASK"]},
        {"output_name": ["LATENT", "PICTURE"]},
        {"input": {"required": {**SAMPLER["input"]["required"], "steps": ["INT", {"min": 2, "max": 10000}]}}},
        {"input": {"required": {**SAMPLER["input"]["required"], "steps": ["INT", {"min": 1, "max": 100}]}}},
        {"input": {"required": {**SAMPLER["input"]["required"], "steps": ["FLOAT", {"min": 1, "max": 10000}]}}},
        {"input": {"required": {**SAMPLER["input"]["required"], "sampler_name": [["euler"], {}]}}},
        {"input": {"required": {"seed": ["INT", {}], **SAMPLER["input"]["required"]}}},
        {"input": {"required": dict(reversed(SAMPLER["input"]["required"].items()))}},
    ],
)
def test_what_changes_for_a_workflow_changes_the_digest(change: dict[str, Any]) -> None:
    before = used_node_types(saved(API), CATALOG, [])["Sampler"]["digest"]
    if "input" in change:
        change = {"input": {"optional": SAMPLER["input"]["optional"], **change["input"]}}
    other = catalog_of(Sampler={**SAMPLER, **change}, Loader=LOADER, Writer=WRITER)
    assert used_node_types(saved(API), other, [])["Sampler"]["digest"] != before


def test_what_changes_nothing_keeps_the_digest() -> None:
    before = used_node_types(prompt_of(API), CATALOG, [])
    other = catalog_of(
        Sampler={**SAMPLER, "description": "New.", "category": "other"},
        Loader=told({"ckpt_name": [["mine.safetensors"], {}]}, gives=["MODEL", "CLIP"]),
        Writer=WRITER,
    )
    after = used_node_types(prompt_of(API), other, [])
    assert {name: record["digest"] for name, record in after.items()} == {
        name: record["digest"] for name, record in before.items()
    }


@pytest.mark.parametrize(
    ("said", "schema"),
    [
        (["INT", {}], {"type": "integer"}),
        (["FLOAT", {"min": 0.0, "max": "x"}], {"type": "number", "minimum": 0.0}),
        (["BOOLEAN", {"min": 1}], {"type": "boolean"}),
        (["COLOR", {}], {"type": "string"}),
        (["INT,FLOAT", {"min": 0}], {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0}]}),
        (["MODEL,STRING", {"widgetType": "STRING"}], {"type": "string"}),
        (["CURVE", {}], {"$ref": "CURVE"}),
        (["MODEL,STRING", {}], {"anyOf": [{"$ref": "MODEL"}, {"type": "string"}]}),
        (["*", {}], {}),
        (["COMBO", {"options": ["a", 1, None, {}]}], {"enum": ["a", 1]}),
        (["COMBO", {"options": ["a"], "multiselect": True}], {"type": "array", "items": {"enum": ["a"]}}),
        ([["a.safetensors"]], {"type": "string"}),
        (["COMBO", {"options": []}], {"type": "string"}),
        (["COMBO", {"options": ["a.png"], "image_upload": True}], {"type": "string"}),
        (["COMFY_DYNAMICCOMBO_V3", {"options": 3}], {}),
    ],
)
def test_the_schema_of_values(said: list[Any], schema: dict[str, Any]) -> None:
    found = node_class("A", told({"x": said}))
    assert value_schema(found, found.by_name["x"]) == schema


def test_packs() -> None:
    modules = ("nodes", "comfy_extras.nodes_mask", "comfy_api_nodes.nodes_x", "", "custom_nodes.a-pack")
    assert [node_pack(m) for m in modules] == ["comfyui", "comfyui", "comfyui", "comfyui", "a-pack"]


def test_the_server_s_files_that_are_named() -> None:
    api = {**API, "5": {"class_type": "Picture", "inputs": {"image": "cat.png"}}}
    assert named_things(prompt_of(api), CATALOG) == [
        {
            "kind": "model",
            "node_id": "1",
            "node_type": "Loader",
            "field_name": "ckpt_name",
            "value": "sd15.safetensors",
        },
        {"kind": "image", "node_id": "5", "node_type": "Picture", "field_name": "image", "value": "cat.png"},
    ]
    assert misfit(named_things(prompt_of(api), CATALOG), ENTRY["named"]) is None


@pytest.mark.parametrize("value", ["", None, 3, {"a": 1}, [1, None], ["9", 0]])
def test_what_names_no_file(value: object) -> None:
    api = {"1": {"class_type": "Loader", "inputs": {"ckpt_name": value}}}
    assert named_things(prompt_of(api), CATALOG) == []


def test_values_and_links_of_a_prompt() -> None:
    prompt = prompt_of({"1": API["1"], "3": API["3"]})
    assert prompt_values(prompt) == {
        "1": {"class_type": "Loader", "ckpt_name": "sd15.safetensors"},
        "3": {"class_type": "Sampler", "steps": 8, "sampler_name": "euler", "label": ""},
    }
    assert prompt_edges(prompt) == [["1", 0, "3", "model"]]


def test_a_name_of_many_steps_is_read_in_no_time() -> None:
    api = {"4": {"class_type": "Writer", "inputs": {"format": "jpg", "images." + "a." * 100_000: ["4", 0]}}}
    assert "format" in used_node_types(prompt_of(api), CATALOG, [])["Writer"]["inputs"]
