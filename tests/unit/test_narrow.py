"""Items of a batch keep the limits of all inputs that take them."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.narrow import narrowed
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.python_types import python_type
from flowbind_generator.limits import Limits

LISTS = {"integer": "integers", "float": "floats", "string": "strings", "image": "images"}


def narrow(catalog: Catalog, kind: str, *targets: Limits) -> InputField:
    """Return the list input of a batch node for inputs of these limits."""
    node_type = catalog.get(f"{kind}_batch")
    assert node_type is not None
    return narrowed(node_type.inputs[LISTS[kind]], targets)


def bounds(catalog: Catalog, kind: str, *targets: Limits) -> dict[str, Any]:
    """Return the limits of an item that are set."""
    found = vars(narrow(catalog, kind, *targets).limits)
    assert found["min_items"] == 1
    return {name: value for name, value in found.items() if value is not None and name != "min_items"}


@pytest.mark.parametrize("kind", LISTS)
def test_no_target_has_no_limits(kind: str, catalog: Catalog) -> None:
    assert bounds(catalog, kind) == bounds(catalog, kind, Limits(), Limits()) == {}


def test_the_tightest_bounds_count(catalog: Catalog) -> None:
    one, other = Limits(minimum=0, maximum=10), Limits(minimum=-5, maximum=7)
    assert bounds(catalog, "float", one, other) == {"minimum": 0, "maximum": 7}
    assert bounds(catalog, "float", one, Limits()) == {"minimum": 0, "maximum": 10}


def test_exclusive_bounds_stand_beside_the_others(catalog: Catalog) -> None:
    one, other = Limits(minimum=0, exclusive_maximum=1), Limits(exclusive_minimum=0, maximum=1)
    assert bounds(catalog, "float", one, other) == {
        "minimum": 0,
        "maximum": 1,
        "exclusive_minimum": 0,
        "exclusive_maximum": 1,
    }


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (Limits(minimum=0.5, maximum=7.5), {"minimum": 1, "maximum": 7}),
        (Limits(minimum=-0.5, maximum=-0.5), {"minimum": 0, "maximum": -1}),
        (Limits(exclusive_minimum=0.5, exclusive_maximum=7.5), {"exclusive_minimum": 0, "exclusive_maximum": 8}),
        (Limits(exclusive_minimum=0, exclusive_maximum=1), {"exclusive_minimum": 0, "exclusive_maximum": 1}),
        (Limits(multiple_of=0.5), {"multiple_of": 1}),
        (Limits(multiple_of=1.5), {"multiple_of": 3}),
        (Limits(multiple_of=0.1), {"multiple_of": 1}),
        (Limits(multiple_of=8.0), {"multiple_of": 8}),
    ],
)
def test_integers_into_floats_have_whole_limits(limits: Limits, kept: dict[str, Any], catalog: Catalog) -> None:
    found = bounds(catalog, "integer", limits)
    assert found == kept
    assert all(isinstance(value, int) for value in found.values())


@pytest.mark.parametrize(
    ("kind", "steps", "common"),
    [
        ("integer", (8, 12), 24),
        ("integer", (8, 16, 32), 32),
        ("integer", (8,), 8),
        ("float", (0.5, 0.75), 1.5),
        ("float", (0.1, 0.25), 0.5),
        ("float", (0.5, 2), 2),
        ("integer", (0.75, 2), 6),
    ],
)
def test_a_multiple_of_all_steps(kind: str, steps: tuple[float, ...], common: float, catalog: Catalog) -> None:
    assert bounds(catalog, kind, *(Limits(multiple_of=step) for step in steps)) == {"multiple_of": common}


def test_texts_keep_their_lengths_and_pattern(catalog: Catalog) -> None:
    one, other = Limits(min_length=1, max_length=9), Limits(min_length=3, pattern="^a")
    assert bounds(catalog, "string", one, other) == {"min_length": 3, "max_length": 9, "pattern": "^a"}
    kept = python_type(narrow(catalog, "string", one, other)).annotation
    assert kept == (
        "Annotated[list[Annotated[str, Field(min_length=3, max_length=9, pattern='^a')]], Field(min_length=1)]"
    )


@pytest.mark.parametrize("kind", ["integer", "float", "image"])
def test_lengths_of_texts_and_lists_are_nothing_to_other_items(kind: str, catalog: Catalog) -> None:
    # llava_onevision_vllm.images takes one picture or up to three, and a batch gives it one.
    limits = Limits(min_length=2, max_length=3, pattern="^a", min_items=2, max_items=3)
    assert bounds(catalog, kind, limits) == {}
    assert python_type(narrow(catalog, kind, limits)).annotation.endswith(", Field(min_length=1)]")


@pytest.mark.parametrize("kind", ["string", "image"])
def test_bounds_of_numbers_are_nothing_to_other_items(kind: str, catalog: Catalog) -> None:
    assert bounds(catalog, kind, Limits(minimum=1, maximum=2, multiple_of=2)) == {}


def test_the_number_of_items_is_not_that_of_a_target(catalog: Catalog) -> None:
    assert bounds(catalog, "float", Limits(minimum=1, min_items=2, max_items=3)) == {"minimum": 1}


def test_narrowing_leaves_the_catalog_as_it_is(catalog: Catalog) -> None:
    narrow(catalog, "integer", Limits(minimum=5))
    assert bounds(catalog, "integer") == {}
