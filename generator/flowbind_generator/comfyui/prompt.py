"""A workflow as the editor posts it (the API's prompt), and where each of its values comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Keys = tuple[str | int, ...]
"""What leads to a value in a saved file, from its root."""


Expands = Literal["text", "pattern"]


@dataclass(frozen=True)
class Place:
    """An input of a node of the prompt."""

    node_id: str
    name: str


@dataclass(frozen=True)
class EditorNode:
    """A node as the editor shows it.

    `path` is its id in the file; of one inside of subgraphs, those of the instances come first ("57:8"). `title` is
    what the author called it, "" where the class's own name stands there. `prompt_id` is its id in the prompt, None for
    what is not posted: notes, subgraphs, nodes that are bypassed or muted. `type` is the class, or the name of the
    subgraph that it is an instance of (`is_subgraph`).
    """

    path: str
    type: str
    title: str
    prompt_id: str | None
    keys: Keys
    is_subgraph: bool = False


@dataclass(frozen=True)
class Widget:
    """One control of a node in the editor: a literal, and where the prompt has it.

    `path` is the node's. `label` is what the author called the control, "" where it has its own name. `value` is the
    file's as the editor reads it, `keys` leads to it in the file (None: the file does not say it, it is the default);
    where they lead to a node inside of a subgraph, `inner_name` is what that one calls it.
    `targets` are all inputs of the prompt that get the value: none where a link feeds the control, or its node is not
    posted; several where a subgraph or primitive hands it on. `control` is what the editor does with a number after
    each run ("fixed", "randomize", "increment", "decrement"), None where it has no such control. `expands` says what
    the editor makes of the text at each run: with "text" it chooses among `{a|b}`, with "pattern" it puts dates and
    values of other nodes in the place of `%date:...%` and `%Node.widget%`; `value` is what it starts from.
    """

    path: str
    name: str
    value: Any = field(hash=False)
    targets: tuple[Place, ...]
    keys: Keys | None
    inner_name: str = ""
    label: str = ""
    promoted: bool = False
    control: str | None = None
    expands: Expands | None = None


@dataclass(frozen=True)
class PromptNode:
    """A node of the prompt: its class, and its inputs as they are posted, a link as [node id, number of output]."""

    id: str
    path: str
    class_type: str
    title: str
    inputs: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Prompt:
    """A converted workflow.

    `widgets` are the controls of all nodes in the order of the file, each node's in the order of the editor.
    `linear` is what the author chose for App mode, as the file has it: `extra.linearData`. `root` are the keys that
    lead to the workflow in the file. `stored` is the saved workflow, None where there is only a prompt.
    """

    nodes: Mapping[str, PromptNode]
    editor_nodes: Sequence[EditorNode]
    widgets: Sequence[Widget]
    title: str = ""
    linear: Mapping[str, Any] = field(default_factory=dict[str, Any])
    root: Keys = ()
    stored: Mapping[str, Any] | None = field(default=None, hash=False)

    @cached_property
    def by_path(self) -> Mapping[str, EditorNode]:
        """The nodes of the editor by their paths."""
        return {node.path: node for node in self.editor_nodes}

    @cached_property
    def posted(self) -> dict[str, Any]:
        """What is posted: `{id: {"class_type", "inputs", "_meta"}}`."""
        return {
            node.id: {"class_type": node.class_type, "inputs": dict(node.inputs), "_meta": {"title": node.title}}
            for node in self.nodes.values()
        }

    @cached_property
    def kept(self) -> dict[str, Any]:
        """The same as a generated module keeps it: with the texts that are made anew at each run as they are saved."""
        inputs = {node.id: dict(node.inputs) for node in self.nodes.values()}
        for widget in self.widgets:
            for place in widget.targets if widget.expands else ():
                inputs[place.node_id][place.name] = widget.value
        return {node_id: {**node, "inputs": inputs[node_id]} for node_id, node in self.posted.items()}


def is_link(value: Any) -> bool:
    """Tell whether an input of a prompt is a link: [node id, number of output]."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )
