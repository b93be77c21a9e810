"""What examples of workflows are made of: an export, and what its outputs hold by attribute, a picture as its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.unit.exports import edge, node, workflow

Node = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """A workflow, what each of its runs gives, and the nodes that do not run."""

    export: Mapping[str, Any]
    gives: Sequence[Mapping[str, Any]]
    idle: frozenset[str] = field(default_factory=frozenset)


def example(*nodes: Node, wires: str, idle: str = "", **gives: Any) -> Example:
    """Return an example of one run; wires are written "a.value>b.a", with spaces between them."""
    return batch_example(*nodes, wires=wires, gives=[gives], idle=idle)


def batch_example(*nodes: Node, wires: str, gives: Sequence[Mapping[str, Any]], idle: str = "") -> Example:
    """Return an example of several runs."""
    edges = [edge(*wire.split(">")) for wire in wires.split()]
    return Example(workflow(*nodes, edges=edges, form=None), gives, frozenset(idle.split()))


def numbers(*items: int, node_id: str = "n") -> Node:
    """Return a node that holds a list of numbers."""
    return node(node_id, "integer_collection", {"collection": list(items)})


def paper(node_id: str = "p", *, visible: bool = True, **inputs: Any) -> Node:
    """Return a node that makes a blank picture."""
    return node(node_id, "blank_image", {"width": 8, "height": 8, "mode": "RGB", **inputs}, visible=visible)


def total(node_id: str, a: int = 0, b: int = 0, *, label: str = "") -> Node:
    """Return a node that adds two numbers."""
    return node(node_id, "add", {"a": a, "b": b}, label=label)


def choice(*, condition: bool = True, node_id: str = "c", **inputs: Any) -> Node:
    """Return an `if` node."""
    return node(node_id, "if", {"condition": condition, **inputs})


def returned(node_id: str, key: str | None, **inputs: Any) -> Node:
    """Return a node that names a value to return."""
    return node(node_id, "workflow_return_value", ({} if key is None else {"key": key}) | inputs)


def labelled(made: Node, label: str) -> Node:
    """Return a node with another label."""
    return {**made, "data": {**made["data"], "label": label}}


ITERATE, COLLECT, RETURN = node("i", "iterate"), node("k", "collect"), node("r", "workflow_return")
IN_LOOP = "n.collection>i.collection"
