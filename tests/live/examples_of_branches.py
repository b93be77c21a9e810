"""Examples of branches, of which the server runs one, and of values that a workflow returns.

None has a branch that belongs to other iterations than its `if`: release 6.14.2 never ends such a run.
"""

from __future__ import annotations

from tests.unit.exports import node

from examples import (
    COLLECT,
    IN_LOOP,
    ITERATE,
    RETURN,
    Node,
    choice,
    example,
    labelled,
    numbers,
    paper,
    returned,
    total,
)


def text(node_id: str, value: str) -> Node:
    """Return a node that gives a text, and has an input that a loop can feed."""
    return node(node_id, "string_replace", {"string": value, "search_string": "-"})


DAY, NIGHT = labelled(paper("day"), "Day"), labelled(paper("night", width=16), "Night")
SHOWN = node("shown", "save_image", label="Shown", visible=True)

BOTH = node("n", "boolean_collection", {"collection": [True, False]})
BY_ITEM = f"{IN_LOOP} i.item>c.condition"

BRANCHES = {
    "the true branch": example(
        choice(condition=True), DAY, NIGHT, SHOWN,
        wires="day.image>c.true_input night.image>c.false_input c.value>shown.image",
        day=(8, 8), night=None, shown=(8, 8), idle="night",
    ),
    "the false branch": example(
        choice(condition=False), DAY, NIGHT, SHOWN,
        wires="day.image>c.true_input night.image>c.false_input c.value>shown.image",
        day=None, night=(16, 8), shown=(16, 8), idle="day",
    ),
    "a condition that a node gives": example(
        node("t", "boolean", {"value": False}), choice(condition=True), DAY, NIGHT, SHOWN,
        wires="t.value>c.condition day.image>c.true_input night.image>c.false_input c.value>shown.image",
        day=None, night=(16, 8), shown=(16, 8), idle="day",
    ),
    "a branch with several nodes": example(
        choice(condition=False), total("a", 4, 4), DAY, node("small", "img_resize", {"width": 8, "height": 8}), NIGHT,
        wires="a.value>day.width day.image>small.image small.image>c.true_input night.image>c.false_input",
        day=None, night=(16, 8), idle="a day small",
    ),
    "a node that serves a branch and more": example(
        choice(condition=False), DAY, NIGHT, SHOWN,
        wires="day.image>c.true_input night.image>c.false_input day.image>shown.image",
        day=(8, 8), night=(16, 8), shown=(8, 8),
    ),
    "a node that serves both branches": example(
        choice(condition=False), DAY, wires="day.image>c.true_input day.image>c.false_input", day=(8, 8),
    ),
    "a branch without anything": example(
        choice(condition=False), DAY, wires="day.image>c.true_input", day=None, idle="day",
    ),
    "a choice in a choice": example(
        choice(condition=True), choice(condition=False, node_id="d"), DAY, NIGHT, total("a", 1, 1),
        wires="day.image>d.true_input night.image>d.false_input d.value>c.true_input a.value>c.false_input",
        day=None, night=(16, 8), value="a picture", idle="day a",
    ),
    "a choice that is not taken": example(
        choice(condition=False), choice(condition=False, node_id="d"), DAY, NIGHT, total("a", 1, 1),
        wires="day.image>d.true_input night.image>d.false_input d.value>c.true_input a.value>c.false_input",
        day=None, night=None, value=2, idle="day night d",
    ),
    "a choice of numbers": example(
        choice(condition=True), total("a", 1, 1), total("b", 2, 2), wires="a.value>c.true_input b.value>c.false_input",
        value=2, idle="b",
    ),
    "one branch of two": example(choice(condition=True), total("a", 1, 1), wires="a.value>c.true_input", value=2),
    "the other branch of two": example(
        choice(condition=False), total("a", 1, 1), wires="a.value>c.true_input", value=None, idle="a",
    ),
    "one branch of two in an iteration": example(
        BOTH, ITERATE, choice(), text("a", "x"), wires=f"{BY_ITEM} i.item>a.use_regex a.value>c.true_input",
        value=["x", None],
    ),
    "a list in one branch of two": example(
        choice(condition=False), numbers(1), wires="n.collection>c.true_input", value=None, idle="n",
    ),
    "a collected branch": example(
        BOTH, ITERATE, choice(), text("a", "x"), COLLECT,
        wires=f"{BY_ITEM} i.item>a.use_regex a.value>c.true_input c.value>k.item",
        collection=["x", None],
    ),
    "lists chosen": example(
        choice(condition=False), numbers(1), node("s", "string_collection", {"collection": ["a"]}),
        wires="n.collection>c.true_input s.collection>c.false_input", value=["a"], idle="n",
    ),
    "a list or not": example(
        choice(condition=False), numbers(1), total("a"), wires="a.value>c.true_input n.collection>c.false_input",
        value=[1], idle="a",
    ),
    "a choice by the item": example(
        BOTH, ITERATE, choice(), text("a", "x"), text("b", "y"),
        wires=f"{BY_ITEM} i.item>a.use_regex i.item>b.use_regex a.value>c.true_input b.value>c.false_input",
        value=["x", "y"],
    ),
    "pictures chosen by the item": example(
        BOTH, ITERATE, choice(), DAY, NIGHT, SHOWN,
        node("l", "metadata_item_linked", {"label": "width"}), node("m", "metadata_item_linked", {"label": "width"}),
        wires=f"{BY_ITEM} i.item>l.value i.item>m.value l.metadata>day.metadata m.metadata>night.metadata "
        "day.image>c.true_input night.image>c.false_input c.value>shown.image",
        day=[(8, 8)], night=[(16, 8)], shown=[(8, 8), (16, 8)],
    ),
    "a choice in an iteration": example(
        numbers(8, 16), ITERATE, choice(condition=False), DAY, NIGHT,
        wires=f"{IN_LOOP} i.item>day.width i.item>night.width day.image>c.true_input night.image>c.false_input",
        day=[], night=[(8, 8), (16, 8)], idle="day",
    ),
}  # fmt: skip

RETURNS = {
    "a text": example(returned("v", "name", value="a"), RETURN, wires="v.value>r.values", name="a"),
    "several values": example(
        returned("v", "name", value="a"), returned("w", "size"), returned("x", "picture"), total("a", 1, 2), paper(),
        COLLECT, RETURN,
        wires="a.value>w.value p.image>x.value v.value>k.item w.value>k.item x.value>k.item k.collection>r.values",
        image=(8, 8), name="a", size=3, picture="a picture",
    ),
    "a key that a node gives": example(
        node("s", "string", {"value": "name"}), returned("v", None, value="a"), RETURN,
        wires="s.value>v.key v.value>r.values", values={"name": "a"},
    ),
    "a list": example(
        numbers(1, 2), ITERATE, total("a"), COLLECT, returned("v", "sums"), RETURN,
        wires=f"{IN_LOOP} i.item>a.a a.value>k.item k.collection>v.value v.value>r.values", sums=[1, 2],
    ),
    "a list of pictures": example(
        numbers(8, 16), ITERATE, paper(visible=False), COLLECT, returned("v", "pictures"), RETURN,
        wires=f"{IN_LOOP} i.item>p.width p.image>k.item k.collection>v.value v.value>r.values",
        image=[(8, 8), (16, 8)], pictures=["a picture"] * 2,
    ),
    "a value that is chosen": example(
        choice(condition=False), DAY, NIGHT, returned("v", "picture"), RETURN,
        wires="day.image>c.true_input night.image>c.false_input c.value>v.value v.value>r.values",
        day=None, night=(16, 8), picture="a picture", idle="day",
    ),
    "values read again": example(
        returned("v", "name", value="a"), node("g", "workflow_return_get", {"key": "name"}), RETURN,
        wires="v.value>r.values r.values>g.values", value="a", name="a",
    ),
    "a number": example(returned("v", "n", value=5), RETURN, wires="v.value>r.values", n=5),
    "a value of one iteration": example(
        numbers(1), ITERATE, returned("v", "n"), COLLECT, RETURN,
        wires=f"{IN_LOOP} i.item>v.value v.value>k.item k.collection>r.values", n=1,
    ),
    "a value of no iteration": example(
        numbers(), ITERATE, returned("v", "n"), COLLECT, RETURN,
        wires=f"{IN_LOOP} i.item>v.value v.value>k.item k.collection>r.values", n=None, idle="i v",
    ),
    "a value that is nothing": example(
        choice(condition=False), total("a", 1, 1), returned("v", "n"), RETURN,
        wires="a.value>c.true_input c.value>v.value v.value>r.values", n=None, idle="a",
    ),
    "nothing": example(RETURN, paper(), wires="", values={}, image=(8, 8)),
    "a name that is chosen": example(
        choice(condition=False), returned("v", "a", value="x"), returned("w", "b", value="y"), RETURN,
        wires="v.value>c.true_input w.value>c.false_input c.value>r.values", values={"b": "y"}, idle="v",
    ),
}  # fmt: skip
