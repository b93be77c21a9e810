"""A new export: each single edit is told as what it is, any mixture of edits is told completely."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowbind_generator.checked import Change
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.rules import all_rules

from . import drifting
from .batch_exports import batch
from .drifting import (
    FORM,
    LORA,
    LORA_2,
    MODEL,
    OTHER,
    STEPS,
    STYLES,
    Edit,
    arrange,
    cut,
    delete,
    draw,
    drifted,
    edited,
    empty,
    fill,
    hide,
    mark,
    renew,
    set_up,
    show,
    swap,
    wire,
)
from .exports import node

SHUFFLE = {"type": "integer-field-config", "showShuffle": True}
DRAWN = {"minimum": 0, "maximum": 4294967295, "step": 1}
GRAPH = ("GRAPH_CHANGED", "info", None, None, None)


def lost(output: str) -> Any:
    return ("OUTPUT_REMOVED", "error", output, "Image", None)


def moved(attribute: str, old: int, new: int) -> Any:
    return ("INPUT_MOVED", "info", attribute, old, new)


def retargeted(attribute: str, old: str, new: str) -> Any:
    return ("INPUT_RETARGETED", "warning", attribute, old, new)


def retyped(severity: str, attribute: str, old: Any, new: Any) -> Any:
    return ("INPUT_RETYPED", severity, attribute, old, new)


def loras(*pairs: tuple[dict[str, str], float]) -> Edit:
    return fill("loras.loras", value=[{"lora": lora, "weight": weight} for lora, weight in pairs])


def options(*values: str) -> dict[str, Any]:
    return {"component": "dropdown", "options": [{"label": v, "value": v} for v in values]}


SINGLE: dict[str, tuple[list[Edit], dict[str, tuple[Change, ...]], list[Any]]] = {
    # The node behind an input.
    "a float for a whole number": (
        [swap("steps", "float")],
        {"steps": ("retargeted", "retyped")},
        [GRAPH, retargeted("steps", "integer.value", "float.value"), retyped("info", "steps", "int", "float")],
    ),
    "a text for a whole number": (
        [swap("steps", "string"), fill("steps.value", value="20")],
        {"steps": ("retargeted", "retyped")},
        [
            GRAPH,
            retargeted("steps", "integer.value", "string.value"),
            retyped("error", "steps", "int", "str"),
            ("DEFAULT_CHANGED", "info", "steps", 20, "20"),
        ],
    ),
    "another type of node with an input of the same type": (
        [swap("steps", "integer_math", value="a")],
        {"steps": ("retargeted",)},
        [GRAPH, retargeted("steps", "integer.value", "integer_math.a")],
    ),
    "a whole number of narrower bounds": (
        [swap("steps", "noise", value="seed"), cut("steps.value", "sum.a")],
        {"steps": ("retargeted", "retyped")},
        [
            GRAPH,
            retargeted("steps", "integer.value", "noise.seed"),
            retyped("warning", "steps", "int", "Annotated[int, Field(ge=0, le=4294967295)]"),
        ],
    ),
    "a loader of other models": (
        [swap("loader", "flux_model_loader")],
        {"model": ("retargeted", "retyped")},
        [
            GRAPH,
            retargeted("model", "main_model_loader.model", "flux_model_loader.model"),
            retyped(
                "warning",
                "model",
                {"bases": ["sd-1", "sd-2"], "types": ["main"]},
                {"bases": ["flux"], "types": ["main"]},
            ),
        ],
    ),
    "a node drawn again": (
        [renew("n", "n2")],
        {"seed": ("retargeted",)},
        [GRAPH, retargeted("seed", "noise.seed of n", "noise.seed of n2")],
    ),
    "one of two namesakes drawn again": (
        [renew("b", "b2")],
        {"negative_prompt": ("retargeted",)},
        [GRAPH, retargeted("negative_prompt", "string.value of b", "string.value of b2")],
    ),
    "the first of two namesakes drawn again": (
        [renew("a", "a2")],
        {"positive_prompt": ("retargeted",)},
        [GRAPH, retargeted("positive_prompt", "string.value of a", "string.value of a2")],
    ),
    "both namesakes drawn again, in another order": (
        [renew("a", "a2"), renew("b", "b2"), arrange(*FORM[:5], "b2.value", "a2.value")],
        {"positive_prompt": ("moved", "retargeted"), "negative_prompt": ("moved", "retargeted")},
        [
            GRAPH,
            moved("negative_prompt", 6, 5),
            retargeted("negative_prompt", "string.value of b", "string.value of b2"),
            moved("positive_prompt", 5, 6),
            retargeted("positive_prompt", "string.value of a", "string.value of a2"),
        ],
    ),
    "a node with other inputs": (
        [delete("n"), draw(node("n", "blank_image")), show("n.height")],
        {
            "height": ("new",),
            "seed": ("missing",),
            "steps": ("moved",),
            "style": ("moved",),
            "model": ("moved",),
            "positive_prompt": ("moved",),
            "negative_prompt": ("moved",),
        },
        [
            GRAPH,
            *(moved(name, i + 2, i + 1) for i, name in enumerate(("steps", "style", "model"))),
            moved("positive_prompt", 5, 4),
            moved("negative_prompt", 6, 5),
            ("INPUT_NEW", "info", "height", None, "int | Unset"),
            ("INPUT_MISSING", "error", "seed", "Annotated[int, Field(ge=0, le=4294967295)]", None),
        ],
    ),
    # The form.
    "two inputs changed places": (
        [arrange("n.seed", "p.width", *FORM[2:])],
        {"seed": ("moved",), "width": ("moved",)},
        [moved("seed", 1, 0), moved("width", 0, 1)],
    ),
    "another label": (
        [fill("steps.value", label="Denoising steps")],
        {"steps": ("relabelled",)},
        [("INPUT_RELABELLED", "info", "steps", "Steps", "Denoising steps")],
    ),
    "the last input out of the form": (
        [hide("b.value")],
        {"negative_prompt": ("missing",)},
        [("INPUT_MISSING", "error", "negative_prompt", "str", None)],
    ),
    "one more input in the form": (
        [show("p.height")],
        {"height": ("new",)},
        [("INPUT_NEW", "info", "height", None, "int")],
    ),
    "one more input that must be set": (
        [draw(node("again", "main_model_loader")), show("again.model")],
        {"main_model_sd1_5_sd2_model": ("new",)},
        [GRAPH, ("INPUT_NEW", "error", "main_model_sd1_5_sd2_model", None, "ModelInput")],
    ),
    "one that must be set outside the form": (
        [draw(node("again", "main_model_loader"))],
        {"main_model_sd1_5_sd2_model": ("new",)},
        [GRAPH, ("INPUT_NEW", "error", "main_model_sd1_5_sd2_model", None, "ModelInput")],
    ),
    "another range in the form": (
        [set_up("steps.value", {**STEPS, "max": 30})],
        {"steps": ("retyped",)},
        [retyped("info", "steps", {"ui_minimum": 1, "ui_maximum": 50}, {"ui_minimum": 1, "ui_maximum": 30})],
    ),
    "no range in the form": (
        [set_up("steps.value", None)],
        {"steps": ("retyped",)},
        [retyped("info", "steps", {"ui_minimum": 1, "ui_maximum": 50}, {})],
    ),
    "a button that draws": (
        [set_up("n.seed", SHUFFLE)],
        {"seed": ("retyped",)},
        [retyped("info", "seed", None, DRAWN)],
    ),
    "a button that draws, for a range": (
        [set_up("n.seed", {**SHUFFLE, "min": 1, "max": 9})],
        {"seed": ("retyped",)},
        [retyped("info", "seed", {}, {"ui_minimum": 1, "ui_maximum": 9})],
    ),
    "a choice less": (
        [set_up("style.value", options("oil"))],
        {"style": ("retyped",)},
        [retyped("warning", "style", ["oil", "ink"], ["oil"])],
    ),
    "a choice more": (
        [set_up("style.value", options("oil", "ink", "pen"))],
        {"style": ("retyped",)},
        [retyped("info", "style", ["oil", "ink"], ["oil", "ink", "pen"])],
    ),
    "other words for the choices": (
        [set_up("style.value", {**STYLES, "options": [{"label": v.upper(), "value": v} for v in ("oil", "ink")]})],
        {},
        [],
    ),
    "no choices": (
        [set_up("style.value", None)],
        {"style": ("retyped",)},
        [retyped("info", "style", "Literal['oil', 'ink'] | str", "str")],
    ),
    # Values.
    "another number": ([fill("p.width", value=128)], {}, [("DEFAULT_CHANGED", "info", "width", 64, 128)]),
    "another text": ([fill("a.value", value="")], {}, [("DEFAULT_CHANGED", "info", "positive_prompt", "a cat", "")]),
    "no value where one is needed": (
        [empty("loader.model")],
        {},
        [("BECAME_REQUIRED", "error", "model", None, "required")],
    ),
    "no value where the node has its own": (
        [empty("p.width")],
        {"width": ("retyped",)},
        [retyped("info", "width", "int", "int | Unset"), ("DEFAULT_CHANGED", "info", "width", 64, None)],
    ),
    "another model": (
        [fill("loader.model", value=OTHER)],
        {},
        [("MODEL_REPICKED", "warning", "model", MODEL, OTHER)],
    ),
    "the same model, installed again": (
        [fill("loader.model", value={**MODEL, "key": "k9", "hash": "h9"})],
        {},
        [("MODEL_REPICKED", "info", "model", MODEL, {**MODEL, "key": "k9", "hash": "h9"})],
    ),
    "another model, in no attribute": (
        [fill("hidden.model", value=OTHER)],
        {},
        [("MODEL_REPICKED", "warning", None, MODEL, OTHER)],
    ),
    "the same model installed again, in no attribute": (
        [fill("hidden.model", value={**MODEL, "key": "k9"})],
        {},
        [("MODEL_REPICKED", "info", None, MODEL, {**MODEL, "key": "k9"})],
    ),
    "one model of a list in no attribute": (
        [loras((LORA, 1), (OTHER, 1))],
        {},
        [GRAPH, ("MODEL_REPICKED", "warning", None, LORA_2, OTHER)],
    ),
    "another weight in no attribute": ([loras((LORA, 1), (LORA_2, 0.5))], {}, [GRAPH]),
    "another number in no attribute": ([fill("sum.b", value=3)], {}, [GRAPH]),
    "another picture in no attribute": ([fill("photo.image", value={"image_name": "two.png"})], {}, [GRAPH]),
    # Edges.
    "an edge into an input": (
        [draw(node("r", "rand_int")), wire("r.value", "n.seed")],
        {"seed": ("connected",)},
        [GRAPH, ("INPUT_CONNECTED", "error", "seed", None, None)],
    ),
    "an edge less": ([cut("steps.value", "sum.a")], {}, [GRAPH]),
    # Outputs.
    "the node of an output deleted": ([delete("q")], {}, [GRAPH, lost("blurred")]),
    "an output made intermediate": ([mark("q", isIntermediate=True)], {}, [GRAPH, lost("blurred")]),
    "the other output made intermediate": ([mark("p", isIntermediate=True)], {}, [GRAPH, lost("image")]),
    "an output labelled": (
        [mark("q", label="Soft")],
        {},
        [("OUTPUT_RENAMED", "error", "blurred", "blurred", "soft")],
    ),
    "the node of an output drawn again": ([renew("q", "q2")], {}, [GRAPH]),
    "the node of an output replaced": ([swap("q", "img_scale")], {}, [GRAPH]),
    "one more output": (
        [draw(node("z", "blank_image", visible=True, label="Extra"))],
        {},
        [GRAPH, ("OUTPUT_NEW", "info", "extra", None, "Image")],
    ),
    # Batches.
    "a batch node": (
        [draw(batch("bt", "integer", [8, 16])), wire("bt.value", "n.width")],
        {"integers": ("new",)},
        [
            ("RUNS_CHANGED", "error", None, "InvokeAIWorkflow", "InvokeAIBatchWorkflow"),
            GRAPH,
            ("INPUT_NEW", "info", "integers", None, None),
        ],
    ),
}


@pytest.mark.parametrize("name", SINGLE)
def test_each_edit_is_told_as_what_it_is(name: str, tmp_path: Path, catalog: Catalog) -> None:
    edits, changed, told = SINGLE[name]
    found = drifted(tmp_path, drifting.base(), edited(*edits), catalog)
    assert found.changed == changed
    if name == "a batch node":
        # Its type says which items what it feeds takes.
        assert [t[:3] for t in found.told] == [t[:3] for t in told]
    else:
        assert found.told == told


@pytest.mark.parametrize(
    ("settings", "severity", "said"),
    [
        (None, "warning", '"Seed" takes no RANDOM any more.'),
        ({**SHUFFLE, "max": 9}, "info", "draws 0 to 9 for RANDOM now."),
    ],
)
def test_a_button_that_draws_otherwise(
    settings: Any, severity: str, said: str, tmp_path: Path, catalog: Catalog
) -> None:
    found = drifted(tmp_path, edited(set_up("n.seed", SHUFFLE)), edited(set_up("n.seed", settings)), catalog)
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("INPUT_RETYPED", severity)
    assert finding.cause.endswith(said)


def nothing(document: dict[str, Any]) -> None:
    """Change what no run and no class depends on."""
    for at, one in enumerate(document["nodes"]):
        one["position"] = {"x": 17.5 * at, "y": -3}
        one["data"]["isOpen"] = False
        one["data"]["notes"] = "moved"
    document["meta"]["version"] = "3.0.0"
    document["id"] = "another"
    document["notes"] = "about it"
    for one in document["edges"]:
        one["id"] = f"other-{one['id']}"
    elements = document["form"]["elements"]
    names = {key: f"new-{key}" for key in elements}
    for key in list(elements):
        element = elements.pop(key)
        element["id"] = names[key]
        if "parentId" in element:
            element["parentId"] = names[element["parentId"]]
        if "children" in element.get("data", {}):
            element["data"]["children"] = [names[child] for child in element["data"]["children"]]
        elements[names[key]] = element
    document["form"]["rootElementId"] = names["root"]


def reordered(document: dict[str, Any]) -> None:
    """Write edges and the keys of objects in another order."""
    document["edges"].reverse()
    order = random.Random(1)
    for one in document["nodes"]:
        inputs = list(one["data"]["inputs"].items())
        order.shuffle(inputs)
        one["data"]["inputs"] = dict(inputs)


@pytest.mark.parametrize("edit", [nothing, reordered, lambda _: None])
def test_what_no_run_depends_on_is_no_change(edit: Edit, tmp_path: Path, catalog: Catalog) -> None:
    found = drifted(tmp_path, drifting.base(), edited(edit), catalog)
    assert found.told == []
    assert {i.changes for i in found.inputs} == {("unchanged",)}


def test_an_edge_that_goes_gives_the_input_back(tmp_path: Path, catalog: Catalog) -> None:
    fed = edited(draw(node("r", "rand_int")), wire("r.value", "n.seed"))
    free = edited(draw(node("r", "rand_int")))
    found = drifted(tmp_path, fed, free, catalog)
    assert found.changed == {"seed": ("disconnected",)}
    assert ("INPUT_DISCONNECTED", "info", "seed", None, None) in found.told


def test_a_value_that_is_saved_at_last_is_told(tmp_path: Path, catalog: Catalog) -> None:
    found = drifted(tmp_path, edited(empty("loader.model")), drifting.base(), catalog)
    assert found.told == [("DEFAULT_CHANGED", "info", "model", None, MODEL)]


def test_a_batch_that_goes_is_told(tmp_path: Path, catalog: Catalog) -> None:
    many = edited(draw(batch("bt", "integer", [8, 16])), wire("bt.value", "n.width"))
    found = drifted(tmp_path, many, drifting.base(), catalog)
    assert found.rules == ["GRAPH_CHANGED", "INPUT_MISSING", "RUNS_CHANGED"]
    assert "one result" in found.findings[0].cause


def test_another_generator_of_a_batch_is_told(tmp_path: Path, catalog: Catalog) -> None:
    def generated(count: int) -> Any:
        saved = {"type": "integer_generator_random_distribution_uniform", "min": 1, "max": 9, "count": count}
        made = node("g", "integer_generator", {"generator": saved})
        return edited(
            draw(batch("bt", "integer"), made), wire("g.integers", "bt.integers"), wire("bt.value", "n.width")
        )

    assert drifted(tmp_path, generated(2), generated(2), catalog).told == []
    assert drifted(tmp_path, generated(2), generated(3), catalog).told == [GRAPH]


def test_a_name_that_goes_over_to_another_node_is_a_renamed_output(tmp_path: Path, catalog: Catalog) -> None:
    second = draw(node("p2", "blank_image", visible=True))
    two = edited(second)
    found = drifted(tmp_path, two, edited(second, mark("p", isIntermediate=True)), catalog)
    names = [o.attribute for o in drifting.module_of(tmp_path, two, catalog).outputs]
    assert names == ["image", "value", "blurred", "image_2"]
    assert found.told == [
        GRAPH,
        lost("image"),
        ("OUTPUT_RENAMED", "error", "image_2", "image_2", "image"),
    ]


def test_every_finding_says_what_and_what_to_do(tmp_path: Path, catalog: Catalog) -> None:
    for edits, _, _ in SINGLE.values():
        for one in drifted(tmp_path, drifting.base(), edited(*edits), catalog).findings:
            assert one.rule in all_rules()
            assert one.class_name == "A"
            for sentence in (one.cause, one.cure):
                assert sentence.endswith(".")
                assert "None" not in sentence
            if one.attribute:
                assert one.place


EDITS: list[Edit] = [edit for edits, _, _ in SINGLE.values() for edit in edits] + [nothing]


def applied(chosen: list[Edit]) -> dict[str, Any]:
    """Return the workflow after those edits that can still be made."""
    document = drifting.base()
    for edit in chosen:
        before = copy.deepcopy(document)
        try:
            edit(document)
        except (ValueError, KeyError, StopIteration):  # what it changes is gone
            document = before
    return document


def is_read(folder: Path, document: dict[str, Any], catalog: Catalog) -> bool:
    try:
        drifting.module_of(folder, document, catalog)
    except AssertionError:
        return False
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(st.sampled_from(EDITS), max_size=5), then=st.lists(st.sampled_from(EDITS), max_size=5))
def test_any_edits_are_told_completely(first: list[Edit], then: list[Edit], tmp_path: Path, catalog: Catalog) -> None:
    old, new = applied(first), applied([*first, *then])
    if not (is_read(tmp_path, old, catalog) and is_read(tmp_path, new, catalog)):
        return  # a batch that is wired twice, for one
    found = drifted(tmp_path, old, new, catalog)
    before = [i.attribute for i in drifting.module_of(tmp_path, old, catalog).inputs]
    after = [i.attribute for i in found.module.inputs]
    lost = [i.attribute for i in found.inputs if i.changes == ("missing",)]
    came = [i.attribute for i in found.inputs if i.changes == ("new",)]
    assert [i.attribute for i in found.inputs] == [*after, *lost]
    assert len(before) - len(lost) == len(after) - len(came)
    # What a pinned name stays with is the same input: no name is new and was there before.
    assert set(before) - set(after) == set(lost)
    for one in found.inputs:
        assert set(one.changes) <= set(get_args(Change))
        assert len(one.changes) == len(set(one.changes)) >= 1
    again = drifted(tmp_path, new, new, catalog)
    assert again.told == []
    assert again.changed == {}
