"""The types of widgets, which the catalog alone decides, and saved values that they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.declaration import Declaration
from flowbind_generator.ir import Input

from .given_prompts import prompt_of
from .prompts import Read, Told, catalog, changed, class_told, node

BIG = 2**64 - 1


def read_one(spec: list[Any], value: Any, *, optional: bool = False, name: str = "N", **others: Any) -> Read:
    """Return what is made of a node whose input "key" is public; `others` are its further inputs."""
    told = class_told(optional={"key": spec}) if optional else class_told(key=spec)
    given = others if value is ... else {"key": value, **others}
    return Read(
        prompt_of({"1": node(name, **given)}),
        catalog(**{name: told}),
        Declaration({"key": ("1.key",)}, None, "here"),
    )


def only(read: Read) -> Input:
    [found] = read.inputs.values()
    return found


@pytest.mark.parametrize(
    ("spec", "value", "annotation", "kind", "default"),
    [
        (["INT", {"min": 1, "max": 10000}], 20, "Annotated[int, Field(ge=1, le=10000)]", "value", "20"),
        (["INT", {}], 20.0, "int", "value", "20"),
        (["INT", {"min": 0.5, "max": BIG}], 3, f"Annotated[int, Field(ge=1, le={BIG})]", "value", "3"),
        (["INT", {"min": "0", "max": True}], 3, "int", "value", "3"),
        (["FLOAT", {"min": 0, "max": 1}], 1, "Annotated[float, Field(ge=0.0, le=1.0)]", "value", "1.0"),
        (["FLOAT,INT", {"widgetType": "FLOAT"}], 25, "float", "value", "25.0"),
        (["INT,FLOAT,STRING", {}], 25, "int | float | str", "value", "25"),
        (["BOOLEAN", {}], True, "bool", "value", "True"),
        (["STRING", {"multiline": True}], 'a "b"\n', "str", "value", "'a \"b\"\\n'"),
        ([["a", "b", "a"], {}], "b", "Literal['a', 'b']", "value", "'b'"),
        ([["a", 1, True, 1], {}], 1, "Literal['a', 1, True]", "value", "1"),
        ([["a", 1, True], {}], True, "Literal['a', 1, True]", "value", "True"),
        ([[0.5, 1], {}], 1, "Annotated[float, OneOf((0.5, 1.0))]", "value", "1"),
        (["COMBO", {"options": ["a"]}], "a", "Literal['a']", "value", "'a'"),
        (["COMBO", {"options": ["a", "b"], "multi_select": {}}], ["a"], "list[Literal['a', 'b']]", "wrapped", None),
        (["COMBO", {"options": ["a", "b"], "multiselect": True}], ["a"], "list[Literal['a', 'b']]", "wrapped", None),
        (["COMBO", {"options": ["a.png"], "image_upload": True}], "b.png", "ImageInput", "image", "'b.png'"),
        (["COMBO", {"options": [], "animated_image_upload": True}], "b.webp", "ImageInput", "image", "'b.webp'"),
        (["COMBO", {"options": [], "audio_upload": True}], "b.mp3", "AudioInput", "audio", "'b.mp3'"),
        (["COMBO", {"options": [], "video_upload": True}], "b.mp4", "VideoInput", "video", "'b.mp4'"),
        (["COMBO", {"options": [], "mesh_upload": True}], "b.glb", "Model3DInput", "model_3d", "'b.glb'"),
        (["COMBO", {"options": [], "file_upload": True}], "b.pdf", "FileInput", "file", "'b.pdf'"),
        ([["a.safetensors"], {}], "mine.safetensors", "str", "model", "'mine.safetensors'"),
        ([[], {}], "anything", "str", "model", "'anything'"),
        (["COMBO", {"options": ["x"], "remote": {"route": "/x"}}], "y", "str", "model", "'y'"),
        (["CURVE", {}], {"points": [[0, 1]]}, "dict[str, JsonValue]", "wrapped", None),
        (["BOUNDING_BOX", {}], {"x": 1, "y": 0.5}, "dict[str, int | float]", "value", None),
        (["BOUNDING_BOXES", {}], [], "list[dict[str, JsonValue]]", "wrapped", "fresh(list[dict[str, JsonValue]])"),
        (["LOAD_3D", {}], "", "JsonValue", "value", "''"),
    ],
)
def test_types(spec: list[Any], value: Any, annotation: str, kind: str, default: str | None) -> None:
    read = read_one(spec, value)
    found = only(read)
    assert found.annotation == annotation
    assert found.kind == kind
    assert default is None or found.default_code == default
    assert found.default == value
    assert not read.findings


def test_lists_are_told_from_links() -> None:
    found = only(read_one(["BOUNDING_BOXES", {}], {"__value__": [{"x": 1}]}))
    assert found.default == [{"x": 1}]
    assert found.default_code == "fresh(lambda: [{'x': 1}])"


def test_a_file_of_a_class_with_3d_models_is_one() -> None:
    told = class_told(["FILE_3D"], model_file=["COMBO", {"options": ["none"], "file_upload": True}])
    read = Read(prompt_of({"1": node("L", model_file="a.glb")}), catalog(L=told))
    assert read.inputs["model_file"].kind == "model_3d"


@pytest.mark.parametrize(
    ("name", "spec", "kind"),
    [
        ("VAELoader", [["pixel_space"], {}], "value"),
        ("VAELoader", [["pixel_space", "a.ckpt"], {}], "model"),
        ("Detect", [["cat", "dog"], {}], "value"),
    ],
)
def test_lists_of_files(name: str, spec: list[Any], kind: str) -> None:
    assert only(read_one(spec, spec[0][0], name=name)).kind == kind


def test_names_of_a_loader_are_files_of_the_server() -> None:
    told = class_told(["VAE"], vae_name=[["pixel_space"], {}], device=[["default", "cpu"], {}])
    declaration = Declaration({"vae": ("1.vae_name",), "device": ("1.device",)}, None, "here")
    read = Read(prompt_of({"1": node("VAELoader", vae_name="b", device="cpu")}), catalog(VAELoader=told), declaration)
    assert [i.kind for i in read.inputs.values()] == ["model", "value"]
    assert "One of those that the server lists for vae_name of VAELoader." in read.inputs["vae"].doc
    assert not read.findings


def test_a_saved_model_that_the_server_lacks_is_no_finding() -> None:
    assert not read_one([["a.safetensors", "b.safetensors"], {}], "gone.safetensors").findings


@pytest.mark.parametrize(
    ("spec", "value", "reason"),
    [
        ([["a", "b"], {}], "c", "it is not among the choices"),
        ([["a", 1], {}], True, "it is not among the choices"),
        (["INT", {"min": 1}], 0, "it is less than 1"),
        (["INT", {"max": 9}], 10, "it is more than 9"),
        (["INT", {}], 1.5, "it is no whole number"),
        (["INT", {}], "1", "it is no whole number"),
        (["INT", {}], None, "it is no whole number"),
        (["FLOAT", {}], [1.0], "it is no number"),
        (["FLOAT", {}], 10**400, "it is no number"),
        (["BOOLEAN", {}], "true", "it is neither true nor false"),
        (["STRING", {}], 5, "it is no text"),
        (["COLOR", {}], "red", "it has not the pattern"),
        (["COLOR", {}], "#ffffff\n", "it has not the pattern"),
        (["COLORS", {}], "#fff", "it is no list"),
        (["COLORS", {}], ["#fff", "red"], "it has not the pattern"),
        (["COMBO", {"options": ["a"], "multiselect": True}], ["a", "c"], "it is not among the choices"),
        (["CURVE", {}], "x", "it is no object"),
        (["INT,FLOAT", {}], None, "it is none of its types"),
        (["INT,STRING", {}], True, "it is none of its types"),
        (["INT,STRING", {}], 1.5, "it is none of its types"),
        (["BOUNDING_BOX", {}], {"x": "1"}, "it is no object of numbers"),
        (["COMBO", {"options": [], "image_upload": True}], 5, "it is no text"),
        ([[], {}], 5, "it is no text"),
    ],
)
def test_a_value_that_its_type_refuses_is_sent_unless_another_is_set(spec: list[Any], value: Any, reason: str) -> None:
    read = read_one(spec, value)
    [finding] = read.findings
    assert (finding.code, finding.severity) == ("FB204", "warning")
    assert reason in finding.message
    found = only(read)
    assert found.annotation.endswith(" | Unset")
    assert (found.default_code, found.default) == ("UNSET", value)
    assert reason in " ".join(found.doc.split())


def test_what_is_told_of_a_long_value_is_short() -> None:
    [finding] = read_one(["INT", {}], "x" * 100_000).findings
    assert len(finding.message) < 300


def test_a_value_that_the_file_lacks_must_be_given() -> None:
    prompt = prompt_of({"1": node("N", key=None)})
    without = {"1": prompt.nodes["1"].__class__("1", "1", "N", "", {})}
    prompt = prompt.__class__(without, prompt.editor_nodes, prompt.widgets)
    declaration = Declaration({"key": ("1.key",)}, None, "here")
    required = Read(prompt, catalog(N=class_told(key=["STRING", {}])), declaration)
    assert (only(required).required, only(required).default_code, required.codes) == (True, None, ["FB209"])
    optional = Read(prompt, catalog(N=class_told(optional={"key": ["STRING", {}]})), declaration)
    assert (only(optional).required, only(optional).default_code, optional.codes) == (False, "UNSET", [])
    assert only(optional).annotation == "str | Unset"


@pytest.mark.parametrize("spec", [["WHO_KNOWS", {}], ["*", {}], [[{"a": 1}, None], {}]])
def test_a_type_that_nobody_understands_takes_any_json(spec: list[Any]) -> None:
    read = read_one(spec, {"a": [1]})
    assert read.codes == ["FB402"]
    assert only(read).annotation == "JsonValue"
    assert only(read).default_code == "fresh(lambda: dict[str, JsonValue]({'a': [1]}))"


def test_an_input_that_the_class_lacks_is_not_understood() -> None:
    read = Read(prompt_of({"1": node("KSampler", odd=5)}), declaration=Declaration({"odd": ("1.odd",)}, None, "here"))
    assert read.codes == ["FB402"]


@pytest.mark.parametrize(
    ("spec", "drawn"),
    [
        ({"min": 0, "max": BIG, "control_after_generate": True}, (0, 2**50 - 1, 1)),
        ({"min": -(2**63), "max": BIG, "control_after_generate": "fixed"}, (-(2**50), 2**50 - 1, 1)),
        ({"min": 1, "max": 2**31 - 1, "control_after_generate": True}, (1, 2**31 - 2, 1)),
        ({"control_after_generate": True}, (0, 2047, 1)),
        ({"min": 0, "max": 10, "step": 4, "control_after_generate": True}, (0, 8, 4)),
        ({"min": 0, "max": 8, "step": 4, "control_after_generate": True}, (0, 4, 4)),
        ({"min": 5, "max": 5, "control_after_generate": True}, None),
        ({"min": 0, "max": 9, "control_after_generate": False}, None),
        ({}, None),
    ],
)
def test_random_draws_as_the_editor_does(spec: Told, drawn: tuple[int, int, int] | None) -> None:
    found = only(read_one(["INT", spec], 5))
    told = found.random and (found.random.minimum, found.random.maximum, found.random.step)
    assert told == drawn
    assert found.annotation.endswith(" | Random") is (drawn is not None)


def test_an_input_called_seed_is_one() -> None:
    declaration = Declaration({"seed": ("1.seed",)}, None, "here")
    read = Read(prompt_of({"1": node("N", seed=5)}), catalog(N=class_told(seed=["INT", {}])), declaration)
    assert only(read).random is not None


def test_a_primitive_is_drawn_only_where_its_author_has_it_change() -> None:
    known = catalog(PrimitiveInt=class_told(["INT"], value=["INT", {"control_after_generate": True}]))
    prompt = prompt_of({"1": node("PrimitiveInt", value=5)})
    assert only(Read(prompt, known)).random is None
    assert only(Read(changed(prompt, "1", "value", control="fixed"), known)).random is None
    found = only(Read(changed(prompt, "1", "value", control="randomize"), known))
    assert found.random is not None
    assert "The editor draws a new one after each run; here it stays." in " ".join(found.doc.split())


OPTIONS = [
    {"key": "size", "inputs": {"required": {"width": ["INT", {"max": 64}], "height": ["INT", {}]}}},
    {"key": "wide", "inputs": {"required": {"width": ["INT", {"max": 32}]}}},
    {"key": "small", "inputs": {"required": {"width": ["INT", {"max": 8}]}}},
    {"key": "scale", "inputs": {"required": {"factor": ["FLOAT", {}]}}},
    {"key": "none", "inputs": {"required": {}, "optional": {"width": ["STRING", {}]}}},
    {"key": "nothing", "inputs": {}},
    "broken",
]
DYNAMIC = ["COMFY_DYNAMICCOMBO_V3", {"options": OPTIONS}]


def test_the_key_of_a_dynamic_combo_takes_those_whose_inputs_are_there() -> None:
    read = read_one(DYNAMIC, "size", **{"key.width": 20, "key.height": 20})
    assert only(read).annotation == "Literal['size', 'wide', 'nothing']"
    assert "Another choice needs other inputs" in " ".join(only(read).doc.split())
    assert not read.findings


def test_a_key_that_is_gone_does_not_fit() -> None:
    read = read_one(DYNAMIC, "gone")
    assert read.codes == ["FB204"]
    assert "'scale'" in only(read).annotation


def test_inputs_of_a_chosen_key_have_its_types() -> None:
    told = class_told(key=DYNAMIC)
    declaration = Declaration({"wide": ("1.key.width",)}, None, "here")
    api = {"1": node("N", key="size", **{"key.width": 20})}
    assert only(Read(prompt_of(api), catalog(N=told), declaration)).annotation == "Annotated[int, Field(le=64)]"
    api = {"1": node("N", key="scale", **{"key.width": 20})}
    assert Read(prompt_of(api), catalog(N=told), declaration).codes == ["FB402"]


def test_one_value_for_several_inputs_fits_all_of_them() -> None:
    told = class_told(a=["INT", {"min": 0, "max": 9}], b=["FLOAT", {"min": 1, "max": 99}])
    declaration = Declaration({"both": ("1.b", "1.a")}, None, "here")
    found = only(Read(prompt_of({"1": node("N", a=1, b=1)}), catalog(N=told), declaration))
    assert found.annotation == "Annotated[int, Field(ge=1, le=9)]"


def test_members_of_a_growing_group_have_the_type_of_its_template() -> None:
    group = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"line": ["STRING", {}]}}, "prefix": "line"}}]
    declaration = Declaration({"first": ("1.key.line0",)}, None, "here")
    read = Read(prompt_of({"1": node("N", **{"key.line0": "a"})}), catalog(N=class_told(key=group)), declaration)
    assert only(read).annotation == "str"


def test_a_combo_of_the_authors_own_choices() -> None:
    told = class_told(["STRING"], choice=["COMBO", {"options": []}])
    declaration = Declaration({"style": ("1.choice",), "first": ("1.option1",)}, None, "here")
    api = {"1": node("CustomCombo", choice="b", option1="a", option2="b", option3="", index=1)}
    read = Read(prompt_of(api), catalog(CustomCombo=told), declaration)
    assert [i.annotation for i in read.inputs.values()] == ["Literal['a', 'b']", "str"]
    assert "index stays that of the workflow's own choice" in " ".join(read.inputs["style"].doc.split())
    assert not read.findings


def test_a_text_that_the_editor_expands_is_told() -> None:
    prompt = changed(prompt_of({"1": node("CLIPTextEncode", text="a {fox|owl}")}), "1", "text", expands="text")
    read = Read(prompt)
    assert (only(read).kind, read.codes) == ("text", ["FB210"])
    assert only(read).default_code == "'a {fox|owl}'"
    assert "expanded at each run" in " ".join(only(read).doc.split())


@pytest.mark.parametrize(
    "options",
    [None, 5, [5], {"options": 5}, {"options": [5, {"key": 5}, {"key": "a", "inputs": 5}]}, {"template": 5}],
)
@pytest.mark.parametrize("kind", ["COMBO", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "INT", 5])
def test_a_strange_catalog_breaks_nothing(kind: Any, options: Any) -> None:
    for value in ("a", 5, None, [], {}):
        read = read_one([kind, options], value, **{"key.a": 5, "key.a.b": 6})
        assert all(finding.code in ("FB204", "FB402") for finding in read.findings)
