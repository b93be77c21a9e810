"""Examples of loops, collectors, and values at the end of a workflow."""

from __future__ import annotations

from tests.unit.exports import node

from examples import COLLECT, IN_LOOP, ITERATE, batch_example, example, numbers, paper, total

LOOPS = {
    "an iteration": example(
        numbers(16, 8, 24), ITERATE, paper(), wires=f"{IN_LOOP} i.item>p.width", image=[(16, 8), (8, 8), (24, 8)]
    ),
    "more than ten iterations": example(
        node("n", "range", {"start": 1, "stop": 13, "step": 1}),
        ITERATE,
        total("a"),
        wires=f"{IN_LOOP} i.item>a.a",
        value=list(range(1, 13)),
    ),
    "one iteration": example(numbers(16), ITERATE, paper(), wires=f"{IN_LOOP} i.item>p.width", image=[(16, 8)]),
    "no iteration": example(
        numbers(), ITERATE, paper(), total("a"), wires=f"{IN_LOOP} i.item>p.width i.item>a.a",
        value=[], image=[], idle="i p a",
    ),
    "a value in an iteration": example(
        numbers(3, 1, 2), ITERATE, total("a", b=10, label="Sum"), wires=f"{IN_LOOP} i.item>a.a", sum=[13, 11, 12]
    ),
    "a loop in a loop": example(
        numbers(8, 16),
        ITERATE,
        node("m", "range_of_size", {"size": 2, "step": 8}),
        node("j", "iterate"),
        paper(),
        wires=f"{IN_LOOP} i.item>m.start m.collection>j.collection j.item>p.width",
        image=[(8, 8), (16, 8), (16, 8), (24, 8)],
    ),
    "loops side by side": example(
        numbers(1, 2),
        ITERATE,
        numbers(10, 20, 30, node_id="m"),
        node("j", "iterate"),
        total("a"),
        wires=f"{IN_LOOP} m.collection>j.collection i.item>a.a j.item>a.b",
        value=[11, 12, 21, 22, 31, 32],
    ),
    "an iteration, collected": example(
        numbers(3, 1, 2), ITERATE, total("a", b=10), COLLECT, wires=f"{IN_LOOP} i.item>a.a a.value>k.item",
        collection=[13, 11, 12],
    ),
    "a node after collecting": example(
        numbers(8, 16, 24), ITERATE, paper("q", visible=False), COLLECT, node("f", "image_collection"),
        node("j", "iterate"), node("s", "img_resize", {"width": 32, "height": 8}, visible=True),
        paper("last"),
        wires=f"{IN_LOOP} i.item>q.width q.image>k.item k.collection>f.collection f.collection>j.collection "
        "j.item>s.image",
        resize_image=[(32, 8)] * 3, blank_image=(8, 8),
    ),
    "the inner of two loops, collected": example(
        numbers(1, 2), ITERATE, node("m", "range_of_size", {"size": 2, "step": 10}), node("j", "iterate"),
        total("a", b=100), COLLECT,
        wires=f"{IN_LOOP} i.item>m.start m.collection>j.collection j.item>a.a a.value>k.item",
        collection=[[101, 111], [102, 112]],
    ),
    "nothing, collected": example(
        numbers(), ITERATE, total("a"), COLLECT, wires=f"{IN_LOOP} i.item>a.a a.value>k.item", idle="i a",
        collection=[],
    ),
    "pictures, collected": example(
        numbers(8, 16), ITERATE, paper(), COLLECT, wires=f"{IN_LOOP} i.item>p.width p.image>k.item",
        image=[(8, 8), (16, 8)],
    ),
    "pictures collected that are not shown": example(
        numbers(8, 16), ITERATE, paper(visible=False), COLLECT, wires=f"{IN_LOOP} i.item>p.width p.image>k.item",
        image=[(8, 8), (16, 8)],
    ),
    "lists in an iteration": example(
        numbers(1, 2), ITERATE, node("m", "range_of_size", {"size": 2, "step": 10}), wires=f"{IN_LOOP} i.item>m.start",
        collection=[[1, 11], [2, 12]],
    ),
}  # fmt: skip

VALUES = {
    "numbers and texts at the end": example(
        total("a", 2, 3, label="Sum"),
        node("f", "float_math", {"operation": "DIV", "a": 1.0, "b": 2.0}, label="Half"),
        node("s", "string_join", {"string_left": "a", "string_right": "b"}, label="Text"),
        wires="", sum=5, half=0.5, text="ab",
    ),
    "constants only": example(
        node("x", "integer", {"value": 7}, label="Seven"), node("y", "boolean", {"value": True}, label="Truth"),
        node("z", "string_collection", {"collection": ["a", "b"]}, label="Texts"), wires="",
        seven=7, truth=True, texts=["a", "b"],
    ),
    "two outputs": example(
        node("s", "string_split", {"string": "a,b", "delimiter": ","}), wires="", string_1="a", string_2="b"
    ),
    "the ideal size, with a model": example(
        node("m", "main_model_loader"), node("s", "ideal_size", {"width": 64, "height": 64}), wires="m.unet>s.unet",
        width=512, height=512,
    ),
    "prompts": example(
        node("s", "dynamic_prompt", {"prompt": "a {red|blue} fox", "max_prompts": 5, "combinatorial": True}),
        wires="", collection=["a red fox", "a blue fox"],
    ),
    "a box and a colour": example(
        node("b", "bounding_box", {"x_min": 1, "x_max": 3, "y_min": 2, "y_max": 4}),
        node("c", "color", {"color": {"r": 1, "g": 2, "b": 3, "a": 4}}),
        wires="", bounding_box={"x_min": 1, "x_max": 3, "y_min": 2, "y_max": 4},
        color={"r": 1, "g": 2, "b": 3, "a": 4},
    ),
    "metadata": example(
        numbers(8, 16), ITERATE, paper(), node("m", "metadata_item_linked", {"label": "width"}), COLLECT,
        node("g", "merge_metadata"), paper("q"),
        wires=f"{IN_LOOP} i.item>m.value i.item>p.width m.metadata>p.metadata m.metadata>k.item "
        "k.collection>g.collection g.metadata>q.metadata",
        image=[(8, 8), (16, 8)], image_2=(8, 8),
    ),
    "an input of a batch and an iteration": batch_example(
        node("b", "integer_batch", {"integers": [10, 20], "batch_group_id": "None"}),
        numbers(1, 2, 3), ITERATE, total("a"), total("z", b=1),
        wires=f"{IN_LOOP} i.item>a.a b.value>a.b b.value>z.a",
        gives=[{"value": [11, 12, 13], "value_2": 11}, {"value": [21, 22, 23], "value_2": 21}],
    ),
}  # fmt: skip
