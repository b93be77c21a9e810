"""The nodes of a workflow by what `%Node.widget%` calls them, and the values of their widgets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.workflow import UNSET


@dataclass(frozen=True)
class EditorNode:
    """A node: its id in the prompt, its two names, and the values that the file has for its widgets by name.

    `alias` is the name that comes first, the property "Node name for S&R"; it is the node's type where nobody changed
    it.
    """

    id: str
    alias: str
    title: str
    saved: Mapping[str, Any]


def editor_nodes(prompt: Mapping[str, Any], stored: Any) -> tuple[EditorNode, ...]:
    """Return the nodes in the order in which the editor looks through them: a subgraph's before the subgraph itself."""
    nodes = _dict(stored).get("nodes")
    inner: defaultdict[str, list[str]] = defaultdict(list)
    for node_id in prompt:
        instance, colon, _ = node_id.partition(":")
        if colon:
            inner[instance].append(node_id)
    found: dict[str, EditorNode] = {}
    for node in nodes if isinstance(nodes, list) else ():
        own_id = str(_dict(node).get("id"))
        found |= {node_id: _of_prompt(node_id, prompt[node_id]) for node_id in inner[own_id]}
        found[own_id] = _of_file(own_id, _dict(node), _dict(prompt.get(own_id)))
    found |= {node_id: _of_prompt(node_id, node) for node_id, node in prompt.items() if node_id not in found}
    return tuple(found.values())


def value_in(nodes: Sequence[EditorNode], input_of: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """Return what finds the value of a widget by the names of node and widget, `UNSET` where there is none.

    `input_of` returns the value that an input of the prompt gets, by its node's id and its name; `UNSET` for a link.
    """

    def value_of(name: str, widget: str) -> Any:
        node = next(_called(nodes, name), None)
        if node is None:
            return UNSET
        value = input_of(node.id, widget)
        return node.saved.get(widget, UNSET) if value is UNSET else value

    return value_of


def _called(nodes: Sequence[EditorNode], name: str) -> Iterator[EditorNode]:
    yield from (node for node in nodes if node.alias == name)
    yield from (node for node in nodes if node.title == name)


def _of_prompt(node_id: str, node: Mapping[str, Any]) -> EditorNode:
    title = _dict(node.get("_meta")).get("title")
    return EditorNode(node_id, node["class_type"], title if isinstance(title, str) else "", {})


def _of_file(node_id: str, node: Mapping[str, Any], posted: Mapping[str, Any]) -> EditorNode:
    alias = _dict(node.get("properties")).get("Node name for S&R", node.get("type"))
    title = node.get("title", _dict(posted.get("_meta")).get("title"))
    return EditorNode(node_id, str(alias), str(title), _dict(node.get("widgets_values_named")))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
