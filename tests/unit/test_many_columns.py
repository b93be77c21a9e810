"""Instances are checked column by column, and refused as single ones are: with the same words, and their places."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.errors import InputError
from flowbind.instances import of_one_class
from flowbind.invokeai import UNSET, Color, Image, ModelRef
from flowbind.invokeai.runs.columns import Column, checked_columns
from flowbind.invokeai.runs.submitting import checked
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog

from .many import KINDS, requests_for
from .objects import catalog_with, drawn_class, field, ref

BAD: list[Any] = [None, True, -1, 1, 1.5, "a", "RGB", "\ud800", [1], ["a"], [True], Color(1, 2, 3), UNSET, Path("x")]
BAD += [ModelRef("Tiny"), Image("a"), {"a": 1}, float("nan"), 2**70, ["\ud800"], Image("\ud800"), b"PNG"]


def single(row: Workflow[Any]) -> list[str]:
    """Return what the submit of one instance finds wrong."""
    try:
        checked(row)
    except InputError as error:
        return [*error.problems]
    return []


@given(st.lists(st.dictionaries(st.sampled_from([*KINDS.model_fields]), st.sampled_from(BAD), max_size=3), min_size=1))
def test_a_column_refuses_what_a_single_instance_refuses(rows: list[dict[str, Any]]) -> None:
    # `model_copy` checks nothing.
    instances = [KINDS(width=64).model_copy(update=row) for row in rows]
    wanted = [(place, said) for place, instance in enumerate(instances) for said in single(instance)]
    wrong = [*dict.fromkeys(place for place, _ in wanted)]
    if wrong:
        with pytest.raises(InputError) as caught:
            checked_columns(instances)
        told = [f"workflows[{place}]: {said}" for place, said in wanted if place in wrong[:10]]
        more = [f"{len(wrong) - 10} more instances have values that are refused."] if len(wrong) > 10 else []
        assert [*caught.value.problems] == told + more
        return
    for name, column in checked_columns(instances).items():
        values = column.values * len(rows) if column.same else column.values
        for instance, value in zip(instances, values, strict=True):
            assert value == (getattr(instance, name) if name in instance.model_fields_set else UNSET)


def test_one_bad_value_among_ten_thousand_is_named() -> None:
    rows = [KINDS(width=n) for n in range(10_000)]
    rows[7_531] = rows[0].model_copy(update={"width": "wide"})
    with pytest.raises(InputError) as caught:
        checked_columns(rows)
    assert str(caught.value) == ("workflows[7531]: Kinds.width (\"Width\") is 'wide': Input should be a valid integer.")


def test_an_input_that_does_not_exist_is_named() -> None:
    rows = [KINDS(), KINDS().model_copy(update={"widht": 5})]
    with pytest.raises(InputError, match=re.escape("workflows[1]: Kinds has no input 'widht': did you mean")):
        checked_columns(rows)


def test_only_the_inputs_that_somebody_sets_are_columns() -> None:
    columns = checked_columns([KINDS(width=64, text="a"), KINDS(width=64, height=8)])
    assert columns == {
        "width": Column([64], same=True),
        "height": Column([UNSET, 8]),
        "text": Column(["a", UNSET]),
    }


def test_a_list_that_was_changed_counts_as_set() -> None:
    changed = KINDS()
    changed.numbers.append(3)
    assert checked_columns([KINDS(), changed]) == {"numbers": Column([UNSET, [1, 2, 3]])}
    changed.numbers.append("4")
    with pytest.raises(InputError, match=r"workflows\[1\]: Kinds\.numbers"):
        checked_columns([KINDS(), changed])


def test_numbers_are_as_the_class_holds_them() -> None:
    (column,) = checked_columns([KINDS().model_copy(update={"strength": n}) for n in (1, 2.5)]).values()
    assert [type(value) for value in column.values] == [float, float]


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([None], "workflows[1] is a NoneType, no workflow"),
        ([{"width": 5}], "workflows[1] is a dict, no workflow"),
        ([KINDS], "workflows[1] is a ModelMetaclass, no workflow"),
    ],
)
def test_what_is_no_workflow_is_named(others: list[Any], said: str) -> None:
    with pytest.raises(TypeError, match=re.escape(said)):
        of_one_class([KINDS(), *others], "InvokeAI")


def test_another_class_is_named() -> None:
    class Other(KINDS):
        pass

    with pytest.raises(TypeError, match=r"workflows\[2\] is a Other, workflows\[0\] a Kinds: .* one class"):
        of_one_class([KINDS(), KINDS(), Other()], "InvokeAI")


def test_one_instance_is_not_several() -> None:
    with pytest.raises(TypeError, match="This is one Kinds, not several"):
        of_one_class(KINDS(), "InvokeAI")


def test_any_iterable_will_do() -> None:
    assert len(requests_for(KINDS(width=n) for n in (64, 128))) == 1


@pytest.fixture(scope="module")
def curves() -> type[Workflow[Any]]:
    """A class whose input takes an object."""
    catalog: Catalog = catalog_with({"curve": field(ref("Curve"))})
    return drawn_class(catalog, curve={"points": [{"x": 1}]})


def test_objects_are_checked_and_compared_as_they_are_sent(curves: type[Workflow[Any]]) -> None:
    rows = [curves(), curves(), curves()]
    rows[1].curve.points[0].x = 2.0
    rows[2].curve.points[0].x = 1.0
    assert [[*request.places] for request in requests_for(rows)] == [[0, 2], [1]]
    rows[1].curve.points.append("no point")
    with pytest.raises(InputError, match=r"workflows\[1\]: A\.curve"):
        requests_for(rows)
