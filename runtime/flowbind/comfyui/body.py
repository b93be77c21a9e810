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

_CLIENT_ID, _PROMPT_ID, _BARE, _SAVED = "client_id", "prompt_id", "bare", "saved"


@dataclass(frozen=True)
class Body:
    """The request of a class: its bytes, and the value that each slot has in the workflow (None: it has none).

    `prompt` is the workflow's own, `editor_nodes` are its nodes as the editor shows them. `bare` are the nodes of which
    each input is a slot: their inputs are put together when the request is.
    """

    pieces: Pieces
    values: tuple[Any, ...]
    prompt: Mapping[str, Any]
    editor_nodes: tuple[EditorNode, ...]
    bare: Mapping[str, Mapping[str, int]]

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
        for number, value in {**(expanded or {}), **given}.items():
            holes[number] = None if value is None else encode(_wrapped(value, self.values[number]))
        for number, value in given.items():
            if value is not None:
                holes[_SAVED, number] = encode(value)
        for node_id, slots in self.bare.items():
            if not holes.keys().isdisjoint(slots.values()):
                holes[_BARE, node_id] = self._inputs_of(node_id, slots, holes)
        return self.pieces.join(holes)

    def _inputs_of(self, node_id: str, slots: Mapping[str, int], holes: Mapping[Hashable, bytes | None]) -> bytes:
        own = self.prompt[node_id]["inputs"]
        held = {name: encode(value) for name, value in own.items()} | {
            name: holes[number] for name, number in slots.items() if number in holes
        }
        return b",".join(encode(name) + b":" + data for name, data in held.items() if data is not None)


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
    bare = {node_id: own for node_id, own in slots.items() if own.keys() >= prompt[node_id]["inputs"].keys()}
    pieces = Pieces()
    pieces.add(b'{"prompt":')
    _add_prompt(pieces, prompt, slots, bare)
    if stored is not None:
        pieces.add(b',"extra_data":{"extra_pnginfo":{"workflow":')
        _add_saved(pieces, stored, _saved(binding.slots))
        pieces.add(b"}}")
    pieces.add_hole(_CLIENT_ID, b',"client_id":', None)
    pieces.add_hole(_PROMPT_ID, b',"prompt_id":', None)
    pieces.add(b"}")
    values = tuple(prompt[slot.node]["inputs"].get(slot.field) for slot in binding.slots)
    return Body(pieces, values, prompt, editor_nodes(prompt, stored), bare)


def _add_prompt(
    pieces: Pieces, prompt: Mapping[str, Any], slots: Mapping[str, Mapping[str, int]], bare: Mapping[str, Any]
) -> None:
    pieces.add(b"{")
    for position, (node_id, node) in enumerate(prompt.items()):
        pieces.add(b"," * bool(position) + encode(node_id) + b":{")
        for place, (key, value) in enumerate(node.items()):
            pieces.add(b"," * bool(place) + encode(key) + b":")
            if key != "inputs" or node_id not in slots:
                pieces.add(encode(value))
            elif node_id in bare:
                pieces.add(b"{")
                pieces.add_hole((_BARE, node_id), b"", encode(value)[1:-1])
                pieces.add(b"}")
            else:
                _add_inputs(pieces, value, slots[node_id])
        pieces.add(b"}")
    pieces.add(b"}")


def _add_inputs(pieces: Pieces, inputs: Mapping[str, Any], slots: Mapping[str, int]) -> None:
    """Add inputs of which one is no slot: it comes first, so that each hole can bring its own comma."""
    first = next(name for name in inputs if name not in slots)
    pieces.add(b"{" + encode(first) + b":" + encode(inputs[first]))
    for name in dict.fromkeys([*inputs, *slots]):
        start = b"," + encode(name) + b":"
        if name in slots:
            pieces.add_hole(slots[name], start, encode(inputs[name]) if name in inputs else None)
        elif name != first:
            pieces.add(start + encode(inputs[name]))
    pieces.add(b"}")


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
