"""Which nodes of a ComfyUI workflow are outputs, what they hold, and what they are called."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.comfyui.given_prompts import catalog_of, prompt_of, told

from flowbind.comfyui.schema.node_classes import node_class
from flowbind_generator.comfyui.outputs import draft_outputs
from flowbind_generator.comfyui.prompt import Prompt
from flowbind_generator.comfyui.shown import saves, shown_by
from flowbind_generator.declaration import Declaration
from flowbind_generator.diagnostics import Report
from flowbind_generator.ir import Output
from flowbind_generator.names import attribute_names

SAVE = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}}
PREVIEW = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
TEXT = {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}}
IMAGE = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64}}


def outputs(prompt: Prompt, declared: dict[str, str] | None = None, codes: tuple[str, ...] = ()) -> dict[str, Output]:
    """Return the outputs by the names that they get; `codes` are those of what is found."""
    report = Report("a.json")
    declaration = None if declared is None else Declaration({}, declared, "a.flowbind.toml")
    drafts = draft_outputs(prompt, catalog_of(), declaration, report)
    assert tuple(d.code for d in report) == codes
    names = attribute_names([d.candidate for d in drafts], reserved=(), pinned={}, prefix="output")
    return {names[d.candidate.key]: d.output for d in drafts}


def test_a_saved_picture() -> None:
    ((name, found),) = outputs(prompt_of({"1": IMAGE, "2": SAVE})).items()
    assert name == "images"
    assert (found.node_id, found.node_type, found.field_name) == ("2", "SaveImage", "images")
    assert (found.kind, found.many, found.annotation) == ("image", True, "list[Image]")
    assert found.doc == 'The pictures saved by the node "Save Image".'


def test_previews_are_left_out_where_something_is_saved() -> None:
    assert {o.node_id for o in outputs(prompt_of({"1": IMAGE, "2": SAVE, "3": PREVIEW, "4": TEXT})).values()} == {"2"}
    found = outputs(prompt_of({"1": IMAGE, "3": PREVIEW, "4": TEXT}))
    assert {name: o.annotation for name, o in found.items()} == {"images": "list[Image]", "texts": "list[str]"}
    assert found["texts"].doc == 'The texts shown by the node "Preview as Text".'


def test_an_author_s_title_is_the_name() -> None:
    found = outputs(prompt_of({"1": IMAGE, "2": SAVE, "3": SAVE}, titles={"2": "Cover page"}))
    assert {name: o.node_id for name, o in found.items()} == {"cover_page": "2", "images": "3"}
    assert "Cover page" in found["cover_page"].doc


def test_namesakes_are_told_apart_by_class_then_by_id() -> None:
    prompt = prompt_of({"1": IMAGE, "2": PREVIEW, "3": PREVIEW})
    assert {n: o.node_id for n, o in outputs(prompt).items()} == {"node_2_images": "2", "node_3_images": "3"}
    titled = prompt_of({"1": IMAGE, "2": SAVE, "3": SAVE}, titles={"2": "Cover", "3": "Cover"})
    assert {n: o.node_id for n, o in outputs(titled).items()} == {"node_2_cover": "2", "node_3_cover": "3"}


def test_marked_titles_go_before_what_is_saved() -> None:
    prompt = prompt_of({"1": IMAGE, "2": SAVE, "3": PREVIEW}, titles={"3": "OUT: draft version"})
    found = outputs(prompt)
    assert {n: o.node_id for n, o in found.items()} == {"draft_version": "3"}
    assert found["draft_version"].doc == 'The pictures shown by the node "draft version".'


def test_a_marked_node_that_shows_nothing_is_told_of() -> None:
    prompt = prompt_of({"1": IMAGE, "2": SAVE}, titles={"1": "out:x"})
    assert set(outputs(prompt, codes=("FB201",))) == {"images"}


@pytest.mark.parametrize("address", ["3", 3])
def test_app_mode_goes_before_marked_titles(address: object) -> None:
    prompt = prompt_of(
        {"1": IMAGE, "2": SAVE, "3": PREVIEW}, titles={"2": "out:saved"}, linear={"outputs": [address, "3"]}
    )
    assert [o.node_id for o in outputs(prompt).values()] == ["3"]


@pytest.mark.parametrize("address", ["77", 1, True, None, {"a": 1}, ["2"], 2.0, "2:", ""])
def test_an_output_of_app_mode_that_is_none_is_told_of(address: object) -> None:
    prompt = prompt_of({"1": IMAGE, "2": SAVE, "3": PREVIEW}, linear={"outputs": ["3", address]})
    assert [o.node_id for o in outputs(prompt, codes=("FB201",)).values()] == ["3"]


@pytest.mark.parametrize("listed", [None, {}, "2", 7, []])
def test_outputs_of_app_mode_of_another_shape_count_as_none(listed: object) -> None:
    assert [o.node_id for o in outputs(prompt_of({"1": IMAGE, "2": SAVE}, linear={"outputs": listed})).values()] == [
        "2"
    ]


def test_a_subgraph_stands_for_what_is_inside() -> None:
    api = {"1": IMAGE, "5:2": SAVE, "5:6:3": SAVE, "57:4": SAVE}
    prompt = prompt_of(api, subgraphs={"5": "Poster"}, linear={"outputs": ["5"]})
    assert [o.node_id for o in outputs(prompt).values()] == ["5:2", "5:6:3"]


def test_the_path_in_the_file_goes_before_the_id_in_the_prompt() -> None:
    prompt = prompt_of({"1": IMAGE, "9": SAVE, "4": SAVE}, paths={"9": "4", "4": "8"})
    assert [o.node_id for o in outputs(prompt, {"cover": "4"}).values()] == ["9"]
    assert [o.node_id for o in outputs(prompt, {"cover": "9"}).values()] == ["9"]


def test_declared_outputs_go_before_all_and_keep_their_order() -> None:
    prompt = prompt_of({"1": IMAGE, "2": SAVE, "3": PREVIEW}, titles={"2": "Cover"}, linear={"outputs": ["2"]})
    found = outputs(prompt, {"last": "3", "first": "2"})
    assert [(name, o.node_id) for name, o in found.items()] == [("last", "3"), ("first", "2")]


def test_nothing_may_be_declared_an_output() -> None:
    assert outputs(prompt_of({"1": IMAGE, "2": SAVE}), {}) == {}


@pytest.mark.parametrize("address", ["1", "77", "5"])
def test_a_declared_output_must_be_one_node_that_shows_something(address: str) -> None:
    prompt = prompt_of({"1": IMAGE, "5:2": SAVE, "5:3": SAVE}, subgraphs={"5": ""})
    assert outputs(prompt, {"cover": address}, codes=("FB215",)) == {}


def test_one_node_is_one_output() -> None:
    assert list(outputs(prompt_of({"1": IMAGE, "2": SAVE}), {"a": "2", "b": "2"}, codes=("FB202",))) == ["a"]


def test_a_workflow_that_shows_nothing_is_refused() -> None:
    assert outputs(prompt_of({"1": IMAGE}), codes=("FB306",)) == {}
    assert outputs(prompt_of({"1": {"class_type": "Unknown", "inputs": {}}}), codes=("FB306",)) == {}


PREFIX = {"filename_prefix": "STRING"}


@pytest.mark.parametrize(
    ("name", "required", "optional", "gives", "kind", "key", "kept"),
    [
        ("SaveImage", {"images": "IMAGE", **PREFIX}, {}, ["IMAGE"], "image", "images", True),
        ("MaskPreview", {"mask": "MASK"}, {}, ["MASK"], "image", "images", False),
        ("Compare", {}, {"image_a": "IMAGE", "image_b": "IMAGE"}, [], "image", "images", False),
        ("Paths", {"images": "IMAGE", **PREFIX}, {}, ["STRING"], "image", "images", True),
        ("SaveVideo", {"video": "VIDEO", **PREFIX}, {}, [], "video", "images", True),
        ("SaveWEBM", {"images": "IMAGE", "fps": "FLOAT", **PREFIX}, {}, ["IMAGE"], "video", "images", True),
        (
            "Combine", {"images": "IMAGE,LATENT", "frame_rate": "FLOAT", **PREFIX}, {"audio": "AUDIO"}, ["NAMES"],
            "video", "images", True,
        ),
        ("Track", {"track": "TRACK", "fps": "FLOAT"}, {"images": "IMAGE"}, [], "video", "images", False),
        ("SaveAudio", {"audio": "AUDIO", **PREFIX}, {}, ["AUDIO"], "audio", "audio", True),
        ("SaveGLB", {"mesh": "MESH,FILE_3D_GLB", **PREFIX}, {}, [], "model_3d", "3d", True),
        ("Preview3D", {"model_file": "STRING,FILE_3D"}, {"bg_image": "IMAGE"}, [], "model_3d", "3d", False),
        ("Partner", {"image": "IMAGE"}, {}, ["STRING", "FILE_3D_GLB", "IMAGE"], "model_3d", "3d", False),
        ("PreviewAny", {"source": "*"}, {}, ["STRING"], "text", "text", False),
        ("ShowText", {"text": ["STRING", {"forceInput": True}]}, {}, [], "text", "text", False),
        ("SaveLatent", {"samples": "LATENT", **PREFIX}, {}, [], "file", "files", True),
        ("SaveLoRA", {"lora": "LORA_MODEL", "prefix": "STRING", "steps": "INT"}, {}, [], "file", "files", True),
        ("SaveAll", {"data": "DATA", "folder_name": "STRING"}, {}, [], "file", "files", True),
    ],
)  # fmt: skip
def test_what_a_class_shows(
    name: str, required: dict[str, Any], optional: dict[str, Any], gives: list[str], kind: str, key: str, kept: bool
) -> None:
    found = node_class(name, told(required, optional, gives=gives, shows=True))
    assert (shown_by(found).kind, shown_by(found).key, saves(found)) == (kind, key, kept)
