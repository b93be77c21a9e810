"""Whatever a stranger's file holds, reading it ends in a module or in a finding, never in a crash."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbind_generator.diagnostics import Report
from flowbind_generator.invokeai import engine
from flowbind_generator.live_module import class_of
from flowbind_generator.render import render_module
from flowbind_generator.resolve import resolve

from .batch_exports import batch, batched, generator
from .exports import FILE, as_bytes, connector, edge, form, node, picture, workflow
from .exports import given as entry

CATALOG = engine.shipped_catalog()
TEXTS = st.sampled_from(["", "p", "n", "root", "e0", "auto", "4.0.0", "1.0.0", "invocation", "connector", "default"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e6, 1e6) | TEXTS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS | st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)

NEW = workflow(
    picture(width=entry(64, label="Width"), color={"r": 1, "g": 2, "b": 3, "a": 4}, board="auto"),
    node("n", "integer", {"value": 5}),
    connector("c"),
    node("m", "main_model_loader", {"model": {"key": "k", "hash": "h", "name": "n", "base": "sd-1", "type": "main"}}),
    node("i", "image_collection", {"images": [{"image_name": "a.png"}]}, version="1.0.0"),
    node("d", "core_metadata", {"width": None, "extra": [1, {}]}),
    edges=[edge("n.value", "c.in"), edge("c.out", "p.height")],
    form=form(
        ("p.width", {"type": "integer-field-config", "component": "slider", "showShuffle": True, "min": 1, "max": 9}),
        ("p.mode", {"type": "string-field-config", "component": "dropdown", "options": [{"label": "x", "value": "y"}]}),
        "m.model",
        "p.board",
    ),
    exposed=["p.width", "m.model"],
)
OLD = workflow(node("s", "scheduler"), node("p", "blank_image"), version="1.0.0")
for _node, _name, _type, _value in ((0, "scheduler", "Scheduler", "euler"), (1, "width", "integer", 64)):
    OLD["nodes"][_node]["data"]["inputs"] = {
        _name: {"id": "i", "name": _name, "type": _type, "fieldKind": "input", "label": "", "value": _value}
    }
BATCHES = batched(
    batch("a", "integer", [8, 16], group="Group 1"),
    batch("b", "float", group="Group 1"),
    generator("g", {"type": "float_generator_random_distribution_uniform", "min": 0, "max": 1, "count": 2, "seed": 1}),
    batch("t", "string"),
    generator("u", {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 2}),
    batch("i", "image"),
    generator("v", {"type": "image_generator_images_from_board", "board_id": "x", "category": "assets"}),
    node("r", "img_resize"),
    edges=[
        "a.value>p.width",
        "g.floats>b.floats",
        "b.value>s.value",
        "u.strings>t.strings",
        "t.value>n.value",
        "v.images>i.images",
        "i.image>r.image",
    ],
    form=form("a.integers", "a.batch_group_id", "g.generator", "t.strings", "v.generator"),
)
BATCHES["nodes"].append(node("n", "string", {"value": "x"}))
NO_META = {k: v for k, v in OLD.items() if k != "meta"}
ALL = [NEW, OLD, NO_META, BATCHES]


def places(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys that lead to every value in a document."""
    yield keys
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*keys, key))


def changed(document: Any, keys: tuple[Any, ...], value: Any) -> Any:
    """Return the document with another value at one place."""
    if not keys:
        return value
    document = copy.deepcopy(document)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return document


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Draw a workflow in which one or two values are something else."""
    document = draw(st.sampled_from(ALL))
    for _ in range(draw(st.integers(1, 2))):
        document = changed(document, draw(st.sampled_from(list(places(document)))), draw(JSON))
    return document


@settings(max_examples=200)
@given(damaged())
def test_a_damaged_workflow_gives_a_module_or_a_finding(document: Any) -> None:
    report = Report(FILE)
    draft = engine.draft(as_bytes(document), CATALOG, report)
    assert (draft is None) == report.refused
    for found in report:
        assert "\n" not in str(found).split("\n    ")[0]
    if draft is not None:
        module = resolve(draft, source=FILE, name="a", class_name="A", pinned={})
        assert render_module(module)
        assert class_of(module).model_rebuild() is not False


ANYTHING: list[Any] = [None, True, 0, -1.5, "", "x", [], [[]], {}, {"x": {}}]
ANYTHING += [10**400, {"image_name": "x"}, {"board_id": "x"}]


def test_every_place_survives_every_kind_of_value() -> None:
    for document in ALL:
        for keys in places(document):
            for value in ANYTHING:
                report = Report(FILE)
                draft = engine.draft(as_bytes(changed(document, keys, value)), CATALOG, report)
                assert (draft is None) == report.refused, keys
