"""The range of a form's shuffle button: the editor's, and never a number that the server refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter
from pydantic_core import SchemaError

from flowbind.drawing import drawn
from flowbind.workflow import STRICT
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.invokeai.document import FieldId
from flowbind_generator.invokeai.engine import shipped_catalog
from flowbind_generator.invokeai.form import FormField
from flowbind_generator.invokeai.limits import LIMIT_KEYS
from flowbind_generator.invokeai.node_types import InputField
from flowbind_generator.invokeai.python_types import python_type
from flowbind_generator.invokeai.shuffle import random_range
from flowbind_generator.ir import RandomRange

from .exports import edge, form, node, picture, resolved, workflow

FARTHEST = 4294967295
CATALOG = shipped_catalog()


def number(kind: str, **bounds: Any) -> InputField:
    """Return the value of an integer or float node, with other bounds in its schema."""
    node_type = CATALOG.get(kind)
    assert node_type
    field = node_type.inputs["value"]
    return replace(field, schema={**field.schema, **bounds})


def button(kind: str, **settings: Any) -> FormField:
    """Return the element of a form that has a shuffle button."""
    return FormField(0, FieldId("n", "value"), (), {"type": f"{kind}-field-config", "showShuffle": True, **settings})


def ranged(kind: str, settings: dict[str, Any], **bounds: Any) -> tuple[float, float, float | None] | None:
    found = random_range(number(kind, **bounds), button(kind, **settings))
    return None if found is None else (found.minimum, found.maximum, found.step)


@pytest.mark.parametrize(
    ("settings", "bounds", "wanted"),
    [
        ({}, {}, (-FARTHEST, FARTHEST, 1)),
        ({}, {"minimum": 0, "maximum": FARTHEST}, (0, FARTHEST, 1)),
        ({"min": 1, "max": 9}, {}, (1, 9, 1)),
        ({"min": 1, "max": 9}, {"minimum": 3, "maximum": 100}, (3, 9, 1)),
        ({"min": 1.5, "max": 9.5}, {}, (2, 9, 1)),
        ({"max": 9}, {"minimum": 3}, (3, 9, 1)),
        ({}, {"exclusiveMinimum": 0, "exclusiveMaximum": 5}, (1, 4, 1)),
        ({"min": 1, "max": 100}, {"multipleOf": 8}, (8, 96, 8)),
        ({"min": 1, "max": 10}, {"multipleOf": 2.5}, (5, 10, 5)),
        ({"min": 9, "max": 1}, {}, None),
        ({"min": 1, "max": 7}, {"multipleOf": 8}, None),
        ({"min": 1, "max": 7}, {"minimum": 8}, None),
        ({}, {"minimum": 2 * FARTHEST}, None),
    ],
)
def test_the_range_of_whole_numbers(settings: Any, bounds: Any, wanted: Any) -> None:
    assert ranged("integer", settings, **bounds) == wanted


@pytest.mark.parametrize(
    ("settings", "bounds", "wanted"),
    [
        ({}, {}, (-FARTHEST, FARTHEST, None)),
        ({"min": 0, "max": 1}, {}, (0, 1, None)),
        ({}, {"exclusiveMinimum": 0, "exclusiveMaximum": 1}, (0.01, 0.99, None)),
        ({"min": 0.001}, {"exclusiveMinimum": 0, "maximum": 1}, (0.001, 1, None)),
        ({"min": 0}, {"exclusiveMinimum": 0, "maximum": 1}, (0.01, 1, None)),
        ({"min": 0.25, "max": 1}, {"multipleOf": 0.1}, (0.3, 1, 0.1)),
        ({}, {"exclusiveMinimum": 0, "exclusiveMaximum": 0.01}, None),
    ],
)
def test_the_range_of_numbers_with_a_fraction(settings: Any, bounds: Any, wanted: Any) -> None:
    found = ranged("float", settings, **bounds)
    assert found == wanted
    assert all(isinstance(n, float) for n in found or () if n is not None)


@pytest.mark.parametrize(
    "public",
    [
        None,
        button("integer", showShuffle=False),
        button("float"),
        FormField(0, FieldId("n", "value"), (), {}),
        FormField(0, FieldId("n", "value"), (), {"showShuffle": True}),  # to the editor a float's
    ],
)
def test_without_a_button_nothing_is_drawn(public: FormField | None) -> None:
    assert random_range(number("integer"), public) is None


def test_which_inputs_offer_it(catalog: Catalog) -> None:
    whole = {"type": "integer-field-config", "showShuffle": True}
    other = {"type": "float-field-config", "showShuffle": True}
    nodes = (
        picture(width=64),
        node("n", "noise", {"seed": 7, "width": 64, "height": 64}),
        node("d", "denoise_latents", {"cfg_scale": 7.0}),
        node("c", "integer_collection", {"collection": [1]}),
        node("s", "string", {"value": "7"}),
        node("t", "flux_text_encoder", {"t5_max_seq_len": 256}),
    )
    shown = form(
        ("p.width", whole),
        ("n.seed", whole),
        ("n.height", other),
        ("d.cfg_scale", other),
        ("c.collection", whole),
        ("s.value", whole),
        ("t.t5_max_seq_len", whole),
    )
    edges = [edge("n.width", "p.width")]
    module, _ = resolved(workflow(*nodes, edges=edges, form=shown), catalog)
    assert {i.field_name: i.random for i in module.inputs if i.random} == {
        "seed": RandomRange(0, FARTHEST, 1),
        "cfg_scale": RandomRange(-float(FARTHEST), float(FARTHEST), None),
    }
    offering = {i.field_name for i in module.inputs if "Random" in i.annotation}
    assert offering == {"seed", "cfg_scale"}
    (seed,) = (i for i in module.inputs if i.field_name == "seed")
    assert "RANDOM draws a new number for each run, from 0 to 4294967295." in " ".join(seed.doc.split())
    assert not [i for i in module.inputs if i.field_name not in offering and "RANDOM" in i.doc]


bound = st.integers(-1000, 1000) | st.floats(-1000, 1000) | st.sampled_from([0, 0.1, 1e-9, -1e300, 2**53])
limits = st.fixed_dictionaries({}, optional=dict.fromkeys(list(LIMIT_KEYS)[:4], bound))
steps = st.none() | st.integers(1, 300) | st.sampled_from([0.1, 0.25, 2.5, 1e-3, 0.3])


@settings(max_examples=200)
@given(st.sampled_from(["integer", "float"]), st.none() | bound, st.none() | bound, limits, steps)
def test_whatever_the_limits_a_drawn_number_is_accepted(
    kind: str, low: Any, high: Any, bounds: dict[str, Any], step: Any
) -> None:
    offered = {name: end for name, end in (("min", low), ("max", high)) if end is not None}
    field = number(kind, **bounds, **({} if step is None else {"multipleOf": step}))
    found = random_range(field, button(kind, **offered))
    event("nothing to draw" if found is None else f"drawn, step {found.step}")
    if found is None:
        return
    try:
        annotation = eval(python_type(field).annotation, {"Annotated": Annotated, "Field": Field})
        accepts = TypeAdapter(annotation, config=STRICT | {"defer_build": False})
    except SchemaError:
        event("a class that pydantic cannot build")
        return
    for _ in range(20):
        one = drawn(found.minimum, found.maximum, found.step)
        accepts.validate_python(one)
        assert found.minimum <= one <= found.maximum
        assert low is None or one >= low
        assert high is None or one <= high
