"""What a run looks up on the server: values of the workflow that have no shape for it are posted as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbind.invokeai.runs.lookup import Lookup
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import form, node, picture, resolved, workflow
from .objects import NULL, catalog_with, drawn_class, field, ref


def looked_up(instance: Workflow[Any]) -> tuple[list[Any], dict[Any, Any]]:
    """Return what the lookup asks the server first, and the values that it found without."""
    operation = Lookup().values(instance)
    try:
        return [next(operation)], {}
    except StopIteration as end:
        values, _ = end.value
        return [], {number: json.loads(value) for number, value in values.items() if value}


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("main_model_loader.model", "a name"),
        ("main_model_loader.model", 5),
        ("main_model_loader.model", {"image_name": "a.png"}),
        ("image.image", "a.png"),
        ("image.image", {"video_name": "a.mp4"}),
        ("blank_image.board", "my board"),
        ("blank_image.board", 5),
        ("core_metadata.model", "a name"),
    ],
)
@pytest.mark.parametrize("shown", [True, False])
def test_a_value_of_another_shape_is_not_looked_up(where: str, value: Any, shown: bool, catalog: Catalog) -> None:
    node_type, field = where.split(".")
    document = workflow(picture(), node("n", node_type, {field: value}), form=form(f"n.{field}") if shown else None)
    module, _ = resolved(document, catalog)
    assert module.graph["nodes"]["n"][field] == value
    assert looked_up(class_of(module)()) == ([], {})


def test_a_model_may_be_set_where_the_workflow_has_none_of_its_shape(catalog: Catalog) -> None:
    document = workflow(picture(), node("n", "main_model_loader", {"model": "a name"}), form=form("n.model"))
    module, _ = resolved(document, catalog)
    asked, _ = looked_up(class_of(module)(model="Dreamshaper"))
    assert "models" in str(asked)


def test_none_leaves_an_object_out_of_what_is_submitted() -> None:
    schema = {"anyOf": [ref("Curve"), NULL]}
    made = drawn_class(catalog_with({"curve": field(schema, default=None)}), curve={"points": [{"x": 1}]})
    asked, found = looked_up(made(curve=None))
    assert (asked, found) == ([], {})
    assert looked_up(made(curve=made().curve))[1] == {0: {"points": [{"x": 1.0, "y": 0.5}], "style": "smooth"}}
