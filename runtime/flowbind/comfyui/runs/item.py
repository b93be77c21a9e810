"""One prompt as the server has it: where it is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowbind.comfyui.schema.shapes import items, mapping

ENDS = {"execution_success": "completed", "execution_error": "failed", "execution_interrupted": "canceled"}
"""How a prompt ends, by what the server says then."""
_STATUSES = {"success": "completed", "error": "failed"}
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt: `outputs` are what nodes have shown, by id; `told` is the server's word on its end."""

    item_id: str
    status: str
    prompt: Values = field(default_factory=dict[str, Any], repr=False)
    outputs: Mapping[str, Values] = field(default_factory=dict[str, Values], repr=False)
    shown_for: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """The node of the workflow that a node stands for which came into being while the prompt ran."""
    told: Values = field(default_factory=dict[str, Any], repr=False)


def item_of_history(item_id: str, entry: Any) -> Item:
    """Return an ended prompt, from its entry in `/history`, or from what `/api/jobs` has of it."""
    known = mapping(entry)
    status = known.get("status")
    if not isinstance(status, dict):
        status = known.get("execution_status")
    status = mapping(status)
    ended, told = _end(status.get("messages"))
    return Item(
        item_id,
        ended or _STATUSES.get(str(status.get("status_str")), "completed"),
        _prompt(known),
        {node: output for node, output in mapping(known.get("outputs")).items() if isinstance(output, dict)},
        _shown_for(known.get("meta")),
        told,
    )


def _end(messages: Any) -> tuple[str | None, Values]:
    """Return how a prompt ended and what the server said then."""
    for message in reversed(items(messages)):
        match message:
            case [str(name), dict(told), *_] if name in ENDS:
                return ENDS[name], told
            case _:
                pass
    return None, {}


def _prompt(entry: Values) -> Values:
    """Return the prompt's nodes by id."""
    match entry:
        case {"prompt": [_, _, dict(prompt), *_]} | {"workflow": {"prompt": dict(prompt)}}:
            return prompt
        case _:
            return {}


def _shown_for(meta: Any) -> dict[str, str]:
    return {
        node: about["display_node"]
        for node, about in mapping(meta).items()
        if isinstance(about, dict) and isinstance(about.get("display_node"), str)
    }


def place_in_queue(item_id: str, queue: Any) -> str | None:
    """Return where a prompt is in an answer of `/queue`; None where it is not in it."""
    for key, status in (("queue_running", "in_progress"), ("queue_pending", "pending")):
        if any(items(entry)[1:2] == [item_id] for entry in items(mapping(queue).get(key))):
            return status
    return None
