"""Old nodes are brought up to date as the editor does it on load: within one major version only."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import MISSING
from flowbind_generator.invokeai.update import fresh_value

from .exports import codes, edge, form, given, loaded, node, only, picture, refused, workflow

PICTURES = [{"image_name": "a.png"}, {"image_name": "b.png"}]


def sent(document: Any, catalog: Catalog, node_id: str = "n") -> dict[str, Any]:
    """Return a node's inputs as they are sent."""
    found, _ = loaded(document, catalog)
    reserved = {"id", "type", "use_cache", "is_intermediate"}
    return {k: v for k, v in found.graph["nodes"][node_id].items() if k not in reserved}


@pytest.mark.parametrize("version", ["1.0.0", "1.0.99", "1.9.0"])
def test_another_version_of_one_major_gets_the_inputs_it_lacks(version: str, catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "add", {"a": 7}, version=version))
    assert sent(document, catalog) == {"a": 7, "b": 0}


def test_null_counts_as_lacking(catalog: Catalog) -> None:
    assert sent(workflow(picture(), node("n", "add", {"a": None}, version="1.0.0")), catalog) == {"a": 0, "b": 0}


def test_the_same_version_gets_nothing(catalog: Catalog) -> None:
    assert sent(workflow(picture(), node("n", "add", {"a": None})), catalog) == {}


@pytest.mark.parametrize("version", ["0.9.0", "2.0.0"])
def test_another_major_version_stays_as_it_is(version: str, catalog: Catalog) -> None:
    found, report = loaded(workflow(picture(), node("n", "add", {"a": 7}, version=version)), catalog)
    assert found.workflow.nodes[1].version == version
    assert "b" not in found.graph["nodes"]["n"]
    assert only(report, "FB304").pointer == "/nodes/1/data/version"


def test_inputs_that_are_gone_are_left_out(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "add", {"a": 7, "c": 8, "d": 9}, label="Sum", version="1.0.0"))
    found, report = loaded(document, catalog)
    assert "c" not in found.graph["nodes"]["n"]
    warning = only(report, "FB303")
    assert "c, d" in warning.message
    assert (warning.pointer, warning.node_label) == ("/nodes/1/data/inputs", "Sum")


def test_core_metadata_may_have_inputs_of_its_own(catalog: Catalog) -> None:
    found, report = loaded(workflow(picture(), node("n", "core_metadata", {"mine": 1}, version="2.0.0")), catalog)
    assert found.graph["nodes"]["n"]["mine"] == 1
    assert codes(report) == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("noise.width", 512),  # the schema's default
        ("noise.noise_type", "SD"),
        ("flux_denoise.dype_scale", 0),  # an optional number is 0 in the editor
        ("core_metadata.positive_prompt", ""),
        ("core_metadata.seamless_x", False),
        ("core_metadata.generation_mode", "txt2img"),  # the first choice
        ("flux_text_encoder.t5_max_seq_len", 256),
        ("l2i.board", "auto"),
        ("lora_collection_loader.loras", []),
        ("boolean_collection.collection", []),
        ("main_model_loader.model", MISSING),
        ("save_image.image", MISSING),
        ("image_collection.images", MISSING),
        ("collect.item", MISSING),
        ("l2i.latents", MISSING),
    ],
)
def test_what_the_editor_puts_into_a_new_node(where: str, value: Any, catalog: Catalog) -> None:
    node_type, name = where.split(".")
    found = catalog.get(node_type)
    assert found is not None
    assert fresh_value(found.inputs[name]) == value


def test_pictures_of_an_old_collection_move(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "image_collection", {"collection": PICTURES}, version="1.0.1"))
    assert sent(document, catalog) == {"images": PICTURES, "collection": []}


def test_pictures_stay_where_the_new_input_has_some(catalog: Catalog) -> None:
    inputs = {"collection": PICTURES, "images": PICTURES[:1]}
    document = workflow(picture(), node("n", "image_collection", inputs, version="1.0.1"))
    assert sent(document, catalog)["images"] == PICTURES[:1]


def test_pictures_stay_in_a_node_of_today(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "image_collection", {"collection": PICTURES}))
    assert sent(document, catalog) == {"collection": PICTURES}


def test_pictures_stay_where_an_edge_feeds_the_old_input(catalog: Catalog) -> None:
    document = workflow(
        picture(),
        node("o", "image_collection", {"images": PICTURES[:1]}),
        node("n", "image_collection", {"collection": PICTURES}, version="1.0.1"),
        edges=[edge("o.collection", "n.collection")],
    )
    assert "images" not in sent(document, catalog)


def test_the_form_follows_the_pictures(catalog: Catalog) -> None:
    document = workflow(
        picture(),
        node("n", "image_collection", {"collection": given(PICTURES, label="Pictures")}, version="1.0.1"),
        form=form("n.collection"),
    )
    found, _ = loaded(document, catalog)
    assert [(f.id.node_id, f.id.field_name) for f in found.fields] == [("n", "images")]


@pytest.mark.parametrize("version", ["9" * 5000 + ".0.0", "1.0." + "9" * 5000, "٣.٠.٠"])
def test_a_version_that_is_no_number_is_refused(version: str, catalog: Catalog) -> None:
    found = only(refused(workflow(node("p", "blank_image", version=version)), catalog), "FB104")
    assert found.pointer == "/nodes/0/data/version"
