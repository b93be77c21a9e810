"""The format of the API: nodes as they are posted, literals as controls, and what is refused of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.comfyui.api_format import read_api
from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.documents import shipped_catalog
from flowbind_generator.comfyui.prompt import EditorNode, Place, Prompt, Widget
from flowbind_generator.comfyui.run_checks import check_runs
from flowbind_generator.diagnostics import Report

from .files import FILE, PROMPT, api_node, empty_image, only

CATALOG = shipped_catalog()
LINKED = ["1", 0]


def read(document: Mapping[str, Any], catalog: Catalog = CATALOG) -> tuple[Prompt, Report]:
    report = Report(FILE)
    prompt = read_api(document, catalog, report)
    assert prompt is not None, list(map(str, report))
    return prompt, report


def refused(document: Mapping[str, Any], catalog: Catalog = CATALOG) -> Report:
    report = Report(FILE)
    assert read_api(document, catalog, report) is None
    return report


def test_nodes_are_posted_as_they_are() -> None:
    prompt, report = read(PROMPT)
    assert not list(report)
    assert {key: (node["class_type"], node["inputs"]) for key, node in prompt.posted.items()} == {
        key: (node["class_type"], node["inputs"]) for key, node in PROMPT.items()
    }
    assert prompt.posted["2"]["_meta"] == {"title": "My poster"}


def test_literals_are_controls_in_the_editors_order() -> None:
    prompt, _ = read({"9": api_node("EmptyImage", color=3, batch_size=1, height=32, width=64)})
    assert [w.name for w in prompt.widgets] == ["width", "height", "batch_size", "color"]
    assert prompt.widgets[3] == Widget("9", "color", 3, (Place("9", "color"),), ("9", "inputs", "color"))


@pytest.mark.parametrize(("title", "kept"), [(None, ""), ("SaveImage", ""), ("Save Image", ""), ("Poster", "Poster")])
def test_a_title_that_the_author_gave(title: str | None, kept: str) -> None:
    prompt, _ = read({**PROMPT, "57:8": api_node("SaveImage", title, images=LINKED, filename_prefix="a")})
    assert prompt.by_path["57:8"] == EditorNode("57:8", "SaveImage", kept, "57:8", ("57:8",))
    assert prompt.nodes["57:8"].title == (title or "Save Image")


@pytest.mark.parametrize(
    ("posted", "value", "ending"),
    [
        ({"__value__": [1, 2]}, [1, 2], ("__value__",)),
        ({"__type__": "CURVE", "__value__": {"points": []}}, {"points": []}, ("__value__",)),
        ({"__value__": 3}, {"__value__": 3}, ()),
        ({"a": [1]}, {"a": [1]}, ()),
    ],
)
def test_values_that_the_editor_wraps(posted: Any, value: Any, ending: tuple[str, ...]) -> None:
    prompt, _ = read({"1": empty_image(width=posted)})
    assert prompt.widgets[0].value == value
    assert prompt.widgets[0].keys == ("1", "inputs", "width", *ending)
    assert prompt.posted["1"]["inputs"]["width"] == posted


def test_controls_of_the_option_that_is_chosen() -> None:
    name = "ResizeImageMaskNode"
    chosen = {"resize_type": "scale by multiplier", "resize_type.multiplier": 2.0, "resize_type.width": 8}
    prompt, report = read({**PROMPT, "3": api_node(name, input=LINKED, scale_method="area", **chosen)})
    assert [w.name for w in prompt.widgets if w.path == "3"] == [
        "resize_type",
        "resize_type.multiplier",
        "scale_method",
    ]
    assert "the inputs resize_type.width;" in only(report, "FB303").message


def test_inputs_that_the_class_lacks_are_told_once_a_node() -> None:
    prompt, report = read({"7": empty_image(depth=1, colour=2)})
    found = only(report, "FB303")
    assert (found.severity, found.pointer, found.node_label) == ("warning", "/7/inputs", "Empty Image")
    assert "depth, colour" in found.message
    assert prompt.posted["7"]["inputs"]["depth"] == 1


@pytest.mark.parametrize(
    "node",
    [
        api_node("LoadImage", image="a.png", upload="image"),
        api_node("CustomCombo", choice="a", index=0, option1="a", option2=""),
        api_node("SaveGLB", mesh=LINKED, filename_prefix="a", image=""),
        api_node("LoadAudio", audio="a.mp3", audioUI=""),
    ],
)
def test_what_only_the_browser_has_is_not_told(node: Any) -> None:
    assert not list(read({"1": empty_image(), "2": node})[1])


@pytest.mark.parametrize(
    "told", [3, None, [], {}, {"class_type": "A"}, {"class_type": 3, "inputs": {}}, {"inputs": {}}]
)
def test_a_node_that_is_none(told: Any) -> None:
    found = only(refused({**PROMPT, "3": told}), "FB104")
    assert (found.severity, found.pointer) == ("error", "/3")


@pytest.mark.parametrize(
    ("facts", "package"),
    [
        ({"cnr_id": "comfyui-easy", "aux_id": "author/other"}, "comfyui-easy"),
        ({"aux_id": "author/other"}, "author/other"),
        ({"cnr_id": "comfy-core"}, None),
        ({"cnr_id": 3, "aux_id": ""}, None),
        (None, None),
        ("?", None),
    ],
)
def test_a_class_that_the_server_lacks(facts: Any, package: str | None) -> None:
    found = only(refused({"3": {"class_type": "Gone", "inputs": {}, "_meta": facts}}), "FB301")
    assert 'ComfyUI 0.33.0 has no node class "Gone"' in found.message
    assert found.pointer == "/3/class_type"
    assert (f'"{package}"' in found.cure) == bool(package)
    assert ("Install" in found.cure) == bool(package)


@pytest.mark.parametrize("kind", ["workflow>Upscale", "workflow/Upscale"])
def test_a_group_node(kind: str) -> None:
    assert '"Upscale" is a group node' in only(refused({"3": api_node(kind)}), "FB313").message


def test_places_start_at_the_file() -> None:
    report = Report(FILE)
    assert read_api({"3": api_node("Gone")}, CATALOG, report, ("a", "prompt", 2)) is None
    assert only(report, "FB301").pointer == "/a/prompt/2/3/class_type"
    prompt = read_api({"3": empty_image()}, CATALOG, Report(FILE), ("prompt",))
    assert prompt is not None
    assert prompt.root == ("prompt",)
    assert prompt.by_path["3"].keys == ("prompt", "3")
    assert prompt.widgets[0].keys == ("prompt", "3", "inputs", "width")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["1", "EmptyImage"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["1", "a", "__value__"]), inner, max_size=3)
    ),
    max_leaves=6,
)
CLASSES = ["EmptyImage", "SaveImage", "ResizeImageMaskNode", "BatchImagesNode", "Gone", "", "workflow>A"]
NODES = st.fixed_dictionaries(
    {},
    optional={
        "class_type": st.sampled_from(CLASSES) | JSON,
        "inputs": st.dictionaries(st.sampled_from(["images", "width", "resize_type", "input", "x"]), JSON) | JSON,
        "_meta": JSON,
    },
)


@given(st.dictionaries(st.sampled_from(["1", "2", "3:1"]), NODES | JSON))
def test_any_document_is_read_or_refused(document: Mapping[str, Any]) -> None:
    report = Report(FILE)
    prompt = read_api(document, CATALOG, report)
    assert (prompt is None) == report.refused
    if prompt is not None:
        check_runs(prompt, CATALOG, report)
