"""Inputs: what is required, what an unset input sends, what its docstring says, where it stands in the export."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.invokeai import UNSET, Color, LoRA, ModelRef
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input
from flowbind_generator.limits import Limits
from flowbind_generator.live_module import class_of

from .exports import codes, edge, form, given, input_of, node, only, picture, refused, resolved, workflow

MODEL = {"key": "k", "hash": "h", "name": "n", "base": "sd-1", "type": "main"}
OLD_MODEL = {"model_name": "stable-diffusion", "base_model": "sd-1", "model_type": "main"}


def one(node_type: str, name: str, entry: Any, catalog: Catalog, settings: Any = None) -> tuple[Input, Any]:
    """Return the input of a form that shows nothing else, and the default of the generated class."""
    shown = f"n.{name}" if settings is None else (f"n.{name}", settings)
    document = workflow(picture(), node("n", node_type, {name: entry}), form=form(shown))
    module, _ = resolved(document, catalog)
    found = input_of(module, name)
    if found.required:
        return found, None
    made = class_of(module).model_fields[found.attribute].get_default(call_default_factory=True)
    return found, made


@pytest.mark.parametrize(
    ("where", "saved", "default"),
    [
        ("integer.value", 5, 5),
        ("integer.value", 5.0, 5),
        ("float.value", 5, 5.0),
        ("boolean.value", True, True),
        ("string.value", "a\n\"b\"'c'", "a\n\"b\"'c'"),
        ("blank_image.mode", "RGBA", "RGBA"),
        ("denoise_latents.cfg_scale", [1, 2.5], [1.0, 2.5]),
        ("string_collection.collection", ["a", ""], ["a", ""]),
        ("image.image", {"image_name": "a.png"}, "a.png"),
        ("image_collection.images", [{"image_name": "a.png"}], ["a.png"]),
        ("main_model_loader.model", MODEL, ModelRef(**MODEL)),
        ("lora_collection_loader.loras", [{"lora": MODEL, "weight": 1}], [LoRA(ModelRef(**MODEL), 1)]),
        ("blank_image.color", {"r": 1, "g": 2, "b": 3, "a": 4}, Color(1, 2, 3, 4)),
        ("blank_image.color", {"r": 1.0, "g": 2, "b": 3, "a": 255.0}, Color(1, 2, 3, 255)),
        ("blank_image.board", {"board_id": "b"}, "b"),
        ("blank_image.board", "auto", None),
        ("prompt_template.style_preset", {"style_preset_id": "s"}, "s"),
        ("video.video", {"video_name": "v"}, "v"),
    ],
)
def test_the_saved_value_is_the_default(where: str, saved: Any, default: Any, catalog: Catalog) -> None:
    node_type, name = where.split(".")
    found, made = one(node_type, name, saved, catalog)
    assert made == default
    assert type(made) is type(default)
    assert not found.required


def test_a_required_input_without_a_value_is_required(catalog: Catalog) -> None:
    found, _ = one("main_model_loader", "model", given(), catalog)
    assert (found.required, found.default_code, found.default) == (True, None, None)
    assert found.annotation == "ModelInput"


def test_an_optional_input_without_a_value_is_none(catalog: Catalog) -> None:
    found, made = one("flux_denoise", "dype_scale", given(), catalog)
    assert made is None
    assert found.annotation == "Annotated[float, Field(ge=0.0, le=8.0)] | None"


def test_an_input_that_the_server_fills_is_unset(catalog: Catalog) -> None:
    found, made = one("noise", "width", given(), catalog)
    assert made is UNSET
    assert found.annotation.endswith("| Unset")
    assert "Unset, the server takes 512." in found.doc


@pytest.mark.parametrize(
    ("where", "saved", "reason"),
    [
        ("noise.width", 0, "it is not more than 0"),
        ("noise.width", 513, "it is no multiple of 8"),
        ("noise.seed", -1, "it is less than 0"),
        ("noise.seed", 2**32, "it is more than 4294967295"),
        ("denoise_latents.cfg_rescale_multiplier", 1, "it is not less than 1"),
        ("integer.value", 5.5, "it is no whole number"),
        ("float.value", "5", "it is no number"),
        ("string.value", 5, "it is no text"),
        ("boolean.value", 1, "it is neither true nor false"),
        ("blank_image.mode", "CMYK", "it is not among the choices"),
        ("flux_text_encoder.t5_max_seq_len", "256", "it is not among the choices"),
        ("integer.value", [1], "it is a list"),
        ("string_collection.collection", "a", "it is no list"),
        ("image.image", "a.png", "it has no image_name"),
        ("main_model_loader.model", "sdxl", "it is no model"),
        ("lora_collection_loader.loras", ["a"], "it is no LoRA"),
        ("blank_image.color", "red", "it is no object"),
    ],
)
def test_a_value_that_its_own_type_refuses_is_sent_when_unset(
    where: str, saved: Any, reason: str, catalog: Catalog
) -> None:
    node_type, name = where.split(".")
    document = workflow(picture(), node("n", node_type, {name: saved}, label="Mine"), form=form(f"n.{name}"))
    module, report = resolved(document, catalog)
    found = input_of(module, name)
    assert (found.default_code, found.default) == ("UNSET", saved)
    assert found.annotation.endswith("| Unset")
    assert reason in " ".join(found.doc.split())
    warning = only(report, "FB204")
    assert reason in warning.message
    assert (warning.pointer, warning.node_label) == (f"/nodes/1/data/inputs/{name}/value", "Mine")
    assert class_of(module).model_fields[found.attribute].default is UNSET


def test_the_class_refuses_what_the_server_refuses(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "noise", {"width": 64}), form=form("n.width"))
    made = class_of(resolved(document, catalog)[0])
    for value in (63, 0, "64", 64.5, None):
        with pytest.raises(InputError, match="Width"):
            made(width=value)


def test_the_options_of_a_dropdown_are_offered_not_enforced(catalog: Catalog) -> None:
    options = [{"label": "Red", "value": "red"}, {"label": "Blue", "value": 'it\'s "blue"'}]
    settings = {"type": "string-field-config", "component": "dropdown", "options": options}
    found, _ = one("string", "value", "green", catalog, settings)
    assert found.annotation == """Literal['red', 'it\\'s "blue"'] | str"""
    assert found.choices == ("red", 'it\'s "blue"')
    assert "the server takes any text" in " ".join(found.doc.split())


def test_the_limits_of_the_form_are_documentation(catalog: Catalog) -> None:
    settings = {"type": "integer-field-config", "component": "slider", "min": 1, "max": 10}
    found, _ = one("integer", "value", 5, catalog, settings)
    assert (found.annotation, found.limits) == ("int", Limits())
    assert "The form offers 1 to 10." in " ".join(found.doc.split())


def test_a_required_input_that_the_form_lacks_comes_last(catalog: Catalog) -> None:
    document = workflow(
        node("m", "main_model_loader", {"model": given()}, label="Loader"), picture(width=64), form=form("p.width")
    )
    module, _ = resolved(document, catalog)
    assert [(i.index, i.attribute, i.required) for i in module.inputs] == [(0, "width", False), (None, "model", True)]
    assert 'Not in the form: `model` of the node "Loader"' in module.inputs[1].doc


def test_an_input_that_is_set_or_fed_is_not_added(catalog: Catalog) -> None:
    document = workflow(
        node("m", "main_model_loader", {"model": MODEL}),
        picture(),
        node("v", "save_image", {"image": given()}),
        edges=[edge("p.image", "v.image")],
    )
    module, _ = resolved(document, catalog)
    assert module.inputs == ()
    assert [(r.node_id, r.field_name, r.kind) for r in module.references] == [("m", "model", "model")]


def test_references_are_looked_up_unless_they_are_inputs(catalog: Catalog) -> None:
    document = workflow(
        picture(board={"board_id": "b"}),
        node("i", "image", {"image": {"image_name": "a.png"}}),
        node("l", "lora_collection_loader", {"loras": [{"lora": MODEL, "weight": 1}]}),
        node("e", "lora_collection_loader", {"loras": []}),
        node("m", "main_model_loader", {"model": MODEL}),
        form=form("m.model"),
    )
    module, _ = resolved(document, catalog)
    found = {(r.node_id, r.field_name, r.kind) for r in module.references}
    assert found == {("p", "board", "board"), ("i", "image", "image"), ("l", "loras", "lora")}


def test_what_only_an_edge_can_feed_refuses_the_workflow(catalog: Catalog) -> None:
    document = workflow(node("l", "l2i", {"latents": given(), "vae": given()}, label="Decode"))
    report = refused(document, catalog)
    assert codes(report) == ["FB308", "FB308"]
    assert next(iter(report)).pointer == "/nodes/0/data/inputs/latents"


def test_a_model_of_an_old_release_is_named(catalog: Catalog) -> None:
    document = workflow(picture(), node("m", "main_model_loader", {"model": OLD_MODEL}), form=form("m.model"))
    module, report = resolved(document, catalog)
    assert module.inputs[0].required
    assert '"stable-diffusion"' in only(report, "FB205").message
    assert '"stable-diffusion" (base sd-1)' in " ".join(module.inputs[0].doc.split())


def test_a_value_that_is_not_understood_counts_as_unset(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "integer", {"value": {"a": 1}}), form=form("n.value"))
    module, report = resolved(document, catalog)
    assert module.inputs[0].default_code == "UNSET"
    assert only(report, "FB207").pointer == "/nodes/1/data/inputs/value/value"


def test_a_type_that_is_not_understood_takes_any_json(catalog: Catalog) -> None:
    document = workflow(picture(), node("f", "if", {"true_input": given(5)}), form=form("f.true_input"))
    module, report = resolved(document, catalog)
    assert module.inputs[0].annotation == "JsonValue | None"
    assert only(report, "FB402").node_label is None


def test_an_input_that_an_edge_feeds_is_read_only(catalog: Catalog) -> None:
    document = workflow(picture(), node("i", "integer"), edges=[edge("i.value", "p.width")], form=form("p.width"))
    document["nodes"][0]["data"]["inputs"]["width"] = {"name": "width", "label": "Width", "value": 5}
    module, _ = resolved(document, catalog)
    made = class_of(module)()
    with pytest.raises(InputError, match="read-only"):
        setattr(made, "width", 64)  # noqa: B010  the type checker knows that it is read-only
    assert "Read-only" in module.inputs[0].doc


def test_label_title_and_name(catalog: Catalog) -> None:
    document = workflow(
        picture(width=given(1, label=" My width "), height=given(2)), form=form("p.width", "p.height"), name="W"
    )
    module, _ = resolved(document, catalog)
    assert [(i.attribute, i.label) for i in module.inputs] == [("my_width", "My width"), ("height", "Height")]


def test_the_docstring_says_what_where_and_how_much(catalog: Catalog) -> None:
    entry = given(64, label="Width", description="How wide it is.")
    document = workflow(picture(), node("n", "noise", {"width": entry}, label="The noise"), form=form("n.width"))
    doc = " ".join(resolved(document, catalog)[0].inputs[0].doc.split())
    assert doc == (
        "Width. How wide it is. Width of output (px). More than 0, a multiple of 8. "
        'Input 0: `width` of the node "The noise" (noise).'
    )


def test_a_pinned_name_survives_another_label(catalog: Catalog) -> None:
    document = workflow(picture(width=given(1, label="Breadth")), form=form("p.width"))
    module, _ = resolved(document, catalog, pinned={"p/width": "width"})
    assert (module.inputs[0].attribute, module.inputs[0].label) == ("width", "Breadth")
    assert module.inputs[0].doc.startswith("Breadth.")


def test_addresses_find_the_value_in_the_export(catalog: Catalog) -> None:
    document = workflow(node("i", "integer", {"value": 3}), picture(width=64), form=form("p.width"))
    module, _ = resolved(document, catalog)
    found: Any = document
    for key in module.inputs[0].json_pointer.split("/")[1:]:
        found = found[int(key) if isinstance(found, list) else key]
    assert found == 64


@pytest.mark.parametrize("label", ["\u200b", "\u202e \u200f", "\x00", "\u2028", " \t"])
def test_a_docstring_begins_with_a_label_that_can_be_seen(label: str, catalog: Catalog) -> None:
    found, _ = one("integer", "value", given(5, label=label), catalog)
    assert found.doc.startswith("Value.")


def test_an_object_is_made_for_each_instance(catalog: Catalog) -> None:
    found, made = one("core_metadata", "mine", {"a": [1]}, catalog)
    assert made == {"a": [1]}
    assert str(found.default_code).startswith("fresh(")
