"""All that can be declared public of a ComfyUI workflow."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.comfyui.given_prompts import catalog_of, prompt_of

from flowbind.saved_nodes import Literal
from flowbind_generator.choosable import Ending
from flowbind_generator.comfyui.choosable import choosable_in
from flowbind_generator.comfyui.prompt import EditorNode, Place, Widget

API = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": ["7", 0], "unknown": 3}},
    "5:2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
    "9": {"class_type": "Gone", "inputs": {"x": 1}},
}


def test_each_literal_and_each_node_that_shows_something() -> None:
    found = choosable_in(prompt_of(API, titles={"1": "Canvas"}), catalog_of())
    assert found.literals == (
        Literal("1.width", "INT", 64, "Canvas", (("1", "width"),)),
        Literal("5:2.filename_prefix", "STRING", "a", "Save Image", (("5:2", "filename_prefix"),)),
    )
    assert found.endings == (Ending("5:2", "image", "Save Image", "5:2"),)
    canvas, picture, gone = found.nodes
    assert (canvas.id, canvas.title, canvas.type, [*canvas.literals]) == ("1", "Canvas", "EmptyImage", ["width"])
    assert (picture.fed, picture.handed) == ({"images": "1"}, {})
    assert (gone.title, gone.literals) == ("Gone", {})


def test_what_a_subgraph_hands_on_and_what_goes_nowhere() -> None:
    prompt = prompt_of(API)
    places = (Place("1", "width"), Place("5:2", "filename_prefix"))
    own = (
        Widget("5", "size", 64, places, None, promoted=True),
        Widget("1", "width", 64, (), ("nodes", 0)),
        Widget("77", "x", 1, (Place("77", "x"),), None),
    )
    shown = (*prompt.editor_nodes, EditorNode("5", "8a-uuid", "Poster", None, ("nodes", 4), is_subgraph=True))
    found = choosable_in(replace(prompt, widgets=own, editor_nodes=shown), catalog_of())
    assert found.literals == (Literal("5.size", "INT", 64, "Poster", (("1", "width"), ("5:2", "filename_prefix"))),)
    handed = {node.id: node.handed for node in found.nodes if node.handed}
    assert handed == {"1": {"width": "5.size"}, "5:2": {"filename_prefix": "5.size"}}
