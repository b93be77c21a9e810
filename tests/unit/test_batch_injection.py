"""Text from strangers in batches is data, too: groups, node ids, items, what generators hold."""

from __future__ import annotations

import builtins
import json
from itertools import cycle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowbind.invokeai.runs.preview import preview
from flowbind.workflow import UNSET
from flowbind_generator.format import format_sources
from flowbind_generator.live_module import class_of
from flowbind_generator.render import render_module
from flowbind_generator.verify import verify_module

from .batch_exports import batch, batched, generator
from .exports import edge, form, node, with_source
from .exports import given as entry
from .test_injection import SENTINEL, TEXT, all_texts, module_of

PROMPTS = "string_generator_dynamic_prompts_random"
BOARD = "image_generator_images_from_board"
WIRES = [("b.value", "s.value"), ("u.strings", "t.strings"), ("t.value", "n.value"), ("v.images", "i.images")]


def hostile(texts: list[str]) -> dict[str, Any]:
    """Return a workflow of three batches with a text wherever a batch or a generator can hold one."""
    text = cycle(texts)
    document = batched(
        batch("b", "string", entry([next(text), next(text)], label=next(text)), group=next(text), label=next(text)),
        batch("t", "string", entry([next(text)], label=next(text)), group=next(text)),
        generator("u", {"type": PROMPTS, "input": next(text), "count": 2, next(text): next(text)}, label=next(text)),
        batch("i", "image", entry([{"image_name": f"x{next(text)}"}], label=next(text)), group="Group 1"),
        generator("v", {"type": BOARD, "board_id": f"x{next(text)}", "category": "assets"}, label=next(text)),
        node("n", "string", {"value": "x"}, label=next(text)),
        node("r", "img_resize", label=next(text)),
        edges=[],
        form=form("b.strings", "b.batch_group_id", "v.generator"),
    )
    document["edges"] = [edge(*wire) for wire in (*WIRES, ("i.image", "r.image"))]
    ids = {n["id"]: f"{n['id']}{next(text)}" for n in document["nodes"]}
    for item in document["nodes"]:
        item["id"] = item["data"]["id"] = ids[item["id"]]
    for wire in document["edges"]:
        wire |= {"source": ids[wire["source"]], "target": ids[wire["target"]]}
    for element in document["form"]["elements"].values():
        if element["type"] == "node-field":
            where = element["data"]["fieldIdentifier"]
            where["nodeId"] = ids[where["nodeId"]]
    return document


@all_texts
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_any_text_in_any_place_of_a_batch_is_data(texts: list[str]) -> None:
    document = hostile(texts)
    saved = {key: n for n, key in zip(document["nodes"], "btuivnrps", strict=True)}
    module = module_of(document)
    source = format_sources({"a.py": render_module(module)["a.py"]})["a.py"]
    verify_module(with_source(module, source), module)
    assert all(c.isprintable() or c == "\n" for c in source)
    made = class_of(module)
    assert not hasattr(builtins, SENTINEL)

    own, prompts, board = made.__flowbind__.batches
    values = {key: {k: v["value"] for k, v in n["data"]["inputs"].items() if "value" in v} for key, n in saved.items()}
    group = values["b"]["batch_group_id"]
    assert own.group == (None if group == "None" else group)
    assert own.targets == ((saved["s"]["id"].strip(), "value"),)
    assert [b.node for b in (own, prompts, board)] == [saved[key]["id"].strip() for key in "bti"]
    assert prompts.generator is not None
    assert prompts.generator["input"] == values["u"]["generator"]["input"]
    assert board.generator is not None
    assert board.generator["board_id"] == values["v"]["generator"]["board_id"].strip()

    instance = made()
    assert getattr(instance, own.attribute) == values["b"]["strings"]
    assert getattr(instance, prompts.attribute) is UNSET
    body, _ = preview(instance) if own.group != prompts.group else preview(made(**{prompts.attribute: ["x", "y"]}))
    data = [datum for inner in json.loads(body)["batch"]["data"] for datum in inner]
    assert next(d for d in data if d["node_path"] == own.targets[0][0])["items"] == values["b"]["strings"]
