"""The catalog: node types, field types and limits as the OpenAPI document of any release has them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from flowbind.invokeai.schema.field_types import FieldType, field_type, is_nullable
from flowbind_generator.diagnostics import Report
from flowbind_generator.engines import VERSION_KEY
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.limits import choices, limits
from flowbind_generator.invokeai.node_types import InputField, NodeType
from flowbind_generator.invokeai.object_types import ObjectTypes
from flowbind_generator.invokeai.python_types import python_type, type_name
from flowbind_generator.limits import Limits

from .exports import codes, form, given, input_of, node, only, read_catalog, resolved, workflow

MODEL = {"$ref": "#/components/schemas/ModelIdentifierField"}
NULL = {"type": "null"}


def invocation(kind: str, properties: dict[str, Any], *, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    """Return the schema of a node type as the document has it."""
    reserved = {
        "id": {"type": "string", "field_kind": "node_attribute"},
        "is_intermediate": {"type": "boolean", "ui_type": "IsIntermediate", "field_kind": "node_attribute"},
        "use_cache": {"type": "boolean", "default": True, "field_kind": "node_attribute"},
        "type": {"type": "string", "const": kind, "field_kind": "node_attribute"},
    }
    output = {"$ref": "#/components/schemas/ImageOutput"}
    return {
        "class": "invocation",
        "title": kind.title(),
        "version": version,
        "output": output,
        "properties": {**reserved, **properties},
    } | more


def document(*nodes: dict[str, Any]) -> dict[str, Any]:
    image_output = {
        "class": "output",
        "properties": {
            "type": {"type": "string", "const": "image_output"},
            "image": {"$ref": "#/components/schemas/ImageField", "field_kind": "output"},
        },
    }
    named = {str(n["properties"]["type"]["const"]): n for n in nodes}
    return {"components": {"schemas": {**named, "ImageOutput": image_output}}}


# A model loader and an int enum as releases before 6.8 wrote them.
OLD_RELEASE = document(
    invocation(
        "old_loader",
        {
            "model": MODEL
            | {"ui_type": "SDXLMainModelField", "field_kind": "input", "input": "any", "orig_required": True},
            "vae": {"anyOf": [MODEL, NULL], "ui_type": "VAEModel", "field_kind": "input", "orig_required": False},
            "length": {"type": "integer", "enum": [256, 512], "default": 256, "field_kind": "input"},
        },
    )
)


def node_type(catalog: Catalog, name: str) -> NodeType:
    found = catalog.get(name)
    assert found is not None
    return found


def field(catalog: Catalog, where: str) -> InputField:
    kind, name = where.split(".")
    return node_type(catalog, kind).inputs[name]


def test_reserved_inputs_are_none(catalog: Catalog) -> None:
    for kind in catalog:
        assert not {"id", "type", "use_cache", "is_intermediate"} & set(node_type(catalog, kind).inputs)
    assert "index" not in node_type(catalog, "iterate").inputs


def test_every_node_type_of_the_shipped_document_is_read(catalog: Catalog) -> None:
    kinds = list(catalog)
    assert len(kinds) == len(set(kinds)) > 300
    for kind in kinds:
        found = node_type(catalog, kind)
        assert (found.type, found.version.count(".")) == (kind, 2)
        assert found.title


def test_a_title_is_the_editors(catalog: Catalog) -> None:
    assert node_type(catalog, "blank_image").title == "Blank Image"


@pytest.mark.parametrize("kind", ["graph", "linear_ui_output", "no_such_node", ""])
def test_hidden_and_unknown_types(kind: str, catalog: Catalog) -> None:
    assert kind not in catalog
    assert catalog.get(kind) is None


@pytest.mark.parametrize(
    ("where", "name", "cardinality"),
    [
        ("add.a", "IntegerField", "single"),
        ("denoise_latents.cfg_scale", "FloatField", "single_or_list"),
        ("denoise_latents.scheduler", "SchedulerField", "single"),
        ("blank_image.mode", "EnumField", "single"),
        ("blank_image.board", "BoardField", "single"),
        ("lora_collection_loader.loras", "LoRAField", "single_or_list"),
        ("image_collection.images", "ImageField", "list"),
        ("iterate.collection", "CollectionField", "list"),
        ("collect.item", "CollectionItemField", "single"),
        ("sdxl_model_loader.model", "ModelIdentifierField", "single"),
        ("core_metadata.model", "ModelIdentifierField", "single"),
        ("call_saved_workflow.workflow_id", "SavedWorkflowField", "single"),
    ],
)
def test_field_types(where: str, name: str, cardinality: str, catalog: Catalog) -> None:
    found = field(catalog, where).type
    assert (found.name, found.cardinality) == (name, cardinality)


def unseen(name: str) -> FieldType:
    return FieldType(name, in_editor=False)


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "integer"}, FieldType("IntegerField")),
        ({"const": "x"}, FieldType("EnumField")),
        ({"type": "string", "enum": ["a"]}, FieldType("EnumField")),
        ({"type": "array", "items": {"type": "string"}}, FieldType("StringField", "list")),
        ({"allOf": [MODEL]}, FieldType("ModelIdentifierField")),
        ({"anyOf": [MODEL, NULL]}, FieldType("ModelIdentifierField")),
        ({"anyOf": [{"type": "array", "items": MODEL}, NULL]}, FieldType("ModelIdentifierField", "list")),
        (
            {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
            FieldType("FloatField", "single_or_list"),
        ),
        (
            {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "string"}}]},
            unseen("FloatField | list of StringField"),
        ),
        ({"anyOf": [{"type": "number"}, {"type": "string"}, NULL]}, unseen("FloatField | StringField")),
        ({"oneOf": [{"$ref": "#/components/schemas/Curve"}, {"enum": ["a"]}]}, unseen("Curve | EnumField")),
        ({"type": "object"}, unseen("ObjectField")),
        ({}, unseen("AnyField")),
    ],
)
def test_the_shape_of_a_schema_gives_the_type(schema: Any, kind: FieldType) -> None:
    assert field_type(schema) == kind


def test_limits_are_found_wherever_they_stand(catalog: Catalog) -> None:
    assert limits({"minimum": 1, "exclusiveMaximum": 9}) == Limits(minimum=1, exclusive_maximum=9)
    assert limits({"anyOf": [{"type": "number", "minimum": 0, "multipleOf": 8}, NULL]}) == Limits(
        minimum=0, multiple_of=8
    )
    assert limits({"type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 2}}) == Limits(
        minimum=2, max_items=3
    )
    assert field(catalog, "flux_denoise.dype_scale").limits == Limits(minimum=0, maximum=8)


def test_choices_may_be_numbers(catalog: Catalog) -> None:
    assert field(catalog, "flux_text_encoder.t5_max_seq_len").choices == (256, 512)
    assert choices({"anyOf": [{"enum": ["a", "b"]}, NULL]}) == ("a", "b")
    assert choices({"const": 1}) == (1,)
    assert choices({"type": "string"}) is None


def test_required_and_nullable_are_not_what_the_schema_says(catalog: Catalog) -> None:
    model = field(catalog, "main_model_loader.model")
    assert is_nullable(model.schema)
    assert (model.required, model.nullable) == (True, False)
    board = field(catalog, "blank_image.board")
    assert (board.required, board.nullable) == (False, True)
    assert (field(catalog, "add.a").required, field(catalog, "add.a").nullable) == (False, False)


@pytest.mark.parametrize(
    ("where", "annotation"),
    [
        ("add.a", "int"),
        ("float.value", "float"),
        ("boolean.value", "bool"),
        ("string.value", "str"),
        ("noise.seed", "Annotated[int, Field(ge=0, le=4294967295)]"),
        ("noise.width", "Annotated[int, Field(gt=0, multiple_of=8)]"),
        ("denoise_latents.cfg_rescale_multiplier", "Annotated[float, Field(ge=0, lt=1)]"),
        ("flux_denoise.dype_scale", "Annotated[float, Field(ge=0.0, le=8.0)]"),
        ("blank_image.mode", "Literal['RGB', 'RGBA']"),
        ("flux_text_encoder.t5_max_seq_len", "Literal[256, 512]"),
        ("denoise_latents.cfg_scale", "float | list[float]"),
        ("string_collection.collection", "list[str]"),
        ("image.image", "ImageInput"),
        ("image_collection.images", "list[ImageInput]"),
        ("main_model_loader.model", "ModelInput"),
        ("lora_collection_loader.loras", "LoRA | list[LoRA]"),
        ("blank_image.color", "Color"),
        ("blank_image.board", "str"),
        ("video_concat.videos", "Annotated[list[VideoInput], Field(min_length=2)]"),
        ("core_metadata.loras", "list[dict[str, JsonValue]]"),
        ("prompt_template.style_preset", "str"),
    ],
)
def test_python_types(where: str, annotation: str, catalog: Catalog) -> None:
    found = python_type(field(catalog, where))
    assert found.annotation == annotation
    assert found.understood


def test_a_type_that_is_not_understood_takes_any_json(catalog: Catalog) -> None:
    found = python_type(field(catalog, "metadata_item.value"))
    assert (found.annotation, found.understood) == ("JsonValue", False)


def test_releases_before_6_8_name_models_by_their_use() -> None:
    model = field(Catalog(OLD_RELEASE), "old_loader.model")
    assert model.type.name == "SDXLMainModelField"
    assert type_name(model.type) == "ModelIdentifierField"
    assert python_type(model).annotation == "ModelInput"


def test_an_export_is_generated_from_the_document_of_an_old_release() -> None:
    document = workflow(
        node("n", "old_loader", {"model": given(label="Model"), "length": 512}, visible=True),
        form=form("n.model", "n.vae", "n.length"),
    )
    document["nodes"][0]["data"]["inputs"]["vae"] = {"name": "vae"}
    module, report = resolved(document, Catalog(OLD_RELEASE))
    assert codes(report) == ["FB209"]
    model, vae, length = module.inputs
    assert (model.field_type, model.annotation, model.required) == ("ModelIdentifierField", "ModelInput", True)
    assert "Accepts main models of base sdxl." in model.doc
    assert (vae.annotation, vae.default_code) == ("ModelInput | None", "None")
    assert (length.annotation, length.default_code) == ("Literal[256, 512]", "512")


def test_the_docstring_of_a_model_says_what_it_accepts(catalog: Catalog) -> None:
    document = workflow(node("n", "main_model_loader", {"model": given()}), form=form("n.model"))
    module, _ = resolved(document, catalog)
    assert "Accepts main models of base sd-1 or sd-2." in " ".join(input_of(module, "model").doc.split())


def test_a_document_says_which_release_it_is_of() -> None:
    pinned = OLD_RELEASE | {"info": {"version": "1.0.0", VERSION_KEY: "6.7.0"}}
    for data in (json.dumps(pinned).encode(), gzip.compress(json.dumps(pinned).encode())):
        found = read_catalog(data, Report("openapi.json"))
        assert found is not None
        assert found.app_version == "6.7.0"
        assert list(found) == ["old_loader"]


def test_the_digest_of_a_document_is_that_of_its_content() -> None:
    turned = {"components": {"schemas": dict(reversed(OLD_RELEASE["components"]["schemas"].items()))}}
    assert Catalog(turned).digest == Catalog(OLD_RELEASE).digest
    assert Catalog(document(invocation("other", {}))).digest != Catalog(OLD_RELEASE).digest


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b"{}", b"\x1f\x8b broken", b'{"components": null}'])
def test_other_files_are_no_catalog(data: bytes) -> None:
    report = Report("openapi.json")
    assert read_catalog(data, report) is None
    assert "flowbind spec pull" in only(report, "FB401").cure


def test_what_only_the_server_has_is_a_handle(catalog: Catalog) -> None:
    outputs = [o for t in catalog for o in (catalog.get(t) or pytest.fail(t)).outputs.values()]
    handles = {o.type.name for o in outputs if o.is_handle}
    assert {"LatentsField", "TensorField", "UNetField", "ConditioningField", "LoRAField", "ImageField"} <= handles
    assert handles.isdisjoint({"Tile", "MetadataField", "BoundingBoxField", "StringField"})
    text = {"type": "string"}
    objects = ObjectTypes(
        {"Plan": {"properties": {"display_name": text}}, "Depth": {"properties": {"depth_name": text}}}
    )
    assert [objects.is_handle({"$ref": f"#/components/schemas/{name}"}) for name in ("Plan", "Depth")] == [False, True]
