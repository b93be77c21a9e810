"""Outputs that are no pictures: values at the end, returned values, branches, loops, and what stays inside."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.invokeai import Outputs
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import edge, node, picture, resolved, workflow

Found = list[tuple[str, str, str]]


def outputs(*nodes: Any, edges: Any = (), catalog: Catalog) -> Found:
    """Return the outputs of a workflow, each as attribute, annotation and kind."""
    module, _ = resolved(workflow(*nodes, edges=edges), catalog)
    made = class_of(module).__flowbind__
    assert [o.attribute for o in made.outputs] == [o.attribute for o in module.outputs]
    return [(o.attribute, o.annotation, o.kind) for o in module.outputs]


def returned(key: Any, node_id: str = "v", **inputs: Any) -> Any:
    return node(node_id, "workflow_return_value", {"key": key, **inputs})


def test_a_value_at_the_end(catalog: Catalog) -> None:
    assert outputs(node("a", "add", label="The Sum"), catalog=catalog) == [("the_sum", "int", "scalar")]
    assert outputs(node("a", "add"), catalog=catalog) == [("value", "int", "scalar")]


def test_a_value_that_another_node_takes_is_none(catalog: Catalog) -> None:
    found = outputs(node("a", "add"), node("b", "add"), edges=[edge("a.value", "b.a")], catalog=catalog)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("kind", "name", "annotation"),
    [
        ("add", "value", "int"),
        ("float_math", "value", "float"),
        ("string_join", "value", "str"),
        ("range", "collection", "list[int]"),
        ("float_range", "collection", "list[float]"),
        ("string_split_neg", "positive_string", "str"),
    ],
)
def test_kinds_of_values(kind: str, name: str, annotation: str, catalog: Catalog) -> None:
    found = outputs(node("a", kind), catalog=catalog)
    assert found[0] == (name, annotation, "scalar")


def test_several_values_of_one_node(catalog: Catalog) -> None:
    plain = outputs(node("a", "string_split_neg"), catalog=catalog)
    assert [o[0] for o in plain] == ["positive_string", "negative_string"]
    labelled = outputs(node("a", "string_split_neg", label="Split"), catalog=catalog)
    assert [o[0] for o in labelled] == ["split_positive_string", "split_negative_string"]
    two = outputs(node("a", "string_split_neg"), node("b", "string_split_neg"), catalog=catalog)
    assert len({o[0] for o in two}) == 4


def test_handles_are_no_outputs(catalog: Catalog) -> None:
    # Latents, models and conditioning are names that only the server can use.
    assert outputs(node("n", "noise"), catalog=catalog) == []
    saved = {"key": "k", "hash": "h", "name": "n", "base": "sd-1", "type": "main"}
    assert outputs(node("m", "main_model_loader", {"model": saved}), catalog=catalog) == []


def test_constants_left_over_are_none(catalog: Catalog) -> None:
    number = node("i", "integer", {"value": 5})
    assert [o[0] for o in outputs(number, picture(), catalog=catalog)] == ["image"]
    assert outputs(number, node("a", "add", label="Sum"), catalog=catalog) == [("sum", "int", "scalar")]
    # Where there is nothing else, they are what the workflow gives.
    assert outputs(number, catalog=catalog) == [("value", "int", "scalar")]
    fed = outputs(node("a", "add"), number, picture(), edges=[edge("a.value", "i.value")], catalog=catalog)
    assert [o[0] for o in fed] == ["value", "image"]


def test_a_loop_makes_lists(catalog: Catalog) -> None:
    nodes = [node("r", "range"), node("t", "iterate"), node("a", "add", label="Sum"), node("g", "range", label="Many")]
    wires = [edge("r.collection", "t.collection"), edge("t.item", "a.a"), edge("t.item", "g.start")]
    found = outputs(*nodes, edges=wires, catalog=catalog)
    assert found == [("sum", "list[int]", "scalar"), ("many", "list[list[int]]", "scalar")]
    module, _ = resolved(workflow(*nodes, edges=wires), catalog)
    assert all(o.repeated and o.many for o in module.outputs)


def test_a_collected_list(catalog: Catalog) -> None:
    nodes = [node("r", "range"), node("t", "iterate"), node("a", "add"), node("k", "collect", label="All")]
    wires = [edge("r.collection", "t.collection"), edge("t.item", "a.a"), edge("a.value", "k.item")]
    assert outputs(*nodes, edges=wires, catalog=catalog) == [("all", "list[int]", "scalar")]


def test_collected_pictures_and_mixtures(catalog: Catalog) -> None:
    one = outputs(picture(), node("k", "collect"), edges=[edge("p.image", "k.item")], catalog=catalog)
    assert [o[0] for o in one] == ["image"]
    mixed = outputs(
        node("a", "add"),
        node("f", "float_math"),
        node("k", "collect", label="All"),
        edges=[edge("a.value", "k.item"), edge("f.value", "k.item")],
        catalog=catalog,
    )
    # The editor collects one type alone: the second wire is left out.
    assert mixed == [("value", "float", "scalar"), ("all", "list[int]", "scalar")]


def branching(*, repeat: bool = False) -> tuple[list[Any], list[Any]]:
    """Return nodes and wires with a picture that only one branch needs."""
    nodes = [
        node("b", "boolean", {"value": True}),
        picture(),
        node("q", "blank_image", visible=True, label="Other"),
        node("x", "if"),
        node("s", "save_image", visible=True, label="Saved"),
    ]
    wires = [
        edge("b.value", "x.condition"),
        edge("p.image", "x.true_input"),
        edge("q.image", "x.false_input"),
        edge("x.value", "s.image"),
    ]
    if repeat:
        nodes += [node("r", "range"), node("t", "iterate")]
        wires += [edge("r.collection", "t.collection"), edge("t.item", "p.width")]
    return nodes, wires


def test_a_branch_may_not_run(catalog: Catalog) -> None:
    nodes, wires = branching()
    assert outputs(*nodes, edges=wires, catalog=catalog) == [
        ("image", "Image | None", "image"),
        ("other", "Image | None", "image"),
        ("saved", "Image", "image"),
    ]
    module, _ = resolved(workflow(*nodes, edges=wires), catalog)
    assert [o.optional for o in module.outputs] == [True, True, False]
    assert "None where the branch that it belongs to is not taken." in " ".join(module.outputs[0].doc.split())


def test_a_branch_in_a_loop_gives_a_shorter_list(catalog: Catalog) -> None:
    nodes, wires = branching(repeat=True)
    module, _ = resolved(workflow(*nodes, edges=wires), catalog)
    first = next(o for o in module.outputs if o.node_id == "p")
    assert (first.annotation, first.optional, first.repeated) == ("list[Image]", True, True)
    assert "iterations that do not take the branch" in " ".join(first.doc.split())


def test_what_something_else_needs_too_always_runs(catalog: Catalog) -> None:
    nodes, wires = branching()
    nodes.append(node("z", "img_resize", visible=True, label="Resized"))
    found = outputs(*nodes, edges=[*wires, edge("p.image", "z.image")], catalog=catalog)
    assert found[0] == ("image", "Image", "image")


def test_returned_values(catalog: Catalog) -> None:
    nodes = [
        returned("The Sum", "v"),
        returned(" text ", "w", value="x"),
        returned("picture", "u"),
        node("k", "collect"),
        node("end", "workflow_return"),
        node("a", "add"),
        node("p", "blank_image"),
    ]
    wires = [
        edge("a.value", "v.value"),
        edge("p.image", "u.value"),
        edge("v.value", "k.item"),
        edge("w.value", "k.item"),
        edge("u.value", "k.item"),
        edge("k.collection", "end.values"),
    ]
    module, _ = resolved(workflow(*nodes, edges=wires), catalog)
    found = {o.key: (o.attribute, o.annotation) for o in module.outputs if o.key}
    assert found["The Sum"] == ("the_sum", "int")
    assert found["text"] == ("text", "str")
    assert found["picture"] == ("picture", "Image")
    slots = {s.key: s for s in class_of(module).__flowbind__.outputs}
    assert slots["The Sum"].field == "values"
    docs = {o.key: o.doc for o in module.outputs}
    assert 'The value "The Sum" that the workflow returns.' in docs["The Sum"]


@pytest.mark.parametrize(
    "key", ['"""', "'); print('pwned", "class", "__init__", "🎨", "\n", "\\", "x" * 300, "é\u202e"]
)
def test_keys_of_strangers(key: str, catalog: Catalog) -> None:
    nodes = [returned(key, value=5), node("k", "collect"), node("end", "workflow_return")]
    wires = [edge("v.value", "k.item"), edge("k.collection", "end.values")]
    module, _ = resolved(workflow(*nodes, edges=wires), catalog)
    made = class_of(module)
    for slot in made.__flowbind__.outputs:
        assert slot.key in (None, key.strip())
        assert slot.attribute.isidentifier()
        assert slot.attribute not in dir(Outputs)


def test_a_key_that_only_a_run_can_tell(catalog: Catalog) -> None:
    nodes = [returned("x", value=5), node("s", "string_join"), node("k", "collect"), node("end", "workflow_return")]
    wires = [edge("s.value", "v.key"), edge("v.value", "k.item"), edge("k.collection", "end.values")]
    assert ("values", "dict[str, JsonValue]", "value") in outputs(*nodes, edges=wires, catalog=catalog)


def test_names_of_pictures_and_values_are_told_apart(catalog: Catalog) -> None:
    found = outputs(node("a", "add", label="Image"), picture(), node("b", "add", label="image"), catalog=catalog)
    names = [o[0] for o in found]
    assert len(names) == len(set(names)) == 3
    assert all(n.isidentifier() for n in names)


def test_inspect_names_the_kinds(catalog: Catalog) -> None:
    module, _ = resolved(workflow(node("a", "add", label="Sum"), picture()), catalog)
    assert [o.as_json() for o in module.outputs] == [
        {"attribute": "sum", "node_id": "a", "node_type": "add", "kind": "scalar", "many": False},
        {"attribute": "image", "node_id": "p", "node_type": "blank_image", "kind": "image", "many": False},
    ]
