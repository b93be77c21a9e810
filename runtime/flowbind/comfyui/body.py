"""The body of `POST /prompt` for one class, serialised once, with holes where values may change."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from flowbind.binding import Binding, Slot
from flowbind.comfyui.custom_combo import CHOICE, INDEX, NAME, index_of
from flowbind.comfyui.editor_nodes import EditorNode, editor_nodes
from flowbind.outside import one_line
from flowbind.payload import Pieces, encode
from flowbind.transport.steps import Operation, Work
from flowbind.workflow import Workflow

_BODY = "body"
_VALUE = "__value__"
"""The one key of the object that a list is sent in: a bare list would be a link."""

_MEMBERS, _EXTRA, _INPUTS, _SAVED = "members", "extra", "inputs", "saved"


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
    stores: bool
    """Whether the workflow goes along, into the pictures."""

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The class of each node."""
        return {node: about["class_type"] for node, about in self.prompt.items()}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What people call each node: its title, else its class."""
        return {node: about.get("_meta", {}).get("title") or self.types[node] for node, about in self.prompt.items()}

    def label(self, node: str) -> str:
        """Return what people call a node: its title, else its class, else its id."""
        return self.labels.get(node, node)

    def join(
        self,
        given: Mapping[int, Any],
        expanded: Mapping[int, str] | None = None,
        *,
        members: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the request with JSON values by the numbers of slots; None leaves the input out.

        What is `given` stands in the stored workflow, too; what was `expanded` only in the prompt, as from the editor.
        `members` are those of the request beside the prompt, `extra` those of its `extra_data`.
        """
        holes: dict[Hashable, bytes | None] = {}
        if members:
            holes[_MEMBERS] = encode(members)[1:-1]
        if extra:
            holes[_EXTRA] = encode(extra)[1:-1] if self.stores else encode(extra)
        for number, value in given.items():
            if value is not None:
                holes[_SAVED, number] = encode(value)
        data = {
            number: None if value is None else encode(_wrapped(value, self.values[number]))
            for number, value in {**(expanded or {}), **given}.items()
        }
        for node_id in {node_id for number in data for node_id in self.nodes_of[number]}:
            holes[_INPUTS, node_id] = _joined(self._following(node_id, given), data)
        return self.pieces.join(holes)

    def _following(self, node_id: str, given: Mapping[int, Any]) -> Sequence[Member]:
        """Return the inputs of a node with those changed that the editor works out from what is given."""
        members, inputs = self.members[node_id], self.prompt[node_id]["inputs"]
        if self.types[node_id] != NAME or INDEX not in inputs:
            return members
        slots = {member.start: member.slot for member in members}
        chosen, index = slots[_start(CHOICE)], _start(INDEX)
        if chosen is None or chosen not in given or slots[index] is not None:
            return members
        place = encode(index_of(inputs, given[chosen]))
        return [replace(member, own=place) if member.start == index else member for member in members]


def body_of(workflow: type[Workflow[Any]]) -> Body:
    """Return the request of a generated class; read and built on first use."""
    binding = workflow.__flowbind__
    body: Body = binding.once(_BODY, lambda: _build(workflow.__module__, binding))
    return body


def load_body(workflow: type[Workflow[Any]]) -> Operation[None]:
    """Read and build the request of a class beside the event loop, once; then `body_of` has it at hand."""
    if _BODY not in workflow.__flowbind__.cache:
        yield Work(partial(body_of, workflow))


def node_named(workflow: type[Workflow[Any]], node: str) -> str:
    """Return how messages call a node: by its title, else its class, else its id."""
    return f'the node "{one_line(body_of(workflow).label(node), 80)}"'


def attribute_at(workflow: type[Workflow[Any]], node: str, name: str) -> str | None:
    """Return the attribute that an input of a node takes its value from."""
    slots = workflow.__flowbind__.slots
    return next((s.attribute for s in slots if (node, name) in ((s.node, s.field), *s.also)), None)


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
        pieces.add(b"}")
        pieces.add_hole(_EXTRA, b",", None)
        pieces.add(b"}")
    else:
        pieces.add_hole(_EXTRA, b',"extra_data":', None)
    pieces.add_hole(_MEMBERS, b",", None)
    pieces.add(b"}")
    return Body(
        pieces,
        tuple(prompt[slot.node]["inputs"].get(slot.field) for slot in binding.slots),
        prompt,
        editor_nodes(prompt, stored),
        members,
        tuple((slot.node, *(node_id for node_id, _ in slot.also)) for slot in binding.slots),
        stored is not None,
    )


def _members(inputs: Mapping[str, Any], slots: Mapping[str, int]) -> tuple[Member, ...]:
    return tuple(
        Member(_start(name), encode(inputs[name]) if name in inputs else None, slots.get(name))
        for name in dict.fromkeys([*inputs, *slots])
    )


def _start(name: str) -> bytes:
    return encode(name) + b":"


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
