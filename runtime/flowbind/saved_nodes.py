"""The nodes of an export with their literals: the values in it, whether or not they are inputs of its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowbind.errors import NoInput
from flowbind.near import hint
from flowbind.outside import one_line
from flowbind.workflow import shortened


@dataclass(frozen=True)
class Literal:
    """A value that may become an input.

    `address` names it: "node id.input"; `type` is as the server says it, `title` that of the node. `places` are the
    (node id, field name) of the graph that get the value. One that is not `given` has none in the graph.
    """

    address: str
    type: str
    value: Any = field(hash=False)
    title: str
    places: tuple[tuple[str, str], ...]
    given: bool = True


@dataclass(frozen=True)
class SavedNode:
    """A node as the editor shows it, with its literals by the names of its inputs.

    `posted` is its id in the graph, where that is another one or there is none. Its other inputs are `fed` by the node
    of an id, or `handed` the literal of another node, by its address.
    """

    id: str
    title: str
    type: str
    literals: Mapping[str, Literal]
    fed: Mapping[str, str]
    handed: Mapping[str, str] = field(default_factory=dict[str, str])
    posted: str | None = None


def node_called(workflow: str, nodes: Sequence[SavedNode], key: str | int) -> SavedNode:
    """Return the node of an id or title; raises `NoInput` where there is none, or several have the title."""
    wanted = str(key)
    for found in (
        [node for node in nodes if node.id == wanted],
        [node for node in nodes if node.posted == wanted],
        [node for node in nodes if node.title == wanted],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(shortened(node.id) for node in found)
            raise NoInput(f"{workflow}: {len(found)} nodes are called {shortened(wanted)}; use an id: {ids}.")
    known = [shortened(name) for node in nodes for name in (node.title, node.id)]
    raise NoInput(f"{workflow} has no node {shortened(wanted)}: {hint(shortened(wanted), known, 'its nodes')}")


def literal_called(workflow: str, nodes: Sequence[SavedNode], key: str | int, name: str) -> Literal:
    """Return the literal of a node; raises `NoInput` where there is none, naming what feeds it if something does."""
    node = node_called(workflow, nodes, key)
    if name in node.literals:
        return node.literals[name]
    place = f"{workflow}: `{one_line(name, 80)}` of {called(node)}"
    if name in node.fed:
        feeding = next((called(other) for other in nodes if other.id == node.fed[name]), "another node")
        raise NoInput(f"{place} takes no value: {feeding} feeds it.")
    if name in node.handed:
        owner, literal = next(
            (other, one) for other in nodes for one in other.literals.values() if one.address == node.handed[name]
        )
        if len(literal.places) == 1:
            return literal
        own = next(own for own, one in owner.literals.items() if one is literal)
        raise NoInput(
            f"{place} takes no value of its own: {called(owner)} gives one to {len(literal.places)} inputs. "
            f"Set {shortened(own)} there."
        )
    said = hint(name, node.literals, "its literals") if node.literals else "it has no literal that a run takes."
    raise NoInput(f"{place} is not there: {said}")


def called(node: SavedNode) -> str:
    """Return how messages call a node."""
    return f'the node "{one_line(node.title, 80)}" ({one_line(node.id, 80)})'
