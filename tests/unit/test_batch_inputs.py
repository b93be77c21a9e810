"""Batches as inputs of a class: which list stands for which batch, what its items must be, what an unset one gives."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind import inputs
from flowbind.errors import InputError
from flowbind_generator.invokeai.catalog import Catalog

from .batch_exports import batch, batched, generator, made, widths
from .exports import codes, form, given, input_of, node, only, resolved

COUNTED = {"type": "integer_generator_arithmetic_sequence", "start": 8, "step": 8, "count": 3}


def test_a_list_in_the_form_has_its_place_and_label(catalog: Catalog) -> None:
    document = widths(given([8, 16], label="Widths"), form=form("p.height", "b.integers", "p.mode"))
    module, _ = resolved(document, catalog)
    assert [(i.index, i.attribute) for i in module.inputs] == [(0, "height"), (1, "widths"), (2, "mode")]
    assert module.base_class == "InvokeAIBatchWorkflow"
    found = module.inputs[1]
    assert (found.cardinality, found.field_type, found.default) == ("list", "IntegerField", [8, 16])
    assert module.batches[0].attribute == "widths"


def test_a_list_outside_the_form_comes_last(catalog: Catalog) -> None:
    module, _ = resolved(widths([8], form=form("p.height")), catalog)
    assert [(i.index, i.attribute) for i in module.inputs] == [(0, "height"), (None, "integers")]
    assert "Not in the form: `integers` of the node" in module.inputs[1].doc


def test_the_docstring_says_what_becomes_of_the_items(catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [8], group="Group 2"),
        edges=["b.value>p.width", "b.value>s.value"],
    )
    document["nodes"][1]["data"]["label"] = "Sky"
    doc = " ".join(resolved(document, catalog)[0].inputs[0].doc.split())
    assert 'Each run takes one item, for `width` of the node "Sky" and `value` of the node "string".' in doc
    assert 'The batches of "Group 2" advance together: give them lists of one length.' in doc


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        (["b.value>n.seed"], {"ge": 0, "le": 4294967295}),
        (["b.value>n.width"], {"gt": 0, "multiple_of": 8}),
        (["b.value>p.width"], {}),
        (["b.value>n.seed", "b.value>n.width"], {"ge": 0, "le": 4294967295, "gt": 0, "multiple_of": 8}),
    ],
)
def test_items_keep_the_limits_of_all_that_takes_them(
    settings: list[str], limits: dict[str, float], catalog: Catalog
) -> None:
    document = batched(batch("b", "integer", [8]), node("n", "noise"), edges=settings)
    found = input_of(resolved(document, catalog)[0], "integers")
    words = {"ge": "minimum", "le": "maximum", "gt": "exclusive_minimum", "multiple_of": "multiple_of"}
    assert {k: v for k, name in words.items() if (v := getattr(found.limits, name)) is not None} == limits


def test_a_bad_item_is_refused_with_its_name(catalog: Catalog) -> None:
    document = batched(batch("b", "integer", given([8], label="Sizes")), node("n", "noise"), edges=["b.value>n.width"])
    workflow = made(document, catalog)
    assert workflow(sizes=[8, 64]).sizes == [8, 64]
    refused: list[tuple[list[Any], str]] = [
        ([8, 9], "multiple of 8"),
        ([0], "greater than 0"),
        ([], "at least 1 item"),
        ([8.5], "integer"),
    ]
    for items, said in refused:
        with pytest.raises(InputError, match=said) as caught:
            workflow(sizes=items)
        assert 'A.sizes ("Sizes")' in str(caught.value)


def test_items_that_their_targets_refuse_must_be_given(catalog: Catalog) -> None:
    document = batched(batch("b", "integer", [8, 9]), node("n", "noise"), edges=["b.value>n.width"])
    module, report = resolved(document, catalog)
    found = only(report, "FB204")
    assert found.pointer == "/nodes/0/data/inputs/integers/value"
    assert "[8, 9]" in found.message
    assert "no multiple of 8" in found.message
    (item,) = module.inputs
    assert (item.required, item.default, item.default_code) == (True, None, None)
    with pytest.raises(InputError, match=r"A\.integers .*is required"):
        made(document, catalog)()


@pytest.mark.parametrize("saved", [..., [], None])
def test_a_batch_without_items_must_be_given_some(saved: Any, catalog: Catalog) -> None:
    module, report = resolved(widths(saved), catalog)
    assert "has no items" in only(report, "FB305").message
    assert only(report, "FB305").severity == "warning"
    assert [i.required for i in module.inputs] == [True]


def test_a_batch_has_more_pictures_than_one_run_takes(catalog: Catalog) -> None:
    saved = [{"image_name": f"{n}.png"} for n in range(5)]
    document = batched(batch("b", "image", saved), node("n", "llava_onevision_vllm"), edges=["b.image>n.images"])
    module, report = resolved(document, catalog)
    assert "FB204" not in codes(report)
    found = input_of(module, "images")
    assert found.annotation == "Annotated[list[ImageInput], Field(min_length=1)]"
    assert len(found.default) == 5


def test_integers_into_floats_are_whole_and_in_the_floats_limits(catalog: Catalog) -> None:
    noise = node("n", "img_noise", {"image": {"image_name": "x"}})
    document = batched(batch("b", "integer", [0]), noise, edges=["b.value>n.amount"])
    workflow = made(document, catalog)
    assert workflow(integers=[0, 1]).integers == [0, 1]
    for item in (2, 0.5):
        with pytest.raises(InputError):
            workflow(integers=[item])


def test_what_a_batch_feeds_is_read_only_in_the_form(catalog: Catalog) -> None:
    module, report = resolved(widths([8], form=form("p.width", "b.integers")), catalog)
    assert "a batch feeds it" in only(report, "FB206").message
    assert input_of(module, "width").kind == "fed"
    assert "Read-only: a batch feeds it." in input_of(module, "width").doc


def test_generators_and_lists_without_effect_are_read_only(catalog: Catalog) -> None:
    document = batched(
        batch("b", "image", [{"image_name": "a.png"}], group="None"),
        generator("g", COUNTED),
        edges=["b.width>p.width"],
        form=form("b.images", "b.batch_group_id", "g.generator"),
    )
    module, report = resolved(document, catalog)
    said = [d.message for d in report if d.code == "FB206"]
    assert [text.partition("but ")[2].partition(",")[0] for text in said] == [
        "nothing takes its items",
        "nothing takes its items",
        "it feeds no batch",
    ]
    assert [i.kind for i in module.inputs] == ["fed"] * 3


def test_the_list_of_inputs_shows_batches(catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", given([8], label="Sizes"), group="None"),
        node("n", "noise"),
        edges=["b.value>n.width"],
        form=form("p.height", "b.integers", "b.batch_group_id"),
    )
    workflow = made(document, catalog)
    listed = inputs(workflow)
    assert [(i.index, i.attribute, i.required) for i in listed] == [
        (0, "height", False),
        (1, "sizes", False),
        (2, "batch_group", False),
    ]
    assert listed.find("sizes").default == [8]
    assert listed.find("sizes").limits == {"min_length": 1}
