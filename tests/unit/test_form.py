"""The public inputs: the form in preorder, an index for each element, and what becomes of broken forms."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai.catalog import Catalog

from .exports import (
    box,
    codes,
    edge,
    element,
    form,
    form_of,
    given,
    loaded,
    node,
    only,
    picture,
    refused,
    resolved,
    shown,
    workflow,
)

NODES = (picture(width=1, height=2, mode="RGB"), node("i", "integer", {"value": 3}))


def public(document: Any, catalog: Catalog) -> tuple[list[tuple[int, str]], Report]:
    """Return the inputs of a form, each as index and "node.field"."""
    found, report = loaded(document, catalog)
    return [(f.index, f"{f.id.node_id}.{f.id.field_name}") for f in found.fields], report


def test_elements_are_walked_in_preorder_whatever_their_order_in_the_file(catalog: Catalog) -> None:
    tree = form_of(
        box("root", None, "title", "row", "last"),
        shown("last", "p.mode"),
        shown("deep", "p.height", parent="inner"),
        box("inner", "row", "deep"),
        shown("first", "i.value", parent="row"),
        box("row", "root", "first", "line", "inner", "second"),
        element("line", "row", "divider"),
        shown("second", "p.width", parent="row"),
        element("title", "root", "heading", content="Title"),
    )
    found, report = public(workflow(*NODES, form=tree), catalog)
    assert found == [(0, "i.value"), (1, "p.height"), (2, "p.width"), (3, "p.mode")]
    assert codes(report) == []


def test_a_dangling_element_uses_its_index(catalog: Catalog) -> None:
    found, report = public(workflow(*NODES, form=form("gone.value", "p.width", "p.gone", "p.height")), catalog)
    assert found == [(1, "p.width"), (3, "p.height")]
    assert [d.pointer for d in report if d.code == "FB201"] == ["/form/elements/e0", "/form/elements/e2"]


def test_a_repeated_input_uses_its_index(catalog: Catalog) -> None:
    found, report = public(workflow(*NODES, form=form("p.width", "p.width", "p.height")), catalog)
    assert found == [(0, "p.width"), (2, "p.height")]
    assert only(report, "FB202").pointer == "/form/elements/e1"


def test_the_form_wins_over_the_exposed_fields(catalog: Catalog) -> None:
    found, _ = public(workflow(*NODES, form=form("p.height"), exposed=["p.width"]), catalog)
    assert found == [(0, "p.height")]


@pytest.mark.parametrize("empty", [None, form()], ids=["no form", "an empty root"])
def test_else_the_exposed_fields_count(empty: Any, catalog: Catalog) -> None:
    found, report = public(workflow(*NODES, form=empty, exposed=["p.height", "x.y", "p.width"]), catalog)
    assert found == [(0, "p.height"), (2, "p.width")]
    assert only(report, "FB201").pointer == "/exposedFields/1"


def test_a_form_of_one_empty_row_is_not_empty(catalog: Catalog) -> None:
    tree = form_of(box("root", None, "row"), box("row", "root"))
    assert public(workflow(*NODES, form=tree, exposed=["p.width"]), catalog)[0] == []


def broken(change: Any) -> dict[str, Any]:
    made = form("p.width")
    change(made)
    return made


@pytest.mark.parametrize(
    "tree",
    [
        "a form",
        {},
        {"rootElementId": "root"},
        {"rootElementId": "", "elements": {}},
        broken(lambda f: f["elements"].update(e0="text")),
        broken(lambda f: f["elements"]["e0"].update(type="hologram")),
        broken(lambda f: f["elements"]["e0"].update(type={})),
        broken(lambda f: f["elements"]["e0"].update(parentId="")),
        broken(lambda f: f["elements"]["e0"]["data"].update(fieldIdentifier={"nodeId": "p"})),
        broken(lambda f: f["elements"]["e0"]["data"].update(showDescription="no")),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"component": "wheel"})),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"component": ["slider"]})),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"type": "integer-field-config", "min": "1"})),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"component": "dropdown"})),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings=None)),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"type": None, "component": "slider"})),
        broken(lambda f: f["elements"]["e0"]["data"].update(settings={"component": None})),
        broken(lambda f: f["elements"]["root"]["data"].update(layout="circle")),
        broken(lambda f: f["elements"]["root"]["data"].update(children="e0")),
    ],
)
def test_a_broken_form_gives_way_to_the_exposed_fields(tree: Any, catalog: Catalog) -> None:
    found, report = public(workflow(*NODES, form=tree, exposed=["p.height"]), catalog)
    assert found == [(0, "p.height")]
    assert only(report, "FB203").pointer == "/form"


@pytest.mark.parametrize("root", ["elsewhere", "e0"])
def test_a_root_that_is_no_container_is_refused(root: str, catalog: Catalog) -> None:
    report = refused(workflow(*NODES, form=form("p.width") | {"rootElementId": root}), catalog)
    assert only(report, "FB203").pointer == "/form/rootElementId"


def test_missing_repeated_orphaned_and_misplaced_elements_are_told(catalog: Catalog) -> None:
    tree = form_of(
        box("root", None, "gone", "a", "a", "b"),
        shown("a", "p.width"),
        shown("b", "p.height", parent="elsewhere"),
        shown("orphan", "p.mode"),
    )
    found, report = public(workflow(*NODES, form=tree), catalog)
    assert found == [(0, "p.width"), (1, "p.height")]
    told = [d.message for d in report]
    assert codes(report) == ["FB203"] * 4
    for problem, key in [("missing", "gone"), ("twice", "a"), ("where they say", "b"), ("no container", "orphan")]:
        assert sum(problem in message and repr(key) in message for message in told) == 1


def test_a_form_that_holds_itself_ends(catalog: Catalog) -> None:
    tree = form_of(
        box("root", None, "row"), box("row", "root", "root", "row", "a"), shown("a", "p.width", parent="row")
    )
    found, report = public(workflow(*NODES, form=tree), catalog)
    assert found == [(0, "p.width")]
    assert "'root', 'row'" in only(report, "FB203").message


def test_a_deep_form_is_walked(catalog: Catalog) -> None:
    depth = 3000
    boxes = [box("root", None, "b1")]
    boxes += [box(f"b{i}", "root" if i == 1 else f"b{i - 1}", f"b{i + 1}") for i in range(1, depth)]
    boxes.append(box(f"b{depth}", f"b{depth - 1}", "a"))
    tree = form_of(*boxes, shown("a", "p.width", parent=f"b{depth}"))
    assert public(workflow(*NODES, form=tree), catalog)[0] == [(0, "p.width")]


def test_an_input_that_an_edge_feeds_keeps_its_index_and_takes_no_value(catalog: Catalog) -> None:
    document = workflow(*NODES, form=form("p.width", "p.height"), edges=[edge("i.value", "p.width")])
    module, report = resolved(document, catalog)
    assert [(i.index, i.field_name, i.kind) for i in module.inputs] == [(0, "width", "fed"), (1, "height", "value")]
    assert only(report, "FB206").pointer == "/nodes/0/data/inputs/width/value"


def test_old_files_have_no_form(catalog: Catalog) -> None:
    document = workflow(node("p", "blank_image"), form=form("p.width"), exposed=["p.height"], version="2.0.0")
    kind = {"name": "IntegerField", "isCollection": False, "isCollectionOrScalar": False}
    document["nodes"][0]["data"]["outputs"] = {}
    document["nodes"][0]["data"]["inputs"] = {
        name: {"id": name, "name": name, "type": kind, "fieldKind": "input", "label": "", "value": 8}
        for name in ("width", "height")
    }
    assert public(document, catalog)[0] == [(0, "p.height")]


def test_names_of_elements_are_trimmed(catalog: Catalog) -> None:
    tree = form_of(box("root", None, " e "), shown("e", "p.width", parent=" root"))
    tree["rootElementId"] = "root "
    found, report = public(workflow(*NODES, form=tree), catalog)
    assert (found, codes(report)) == ([(0, "p.width")], [])


def test_a_dropdown_lists_each_choice_once(catalog: Catalog) -> None:
    options = [{"label": label, "value": value} for label, value in (("A", "a"), ("Also a", "a"), ("B", "b"))]
    settings = {"type": "string-field-config", "component": "dropdown", "options": options}
    document = workflow(picture(), node("s", "string", {"value": "a"}), form=form(("s.value", settings)))
    module, _ = resolved(document, catalog)
    assert module.inputs[0].annotation == "Literal['a', 'b'] | str"


def test_a_form_that_shows_nothing_is_empty(catalog: Catalog) -> None:
    for children in (["nothing"], ["root"]):
        document = workflow(node("i", "integer", {"value": given(5)}), form=form(), exposed=["i.value"])
        document["form"]["elements"]["root"]["data"]["children"] = children
        module, _ = resolved(document, catalog)
        assert [(i.index, i.node_id) for i in module.inputs] == [(0, "i")]
