"""The workflow stored with each picture: the newest format, with the values that are sent."""

from __future__ import annotations

from typing import Any

from flowbind_generator.invokeai.catalog import Catalog

from .exports import (
    box,
    codes,
    connector,
    edge,
    form,
    form_of,
    given,
    loaded,
    node,
    notes,
    picture,
    resolved,
    shown,
    workflow,
)


def stored(document: Any, catalog: Catalog) -> Any:
    return resolved(document, catalog)[0].workflow


def test_it_is_of_the_newest_format_and_has_no_id(catalog: Catalog) -> None:
    made = stored(workflow(picture(), version="3.0.0", id="default_1", extra=1), catalog)
    assert made["meta"]["version"] == "4.0.0"
    assert not {"id", "extra"} & set(made)


def test_it_holds_the_values_that_are_sent(catalog: Catalog) -> None:
    inputs = {"a": given([1, "junk"], label="A"), "gone": 5}
    made = stored(workflow(picture(width=None), node("n", "add", inputs, version="1.0.0")), catalog)
    assert "value" not in made["nodes"][0]["data"]["inputs"]["width"]
    assert made["nodes"][1]["data"]["version"] == "1.0.1"
    assert made["nodes"][1]["data"]["inputs"] == {
        "a": {"name": "a", "label": "A", "description": "", "value": 0},
        "b": {"name": "b", "label": "", "description": "", "value": 0},
    }


def test_it_always_has_a_form(catalog: Catalog) -> None:
    assert stored(workflow(picture()), catalog)["form"]["rootElementId"] == "root"
    own = form("p.width")
    assert stored(workflow(picture(width=1), form=own), catalog)["form"] == own


def test_a_broken_form_is_mended(catalog: Catalog) -> None:
    root = box("root", None, "row", "gone", "e", "e", "row")
    lost = shown("lost", "p.height")
    row = box("row", "root", "f", "root") | {"parentId": "elsewhere"}
    tree = form_of(root, row, shown("e", "p.width"), shown("f", "p.mode", parent="lost"), lost)
    made = stored(workflow(picture(width=1, height=2, mode="RGB"), form=tree), catalog)["form"]
    assert list(made["elements"]) == ["root", "row", "f", "e"]
    assert made["elements"]["root"]["data"]["children"] == ["row", "e"]
    assert made["elements"]["row"]["data"]["children"] == ["f"]
    assert {key: e.get("parentId") for key, e in made["elements"].items()} == {
        "root": None,
        "row": "root",
        "f": "row",
        "e": "root",
    }
    again, report = loaded(workflow(picture(width=1, height=2, mode="RGB"), form=made), catalog)
    assert [f.id.field_name for f in again.fields] == ["mode", "width"]
    assert codes(report) == []


def test_it_opens_as_the_same_workflow(catalog: Catalog) -> None:
    document = workflow(
        picture(width=64, board={"board_id": "b"}),
        node("i", "integer", {"value": 5}, version="1.0.0"),
        connector("c"),
        notes("n"),
        edges=[edge("i.value", "c.in"), edge("c.out", "p.height")],
        form=form("p.width", "i.value"),
    )
    first, _ = loaded(document, catalog)
    again, report = loaded(stored(document, catalog), catalog)
    assert list(report) == []
    assert again.graph == first.graph
    assert again.fields == first.fields
