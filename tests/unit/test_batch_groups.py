"""Groups of batches, and what is posted for them: the order of lists, the group that the form chooses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbind.errors import InputError
from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import UNSET, Workflow
from flowbind_generator.invokeai.catalog import Catalog

from .batch_exports import batch, batched, generator, made
from .exports import codes, form, given, node, resolved

COUNTED = {"type": "integer_generator_arithmetic_sequence", "start": 8, "step": 8, "count": 3}
DRAWN = {"type": "integer_generator_random_distribution_uniform", "min": 1, "max": 9, "count": 4}


def data(workflow: Workflow[Any]) -> list[list[str]]:
    """Return the lists that are posted, each datum written "node.field=items"."""
    lists = json.loads(preview(workflow)[0])["batch"]["data"]
    return [[f"{d['node_path']}.{d['field_name']}={d['items']}" for d in inner] for inner in lists]


def saved(workflow: Workflow[Any], node_id: str) -> dict[str, Any]:
    """Return the values of a node in the workflow that is stored with pictures."""
    nodes = json.loads(preview(workflow)[0])["batch"]["workflow"]["nodes"]
    (found,) = (n for n in nodes if n["id"] == node_id)
    return {name: entry.get("value", ...) for name, entry in found["data"]["inputs"].items()}


def three(*groups: Any) -> dict[str, Any]:
    """Return a workflow of three batches of the given groups, with two items each."""
    return batched(
        batch("a", "integer", [1, 2], group=groups[0]),
        batch("b", "integer", [3, 4], group=groups[1]),
        batch("c", "string", ["x", "y"], group=groups[2]),
        edges=["c.value>s.value", "b.value>p.height", "a.value>p.width"],
    )


A, B, C = "p.width=[1, 2]", "p.height=[3, 4]", "s.value=['x', 'y']"


@pytest.mark.parametrize(
    ("groups", "lists"),
    [
        (("None", "None", "None"), [[A], [B], [C]]),
        (("Group 1", "Group 1", "Group 1"), [[A, B, C]]),
        (("Group 1", "None", "Group 1"), [[A, C], [B]]),
        (("None", "Group 1", "None"), [[A], [C], [B]]),
        (("None", "Group 1", "Group 1"), [[A], [B, C]]),
        (("Group 2", "Group 1", "Group 2"), [[A, C], [B]]),
        (("Group 2", "Group 1", "None"), [[A], [B], [C]]),
        ((..., "None", ...), [[A, C], [B]]),
        (("Group 9", "Group 9", ...), [[A, B], [C]]),
    ],
)
def test_groups_are_in_the_order_of_their_first_node(groups: Any, lists: list[list[str]], catalog: Catalog) -> None:
    assert data(made(three(*groups), catalog)()) == lists


def test_all_targets_of_a_batch_advance_together(catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [1, 2]), batch("c", "string", ["x"]), edges=["b.value>p.width", "b.value>p.height"]
    )
    document["edges"].append(document["edges"][0] | {"id": "e", "source": "c", "target": "s", "targetHandle": "value"})
    workflow = made(document, catalog)
    # Neither has a group in the file, which counts as one group of both.
    with pytest.raises(InputError, match="must have one length"):
        preview(workflow())
    assert data(workflow(integers=[7])) == [["p.width=[7]", "p.height=[7]", "s.value=['x']"]]


def test_lists_of_unequal_length_name_both_inputs(catalog: Catalog) -> None:
    document = batched(
        batch("a", "integer", given([1, 2], label="Widths"), group="Group 1"),
        batch("b", "integer", given([1, 2], label="Heights"), group="Group 1"),
        edges=["a.value>p.width", "b.value>p.height"],
    )
    with pytest.raises(InputError) as caught:
        preview(made(document, catalog)(heights=[1]))
    assert str(caught.value) == (
        'The lists of "Group 1" advance together and must have one length: A.widths ("Widths") has 2, '
        'A.heights ("Heights") has 1.'
    )


def grouped_in_the_form(group: Any, other: Any = "Group 1") -> dict[str, Any]:
    return batched(
        batch("a", "integer", [1, 2], group=group),
        batch("b", "integer", [3, 4], group=other),
        edges=["a.value>p.width", "b.value>p.height"],
        form=form("a.batch_group_id", "a.integers"),
    )


def test_a_group_in_the_form_is_an_input_that_changes_the_runs(catalog: Catalog) -> None:
    workflow = made(grouped_in_the_form("None"), catalog)
    assert data(workflow()) == [[A], [B]]
    together = workflow(batch_group="Group 1")
    assert data(together) == [[A, B]]
    assert saved(together, "a")["batch_group_id"] == "Group 1"
    together.batch_group = "None"
    assert data(together) == [[A], [B]]
    with pytest.raises(InputError, match="batch_group"):
        workflow(batch_group="Group 6")
    with pytest.raises(InputError, match='"Group 1" advance together'):
        preview(workflow(batch_group="Group 1", integers=[1]))


def test_a_group_that_is_none_stays_until_one_is_chosen(catalog: Catalog) -> None:
    workflow = made(grouped_in_the_form("Group 9", "Group 9"), catalog)
    assert workflow().batch_group is UNSET
    assert data(workflow()) == data(workflow(batch_group=UNSET)) == [[A, B]]
    assert saved(workflow(batch_group=UNSET), "a")["batch_group_id"] == "Group 9"
    assert data(workflow(batch_group="Group 1")) == [[A], [B]]


def test_the_group_of_a_batch_without_effect_has_none(catalog: Catalog) -> None:
    document = batched(
        batch("b", "image", [{"image_name": "x"}], group="None"),
        batch("c", "integer", [8], group="None"),
        edges=["b.width>p.width", "c.value>p.height"],
        form=form("b.batch_group_id", "c.batch_group_id"),
    )
    module, report = resolved(document, catalog)
    assert codes(report) == ["FB206", "FB305"]
    assert [(i.node_id, i.kind) for i in module.inputs[:2]] == [("b", "fed"), ("c", "value")]


def test_the_stored_workflow_holds_the_list_that_was_set(catalog: Catalog) -> None:
    document = three("None", "None", "None")
    workflow = made(document, catalog)
    assert saved(workflow(), "a")["integers"] == [1, 2]
    assert saved(workflow(integers=[5]), "a") == {"integers": [5], "batch_group_id": "None"}


@pytest.mark.parametrize("generated", [COUNTED, DRAWN])
def test_the_stored_workflow_keeps_its_generator(generated: dict[str, Any], catalog: Catalog) -> None:
    document = batched(
        batch("b", "integer", [5], group="None"),
        generator("g", generated),
        edges=["g.integers>b.integers", "b.value>p.width"],
        form=form("g.generator"),
    )
    workflow = made(document, catalog)
    (attribute,) = workflow.model_fields
    for instance in (workflow(), workflow(**{attribute: [7]})):
        assert saved(instance, "g")["generator"] == generated
        assert saved(instance, "b")["integers"] == [5]
    assert data(workflow(**{attribute: [7]})) == [["p.width=[7]"]]


def test_an_input_set_to_unset_is_as_it_was(catalog: Catalog) -> None:
    document = batched(
        batch("b", "string", ["own"], group="None"),
        generator("g", {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 2}),
        edges=["g.strings>b.strings", "b.value>s.value"],
    )
    workflow = made(document, catalog)
    assert saved(workflow(strings=UNSET), "b")["strings"] == ["own"]
    assert data(workflow(strings=UNSET)) == data(workflow())


def test_a_preview_draws_and_lists_what_it_does_not_ask(catalog: Catalog) -> None:
    prompts = {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 2}
    board = {"type": "image_generator_images_from_board", "board_id": "board-1", "category": "images"}
    document = batched(
        batch("b", "integer", group="None"),
        generator("g", DRAWN),
        batch("t", "string", group="None"),
        generator("u", prompts),
        batch("i", "image", group="None"),
        generator("v", board),
        node("r", "img_resize"),
        edges=["g.integers>b.integers", "b.value>p.width", "u.strings>t.strings", "t.value>s.value"],
    )
    for start, end in (("v.images", "i.images"), ("i.image", "r.image")):
        source, target = start.split("."), end.split(".")
        ends = {"source": source[0], "sourceHandle": source[1], "target": target[0], "targetHandle": target[1]}
        document["edges"].append({"id": start, "type": "default"} | ends)
    workflow = made(document, catalog)
    text, placeholders = preview(workflow())
    numbers, texts, images = (inner[0]["items"] for inner in json.loads(text)["batch"]["data"])
    assert len(numbers) == 4
    assert set(numbers) <= set(range(1, 10))
    assert (texts, images) == ([prompts], [board])
    assert [p.partition(":")[0] for p in placeholders] == ['A.strings ("Strings")', 'A.images ("Images")']
    _, placeholders = preview(workflow(strings=["x"], images=["a.png"]))
    assert placeholders == ["A.images (\"Images\"): [{'image_name': 'a.png'}]"]
