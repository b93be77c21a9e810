"""Generators that feed batches: whose attribute stands for them, and what an unset one gives."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.invokeai import UNSET
from flowbind_generator.invokeai.catalog import Catalog

from .batch_exports import batch, batched, generator, made
from .exports import codes, edge, form, node, only, resolved

COUNTED = {"type": "integer_generator_arithmetic_sequence", "start": 8, "step": 8, "count": 3}
DRAWN = {"type": "integer_generator_random_distribution_uniform", "min": 1, "max": 9, "count": 4}
PROMPTS = {"type": "string_generator_dynamic_prompts_combinatorial", "input": "a {red|blue} fox", "maxPrompts": 7}
BOARD = {"type": "image_generator_images_from_board", "board_id": "board-1", "category": "assets"}


def image_batch(saved: Any) -> dict[str, Any]:
    """Return a workflow whose pictures an image generator gives."""
    return batched(
        batch("b", "image", [{"image_name": "own.png"}]),
        generator("g", saved, kind="image"),
        node("r", "img_resize"),
        edges=["g.images>b.images", "b.image>r.image"],
    )


@pytest.mark.parametrize(("in_form", "index"), [(["g.generator"], 0), ([], None)])
def test_a_generator_in_the_form_stands_for_its_batch(in_form: list[str], index: int | None, catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [5]),
        generator("g", COUNTED),
        edges=["g.integers>b.integers", "b.value>p.width"],
        form=form(*in_form),
    )
    module, report = resolved(document, catalog)
    (found,) = module.inputs
    assert codes(report) == []
    assert (found.index, found.node_id) == (index, "g" if in_form else "b")
    assert (found.cardinality, found.default, found.required) == ("list", [8, 16, 24], False)
    assert found.annotation == "Annotated[list[int], Field(min_length=1)]"


def test_a_batchs_own_list_is_read_only_beside_its_generator(catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [5]),
        generator("g", COUNTED),
        edges=["g.integers>b.integers", "b.value>p.width"],
        form=form("b.integers", "g.generator"),
    )
    module, report = resolved(document, catalog)
    assert "a generator feeds it" in only(report, "FB206").message
    assert [(i.field_name, i.kind) for i in module.inputs] == [("integers", "fed"), ("generator", "items")]
    with pytest.raises(InputError):
        made(document, catalog)(integers=[1])


def test_two_batches_of_one_generator_in_the_form_are_one_input(catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer", group="Group 1"),
        batch("b", "integer", group="None"),
        generator("g", COUNTED),
        node("n", "noise"),
        edges=["g.integers>a.integers", "g.integers>b.integers", "a.value>p.width", "b.value>n.width"],
        form=form("g.generator"),
    )
    module, _ = resolved(document, catalog)
    (found,) = module.inputs
    assert found.limits.multiple_of == 8
    assert [(b.attribute, b.node_id) for b in module.batches] == [(found.attribute, "a"), (found.attribute, "b")]


def test_two_batches_of_one_generator_have_a_list_each(catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer"),
        batch("b", "integer"),
        generator("g", COUNTED),
        edges=["g.integers>a.integers", "g.integers>b.integers", "a.value>p.width", "b.value>p.height"],
    )
    module, _ = resolved(document, catalog)
    assert [i.default for i in module.inputs] == [[8, 16, 24]] * 2
    assert len({b.attribute for b in module.batches}) == 2


@pytest.mark.parametrize(
    ("kind", "saved", "said"),
    [
        ("integer", DRAWN, "Unset, each submit draws 4 whole numbers from 1 to 9."),
        ("string", PROMPTS, "Unset, the server expands the dynamic prompt 'a {red|blue} fox' to at most 7 prompts."),
    ],
)
def test_what_only_a_run_can_say_is_left_to_it(kind: str, saved: dict[str, Any], said: str, catalog: Catalog) -> None:
    name = f"{kind}s"
    document = batched(batch("b", kind), generator("g", saved), edges=[f"g.{name}>b.{name}", "b.value>s.value"])
    module, report = resolved(document, catalog)
    (found,) = module.inputs
    assert codes(report) == []
    assert said in " ".join(found.doc.split())
    assert (found.required, found.default, found.default_code) == (False, None, "UNSET")
    assert module.batches[0].generator == saved
    assert getattr(made(document, catalog)(), found.attribute) is UNSET


def test_an_image_generator_keeps_its_board(catalog: Catalog) -> None:
    module, report = resolved(image_batch(BOARD), catalog)
    assert codes(report) == []
    (found,) = module.inputs
    assert (found.kind, found.required, found.annotation) == (
        "images",
        False,
        "Annotated[list[ImageInput], Field(min_length=1)] | Unset",
    )
    assert "the assets of the board 'board-1' are taken" in " ".join(found.doc.split())
    assert module.batches[0].generator == BOARD


@pytest.mark.parametrize("saved", [{"type": BOARD["type"]}, {"board_id": " "}, COUNTED, {}])
def test_an_image_generator_without_a_board_gives_nothing(saved: dict[str, Any], catalog: Catalog) -> None:
    module, report = resolved(image_batch(saved), catalog)
    assert "has no items" in only(report, "FB305").message
    (found,) = module.inputs
    assert (found.required, found.default) == (True, None)


def test_a_generator_of_another_kind_gives_nothing(catalog: Catalog) -> None:
    saved = {"type": "float_generator_arithmetic_sequence", "start": 1, "step": 1, "count": 3}
    document = batched(
        batch("b", "integer", [5]),
        generator("g", saved, kind="integer"),
        edges=["g.integers>b.integers", "b.value>p.width"],
    )
    module, report = resolved(document, catalog)
    assert codes(report) == ["FB305"]
    assert [i.required for i in module.inputs] == [True]


def test_a_generator_of_fractions_need_not_name_its_kind(catalog: Catalog) -> None:
    document = batched(
        batch("b", "float", []), generator("g", {"start": 2, "count": 2}, kind="float"), edges=["g.floats>b.floats"]
    )
    document["nodes"].append(node("f", "float", {"value": 0.5}))
    document["edges"].append(edge("b.value", "f.value"))
    module, _ = resolved(document, catalog)
    assert [b.generator for b in module.batches] == [None]
    assert next(i.default for i in module.inputs if i.field_name == "floats") == [2, 2.1]


def test_what_the_editor_leaves_of_a_board_is_a_generator(catalog: Catalog) -> None:
    module, _ = resolved(image_batch({"board_id": "board-1"}), catalog)
    assert [b.generator for b in module.batches] == [BOARD | {"category": "images"}]
