"""The body of `POST /prompt` for one class, serialised once, with holes where values may change."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbind.binding import Binding, Slot
from flowbind.comfyui.editor_nodes import EditorNode, editor_nodes
from flowbind.payload import Pieces, encode
from flowbind.workflow import Workflow

_VALUE = "__value__"
"""The one key of the object that a list is sent in: a bare list would be a link."""

_CLIENT_ID, _PROMPT_ID, _INPUTS, _SAVED = "client_id", "prompt_id", "inputs", "saved"


@dataclass(frozen=True)
class Member:
    """An input of a node that has slots: what it starts with, its own value (None: it has none), its slot's number."""

    start: bytes
    own: bytes | None
    slot: int | None


@dataclass(frozen=True)
class Body:
    """The request of a class: its bytes, and the value that each slot has in the workflow (None: it has none).

    `prompt` is the workflow's own, `editor_nodes` are its nodes as the editor shows them. `members` are the inputs of
    each node that has slots, put together when one of them is given; `nodes_of` are the nodes of each slot.
    """

    pieces: Pieces
    values: tuple[Any, ...]
    prompt: Mapping[str, Any]
    editor_nodes: tuple[EditorNode, ...]
    members: Mapping[str, tuple[Member, ...]]
    nodes_of: tuple[tuple[str, ...], ...]

    def join(
        self,
        given: Mapping[int, Any],
        expanded: Mapping[int, str] | None = None,
        *,
        client_id: str | None = None,
        prompt_id: str | None = None,
    ) -> bytes:
        """Return the request with JSON values by the numbers of slots; None leaves the input out.

        What is `given` stands in the stored workflow, too; what was `expanded` only in the prompt, as from the editor.
        """
        holes: dict[Hashable, bytes | None] = {}
        for key, name in ((_CLIENT_ID, client_id), (_PROMPT_ID, prompt_id)):
            holes[key] = None if name is None else encode(name)
        for number, value in given.items():
            if value is not None:
                holes[_SAVED, number] = encode(value)
        data = {
            number: None if value is None else encode(_wrapped(value, self.values[number]))
            for number, value in {**(expanded or {}), **given}.items()
        }
        for node_id in {node_id for number in data for node_id in self.nodes_of[number]}:
            holes[_INPUTS, node_id] = _joined(self.members[node_id], data)
        return self.pieces.join(holes)


def body_of(workflow: type[Workflow[Any]]) -> Body:
    """Return the request of a generated class; read and built on first use."""
    binding = workflow.__flowbind__
    body: Body = binding.once("body", lambda: _build(workflow.__module__, binding))
    return body


def _build(module: str, binding: Binding) -> Body:
    prompt = json.loads(binding.read(module, binding.graph))
    stored = json.loads(binding.read(module, binding.workflow)) if binding.workflow else None
    slots: dict[str, dict[str, int]] = {}
    for number, slot in enumerate(binding.slots):
        for node_id, name in ((slot.node, slot.field), *slot.also):
            slots.setdefault(node_id, {})[name] = number
    members = {node_id: _members(prompt[node_id]["inputs"], own) for node_id, own in slots.items()}
    pieces = Pieces()
    pieces.add(b'{"prompt":{')
    for position, (node_id, node) in enumerate(prompt.items()):
        pieces.add(b"," * bool(position) + encode(node_id) + b":{")
        for place, (key, value) in enumerate(node.items()):
            pieces.add(b"," * bool(place) + encode(key) + b":")
            if key == "inputs" and node_id in members:
                pieces.add_hole((_INPUTS, node_id), b"", _joined(members[node_id], {}))
            else:
                pieces.add(encode(value))
        pieces.add(b"}")
    pieces.add(b"}")
    if stored is not None:
        pieces.add(b',"extra_data":{"extra_pnginfo":{"workflow":')
        _add_saved(pieces, stored, _saved(binding.slots))
        pieces.add(b"}}")
    pieces.add_hole(_CLIENT_ID, b',"client_id":', None)
    pieces.add_hole(_PROMPT_ID, b',"prompt_id":', None)
    pieces.add(b"}")
    return Body(
        pieces,
        tuple(prompt[slot.node]["inputs"].get(slot.field) for slot in binding.slots),
        prompt,
        editor_nodes(prompt, stored),
        members,
        tuple((slot.node, *(node_id for node_id, _ in slot.also)) for slot in binding.slots),
    )


def _members(inputs: Mapping[str, Any], slots: Mapping[str, int]) -> tuple[Member, ...]:
    return tuple(
        Member(encode(name) + b":", encode(inputs[name]) if name in inputs else None, slots.get(name))
        for name in dict.fromkeys([*inputs, *slots])
    )


def _joined(members: Sequence[Member], data: Mapping[int, bytes | None]) -> bytes:
    """Return an object of the members, those of slots with `data` where there is some; None leaves one out."""
    told = ((m.start, m.own if m.slot is None else data.get(m.slot, m.own)) for m in members)
    return b"{" + b",".join([start + value for start, value in told if value is not None]) + b"}"


def _saved(slots: Sequence[Slot]) -> dict[str | int, Any]:
    """Return a tree of keys with the numbers of slots at its ends."""
    tree: dict[str | int, Any] = {}
    for number, slot in enumerate(slots):
        for *way, last in slot.saved:
            branch = tree
            for key in way:
                branch = branch.setdefault(key, {})
            branch[last] = number
    return tree


def _add_saved(pieces: Pieces, value: Any, tree: dict[str | int, Any] | int) -> None:
    if isinstance(tree, int):
        pieces.add_hole((_SAVED, tree), b"", encode(value))
    elif not tree:
        pieces.add(encode(value))
    else:
        is_list = isinstance(value, list)
        pieces.add(b"[" if is_list else b"{")
        for position, (key, item) in enumerate(enumerate(value) if is_list else value.items()):
            pieces.add(b"," * bool(position) + (b"" if is_list else encode(key) + b":"))
            _add_saved(pieces, item, tree.get(key, {}))
        pieces.add(b"]" if is_list else b"}")


def _wrapped(value: Any, own: Any) -> Any:
    """Return a value as the prompt has it: in an object where the workflow's own is, or where it is a list."""
    if isinstance(own, dict) and _VALUE in own:
        return {**own, _VALUE: value}
    return {_VALUE: value} if isinstance(value, list) else value
