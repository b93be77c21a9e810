"""Against the raw documents: what flowbind says of each input, what its class takes, and what each node saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog

from . import measures
from .described import is_typed_as_read
from .documents import needs_documents, release, release_names
from .media import TODAY, gives_what_it_saves, media_nodes
from .model_filters import FILTERED, meanings
from .reading import BOUNDS, exposed, read
from .shared import parameters
from .tables import Known
from .test_truth import assert_holds


@pytest.mark.parametrize("name", release_names())
def test_inputs_are_typed_as_the_document_says(name: str, catalog: Catalog) -> None:
    measure = measures.typed_in(name)
    said = {measure.name(case): measure.check(case, catalog) for case in measure.cases}
    wrong = [f"{case}: {outcome}" for case, outcome in said.items() if outcome and not isinstance(outcome, Known)]
    assert not wrong, "\n".join(wrong)


@needs_documents
def test_all_inputs_of_all_documents_are_looked_at() -> None:
    counts = {name: len(measures.typed_in(name).cases) for name in release_names()}
    assert len(counts) == 18
    assert counts[TODAY] == 1122
    assert sum(counts.values()) == 14569


@pytest.mark.parametrize("node_type", parameters(measures.SAVED.cases, measures.SAVED.name))
def test_what_a_node_saves_is_an_output(node_type: str, catalog: Catalog) -> None:
    assert_holds(measures.SAVED.check(node_type, catalog))


@needs_documents
def test_no_other_node_saves_pictures_or_videos(catalog: Catalog) -> None:
    others = release(TODAY).nodes.keys() - set(media_nodes())
    assert len(others) == 210
    assert not [said for node_type in others if (said := gives_what_it_saves(node_type, catalog))]


@needs_documents
def test_each_old_name_of_a_type_of_models_has_a_meaning() -> None:
    before = release_names()[: release_names().index(FILTERED)]
    inputs = [case for name in before for case in exposed(release(name))]
    models = [case for case in inputs if read(case.schema)["field_type"] == "ModelIdentifierField"]
    # The editor has no filter for an input that takes any model.
    assert {case.schema.get("ui_type") for case in models} - {None} == meanings().keys()
    assert meanings()["SDXLMainModelField"] == {"bases": ["sdxl"], "types": ["main"]}
    assert meanings()["LoRAModelField"] == {"types": ["lora"]}


@needs_documents
@pytest.mark.parametrize(
    ("place", "changes", "said"),
    [
        ("noise.width", {"multipleOf": 16}, ("multiple_of is 8, in the document 16", "8 is taken")),
        ("noise.width", {"exclusiveMinimum": -8}, ("exclusive_minimum is 0, in the document -8", "0 is refused")),
        ("noise.width", {"le": 64}, ("maximum is null, in the document 64", "72 is taken")),
        ("noise.width", {"type": "number"}, ('field_type is "IntegerField", in the document "FloatField"',)),
        ("l2i.tiled", {"type": "string"}, ('field_type is "BooleanField", in the document "StringField"',)),
        ("blank_image.mode", {"enum": ["RGB", "LAB"]}, ('in the document ["RGB", "LAB"]', '"LAB" is refused')),
        ("main_model_loader.model", {"ui_model_base": ["flux"]}, ('in the document {"bases": ["flux"]',)),
    ],
)
def test_what_the_document_says_otherwise_is_found(
    place: str, changes: Mapping[str, Any], said: tuple[str, ...], catalog: Catalog
) -> None:
    case = next(case for case in exposed(release(TODAY)) if case.place == place)
    outcome = is_typed_as_read(replace(case, schema={**case.schema, **changes}), catalog)
    assert outcome is not None
    for part in said:
        assert part in outcome


def described(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the reader finds in a schema, but for what is not there."""
    return {word: value for word, value in read(schema).items() if value is not None}


PICTURE = {"$ref": "#/components/schemas/ImageField"}
NUMBERS = {"type": "array", "items": {"type": "number"}}
NOTHING = {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (PICTURE, {"field_type": "ImageField", "cardinality": "single"}),
        ({"allOf": [PICTURE]}, {"field_type": "ImageField", "cardinality": "single"}),
        (
            {"anyOf": [{"type": "array", "items": PICTURE}, NOTHING]},
            {"field_type": "ImageField", "cardinality": "list"},
        ),
        (
            {"anyOf": [{"type": "number"}, NUMBERS], "ge": -1, "le": 2},
            {"field_type": "FloatField", "cardinality": "single_or_list", "minimum": -1, "maximum": 2},
        ),
        (
            {"anyOf": [{"anyOf": [{"type": "array", "items": PICTURE}, PICTURE], "maxLength": 3}, NOTHING]},
            {"field_type": "ImageField", "cardinality": "single_or_list", "max_items": 3},
        ),
        (
            {"anyOf": [{"type": "string", "minLength": 1, "pattern": "^a"}, NOTHING]},
            {"field_type": "StringField", "cardinality": "single", "min_length": 1, "pattern": "^a"},
        ),
        (
            {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
            {"field_type": "IntegerField", "cardinality": "list", "min_items": 1, "minimum": 0},
        ),
        (
            {"anyOf": [{"type": "integer", "enum": [512, 256]}, NOTHING]},
            {"field_type": "EnumField", "cardinality": "single", "choices": [512, 256]},
        ),
        ({"const": "ViT-L"}, {"field_type": "EnumField", "cardinality": "single", "choices": ["ViT-L"]}),
        (
            {"type": "string", "enum": ["euler"], "ui_type": "SchedulerField"},
            {"field_type": "SchedulerField", "cardinality": "single", "choices": ["euler"]},
        ),
        (
            {"$ref": "#/components/schemas/ModelIdentifierField", "ui_type": "VAEModelField"},
            {"field_type": "ModelIdentifierField", "cardinality": "single"},
        ),
        (
            {"type": "array", "items": {}, "ui_type": "CollectionField"},
            {"field_type": "CollectionField", "cardinality": "list"},
        ),
        ({"anyOf": [{"type": "string"}, NUMBERS]}, {"cardinality": "single"}),
    ],
)
def test_the_reader(schema: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert described(schema) == expected
    assert read(schema).keys() == {"field_type", "cardinality", "choices", *BOUNDS}
