"""What a server's node classes change for a workflow: each case is a document changed as releases change it."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.comfyui.schema.served import served_classes
from flowbind.drift import server_drift, workflow_drift
from flowbind_generator.entry_shape import ENTRY, misfit

from .drawing import node, node_class, workflow
from .drifting import (
    CLASSES,
    FILE,
    JPG,
    SAVED,
    Change,
    bring,
    changed,
    drift,
    drop,
    entry,
    mark,
    need,
    own_entry,
    put,
    remove,
    rename,
    said,
)

WRITER = "a.Writer"
STEPS = CLASSES["Sampler"]["input"]["required"]["steps"]
SEED = CLASSES["Sampler"]["input"]["required"]["seed"]
SHIFTED = ("warning", "WIDGETS_SHIFTED", "Sampler")


def test_the_entry_is_one() -> None:
    assert misfit(own_entry(), ENTRY) is None
    orders = {kind: used["order"] for kind, used in own_entry()["node_types"].items()}
    assert orders == {
        "Loader": ["ckpt_name"],
        "Text": ["text"],
        "Sampler": ["seed", "control_after_generate", "steps", "cfg", "kind", "strength", "scale"],
        WRITER: ["format", "format.quality", "format.codec", "format.codec.passes", "name"],
    }


def test_a_server_is_not_its_own_drift() -> None:
    assert drift() == []


CASES: list[tuple[str, Change, list[tuple[str, str, str | None]]]] = [
    ("class removed", remove("Sampler"), [("error", "NODE_REMOVED", "Sampler")]),
    ("pack removed", remove(WRITER), [("error", "NODE_PACK_MISSING", None)]),
    ("pack changed", mark("Text", python_module="custom_nodes.b"), [("warning", "NODE_PACK_CHANGED", "Text")]),
    ("deprecated", mark("Text", deprecated=True), [("warning", "NODE_DEPRECATED", "Text")]),
    ("attribute removed", drop("Sampler", "steps"), [("error", "INPUT_REMOVED", "Sampler.steps"), SHIFTED]),
    ("own value removed", drop("Sampler", "kind"), [("error", "INPUT_REMOVED", "Sampler.kind"), SHIFTED]),
    ("last value removed", drop("Sampler", "scale", "optional"), [("warning", "INPUT_REMOVED", "Sampler.scale")]),
    ("link's end removed", drop("Sampler", "positive"), [("error", "INPUT_REMOVED", "Sampler.positive")]),
    (
        "renamed",
        rename("Sampler", "steps", "rounds"),
        [("error", "INPUT_REMOVED", "Sampler.steps"), ("error", "BECAME_REQUIRED", "Sampler.rounds")],
    ),
    (
        "inserted",
        put("Sampler", "rate", ["FLOAT", {}], before="steps"),
        [("error", "BECAME_REQUIRED", "Sampler.rate"), SHIFTED],
    ),
    (
        "inserted, optional",
        put("Sampler", "rate", ["FLOAT", {}], before="scale", section="optional"),
        [SHIFTED],
    ),
    ("new at the end", put("Sampler", "rate", ["FLOAT", {}], section="optional"), []),
    ("new socket", put("Sampler", "extra", ["VAE"], before="seed"), [("error", "BECAME_REQUIRED", "Sampler.extra")]),
    ("new optional socket", put("Sampler", "extra", ["VAE"], section="optional"), []),
    ("moved", put("Sampler", "steps", STEPS, before="seed"), [SHIFTED]),
    ("control dropped", put("Sampler", "seed", ["INT", {**SEED[1], "control_after_generate": False}]), [SHIFTED]),
    ("control added", put("Sampler", "steps", ["INT", {**STEPS[1], "control_after_generate": True}]), [SHIFTED]),
    (
        "became a socket",
        put("Sampler", "steps", ["INT", {**STEPS[1], "forceInput": True}]),
        [("warning", "INPUT_KIND_CHANGED", "Sampler.steps"), SHIFTED],
    ),
    ("required now", need("Sampler", "mask"), [("error", "BECAME_REQUIRED", "Sampler.mask")]),
    (
        "range narrowed, value inside",
        put("Sampler", "steps", ["INT", {**STEPS[1], "max": 50}]),
        [("warning", "RANGE_NARROWED", "Sampler.steps")],
    ),
    (
        "range narrowed, value outside",
        put("Sampler", "strength", ["FLOAT", {"default": 1.0, "min": 0.6, "max": 2.0}]),
        [("error", "RANGE_NARROWED", "Sampler.strength")],
    ),
    (
        "range widened",
        put("Sampler", "steps", ["INT", {**STEPS[1], "max": 500}]),
        [("info", "RANGE_WIDENED", "Sampler.steps")],
    ),
    (
        "choice removed, own",
        put("Sampler", "kind", [["euler", "ddim"], {}]),
        [("error", "ENUM_VALUE_REMOVED", "Sampler.kind")],
    ),
    (
        "choice removed, another",
        put("Sampler", "kind", [["euler", "heun"], {}]),
        [("warning", "ENUM_VALUE_REMOVED", "Sampler.kind")],
    ),
    (
        "choice added",
        put("Sampler", "kind", ["COMBO", {"options": ["euler", "heun", "ddim", "lcm"]}]),
        [("info", "ENUM_VALUE_ADDED", "Sampler.kind")],
    ),
    (
        "choices became the server's files",
        put("Sampler", "kind", [["euler.pt"], {}]),
        [("info", "TYPE_WIDENED", "Sampler.kind")],
    ),
    ("other models", put("Loader", "ckpt_name", [["mine.safetensors"], {}]), []),
    ("no models", put("Loader", "ckpt_name", [[], {}]), []),
    ("type changed", put("Sampler", "steps", ["STRING", {}]), [("error", "TYPE_CHANGED", "Sampler.steps")]),
    ("type unknown", put("Sampler", "steps", ["CURVE", {}]), [("error", "TYPE_CHANGED", "Sampler.steps")]),
    ("type wider", put("Sampler", "steps", ["FLOAT", {**STEPS[1]}]), [("info", "TYPE_WIDENED", "Sampler.steps")]),
    (
        "files became text",
        put("Loader", "ckpt_name", ["INT", {}]),
        [("error", "TYPE_CHANGED", "Loader.ckpt_name")],
    ),
    ("link's type changed", put("Text", "clip", ["TOKENS"]), [("error", "TYPE_CHANGED", "Text.clip")]),
    ("link's type a union", put("Text", "clip", ["TOKENS,CLIP"]), []),
    ("link's type any", put("Text", "clip", ["*"]), []),
    (
        "output's type changed",
        mark("Text", output=["PROMPT"], output_name=["PROMPT"]),
        [("error", "OUTPUT_TYPE_CHANGED", "Text.0")],
    ),
    ("output renamed", mark("Text", output_name=["PROMPT"]), []),
    (
        "outputs removed",
        mark("Sampler", output=["LATENT"], output_name=["LATENT"]),
        [("error", "OUTPUT_REMOVED", "Sampler.1"), ("error", "OUTPUT_REMOVED", "Sampler.2")],
    ),
    (
        "output inserted",
        mark("Sampler", output=["LATENT", "IMAGE", "IMAGE", "MASK"], output_name=["LATENT", "ALPHA", "IMAGE", "MASK"]),
        [("error", "OUTPUT_MOVED", "Sampler.1"), ("error", "OUTPUT_MOVED", "Sampler.2")],
    ),
    (
        "output removed before others",
        mark("Sampler", output=["IMAGE", "MASK"], output_name=["IMAGE", "MASK"]),
        [("error", "OUTPUT_MOVED", "Sampler.1"), ("error", "OUTPUT_MOVED", "Sampler.2")],
    ),
    (
        "output at the end",
        mark("Text", output=["CONDITIONING", "MASK"], output_name=["CONDITIONING", "MASK"]),
        [],
    ),
    ("shows nothing now", mark(WRITER, output_node=False), [("error", "OUTPUT_REMOVED", WRITER)]),
    (
        "brought input's range",
        bring({**JPG, "quality": ["INT", {"default": 90, "min": 1, "max": 50}]}),
        [("error", "RANGE_NARROWED", f"{WRITER}.format.quality")],
    ),
    (
        "brought input new",
        bring({"rate": ["INT", {}], **JPG}),
        [("error", "BECAME_REQUIRED", f"{WRITER}.format.rate"), ("warning", "WIDGETS_SHIFTED", WRITER)],
    ),
    (
        "brought input gone",
        bring({"codec": JPG["codec"]}),
        [("error", "INPUT_REMOVED", f"{WRITER}.format.quality"), ("warning", "WIDGETS_SHIFTED", WRITER)],
    ),
    (
        "choice gone with what it brings",
        put(WRITER, "format", ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "png", "inputs": {}}]}]),
        [("error", "ENUM_VALUE_REMOVED", f"{WRITER}.format"), ("warning", "WIDGETS_SHIFTED", WRITER)],
    ),
    (
        "member of a growing input takes something else",
        put(
            WRITER, "masks", ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"m": ["INT"]}}, "prefix": "m"}}]
        ),
        [("error", "TYPE_CHANGED", f"{WRITER}.masks.m0")],
    ),
    (
        "growing input grows under another name",
        put(
            WRITER,
            "masks",
            ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"m": ["MASK"]}}, "prefix": "n"}}],
        ),
        [("error", "INPUT_REMOVED", f"{WRITER}.masks.m0"), ("error", "BECAME_REQUIRED", f"{WRITER}.masks.n0")],
    ),
    ("unused choice of a class", put("Loader", "more", ["VAE"], section="optional"), []),
    ("unused class removed", remove("Unused"), []),
    ("unused class changed", put("Unused", "a", ["STRING", {}]), []),
    ("unused class's new input", put("Unused", "c", ["INT", {}], before="a"), []),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_server_changes(change: Change, expected: list[Any]) -> None:
    assert said(drift(change)) == expected


def test_what_is_shifted_is_said_plainly() -> None:
    (found,) = drift(put("Sampler", "steps", STEPS, before="seed"))
    assert found.cause == (
        'The server has other inputs of "Sampler" in the places where a saved workflow has its values: `steps` gets '
        "what was saved for `seed` (and 2 more), in the editor and when you generate from its document. Runs go on as "
        "before: they send values by name."
    )
    assert found.old == own_entry()["node_types"]["Sampler"]["order"]
    assert found.new == ["steps", "seed", "control_after_generate", "cfg", "kind", "strength", "scale"]


def test_a_moved_output_is_said_plainly() -> None:
    names = ["LATENT", "ALPHA", "IMAGE", "MASK"]
    first, _ = drift(mark("Sampler", output=["LATENT", "IMAGE", "IMAGE", "MASK"], output_name=names))
    assert first.cause == (
        'The output "IMAGE" of "Sampler" has the number 2 now, not 1: edges go by numbers, so `a.Writer.images` would '
        "get something else."
    )
    assert (first.old, first.new) == ("1", "2")


def test_an_edge_to_an_unknown_input_is_ignored() -> None:
    (found,) = drift(drop("Sampler", "positive"))
    assert found.cause == "The server has no input Sampler.positive, and ignores the edge that leads there."


def test_two_outputs_of_one_name_keep_their_numbers() -> None:
    names = {"output": ["LATENT", "IMAGE", "IMAGE"], "output_name": ["LATENT", "IMAGE", "IMAGE"]}
    assert [found.rule for found in drift(mark("Sampler", **names))] == ["OUTPUT_TYPE_CHANGED"]


def test_places_of_the_format_of_the_api_are_nobody_s() -> None:
    api = {
        "1": {"class_type": "Loader", "inputs": {"ckpt_name": "sd15.safetensors"}},
        "2": {"class_type": "Text", "inputs": {"text": "a cat", "clip": ["1", 1]}},
        "3": {
            "class_type": "Sampler",
            "inputs": {
                "model": ["1", 0], "positive": ["2", 0], "seed": 7, "steps": 20, "cfg": 8.0,
                "kind": "heun", "strength": 0.5,
            },
        },
        "4": {
            "class_type": "a.Writer",
            "inputs": {
                "images": ["3", 1], "masks.m0": ["3", 2], "format": "png", "format.depth": "8",
                "name": "x",
            },
        },
    }  # fmt: skip
    made = entry(api)
    assert drift(of=made) == []
    assert drift(put("Sampler", "steps", STEPS, before="seed"), of=made) == []
    assert said(drift(put("Sampler", "scale", ["FLOAT", {"default": 2.0}], section="optional"), of=made)) == [
        ("warning", "DEFAULT_CHANGED", "Sampler.scale")
    ]


def test_each_node_s_own_choice_is_looked_at() -> None:
    both = workflow(
        *SAVED["nodes"],
        node(5, "a.Writer", ["png", "16", "dogs"], {"images": 6, "masks.m0": 7}),
        links=[*SAVED["links"], [6, 3, 1, 5, 0, "IMAGE"], [7, 3, 2, 5, 1, "MASK"]],
    )
    made = entry(both)
    assert drift(of=made) == []
    option = {"key": "png", "inputs": {"required": {"depth": [["8"], {}], "level": ["INT", {}]}}}

    def less(document: Any) -> None:
        document["a.Writer"]["input"]["required"]["format"][1]["options"][0] = option

    assert said(drift(less, of=made)) == [
        ("error", "ENUM_VALUE_REMOVED", "a.Writer.format.depth"),
        ("error", "BECAME_REQUIRED", "a.Writer.format.level"),
        ("warning", "WIDGETS_SHIFTED", "a.Writer"),
    ]
    assert drift(less) == []


def test_choices_of_two_nodes_are_not_mixed() -> None:
    """Both choices bring an input of one name, and only one of its own choices, which no node makes, brings more."""
    mode = {"quick": {}, "full": {}}
    best = {"quick": {"required": {"rate": ["INT", {}]}}, "full": {}}

    def combo(choices: dict[str, Any]) -> list[Any]:
        return ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": key, "inputs": told} for key, told in choices.items()]}]

    inner = {key: {"required": {"mode": combo(told)}} for key, told in (("small", mode), ("large", best))}
    classes = {**CLASSES, "Chooser": node_class({"model": combo(inner)}, output=["IMAGE"])}
    both = workflow(
        *SAVED["nodes"],
        node(6, "Chooser", ["small", "quick"]),
        node(7, "Chooser", ["large", "full"]),
        node(8, "a.Writer", ["png", "8", "x"], {"images": 8, "masks.m0": 9}),
        node(9, "a.Writer", ["png", "8", "y"], {"images": 10, "masks.m0": 11}),
        links=[
            *SAVED["links"],
            *([8, 6, 0, 8, 0, "IMAGE"], [9, 3, 2, 8, 1, "MASK"], [10, 7, 0, 9, 0, "IMAGE"], [11, 3, 2, 9, 1, "MASK"]),
        ],
    )
    made = entry(both, classes)
    assert made["node_types"]["Chooser"]["inputs"]["model.mode"]["values"] == ["quick", "full"]
    assert workflow_drift(FILE, made, served_classes(classes)) == []


def test_a_server_may_tell_of_single_classes() -> None:
    used = own_entry()["node_types"]
    told = {kind: told for kind, told in CLASSES.items() if kind in used}
    assert workflow_drift(FILE, own_entry(), served_classes(told, is_whole=False)) == []
    del told["a.Writer"]
    found = workflow_drift(FILE, own_entry(), served_classes(told, is_whole=False))
    assert said(found) == [("error", "NODE_REMOVED", "a.Writer")]
    found = workflow_drift(FILE, own_entry(), served_classes({}, is_whole=False))
    assert {f.rule for f in found} == {"NODE_REMOVED"}
    assert {f.place for f in found} == used.keys()


def test_another_release_is_told() -> None:
    found = server_drift({"app_version": "0.33.0"}, served_classes(changed(), "0.34.0"), "manifest.json")
    assert [(f.severity, f.rule, f.old, f.new) for f in found] == [("info", "APP_VERSION_CHANGED", "0.33.0", "0.34.0")]
    assert server_drift({"app_version": "0.33.0"}, served_classes(changed()), "manifest.json") == []
