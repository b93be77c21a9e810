"""What the server tells of prompts: those that wait or run, and those of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flowbind.comfyui.runs.item import ENDS, item_of_history
from flowbind.comfyui.schema.shapes import items, mapping
from flowbind.errors import UnexpectedReply


@dataclass(frozen=True)
class QueueItem:
    """A prompt on the server; times are UTC."""

    item_id: str
    """What the server calls its `prompt_id`."""
    number: float
    """Its place: the lowest is the next; what was put to the front has one below 0."""
    status: str
    """pending, in_progress, completed, failed or canceled."""
    created_at: datetime | None
    client_id: str | None
    """The client that hears of it, where there is one."""
    prompt: Mapping[str, Any] = field(repr=False)
    """Its nodes by their ids, as they were posted."""
    extra_data: Mapping[str, Any] = field(repr=False)
    """What was posted with it, such as the workflow as the editor has it."""


@dataclass(frozen=True)
class HistoryItem(QueueItem):
    """A prompt that has ended, and what came of it."""

    started_at: datetime | None
    ended_at: datetime | None
    outputs: Mapping[str, Any] = field(repr=False)
    """What its nodes show, by their ids, in the server's own words."""
    messages: Sequence[Any] = field(repr=False)
    """What the server has told of it: pairs of a name and what belongs to it."""


def queue_item(entry: Any, status: str) -> QueueItem:
    """Return an entry of the queue; raises `UnexpectedReply` for what is none."""
    return QueueItem(**_posted(entry), status=status)


def history_item(entry: Any) -> HistoryItem:
    """Return an entry of the history; raises `UnexpectedReply` for what is none."""
    entry = mapping(entry)
    posted = _posted(entry.get("prompt"))
    item = item_of_history(posted["item_id"], entry)
    said = items(mapping(entry.get("status")).get("messages"))
    messages = [pair for pair in said if isinstance(pair, list) and len(pair) == 2]
    told = {pair[0]: _time(mapping(pair[1]).get("timestamp")) for pair in messages if isinstance(pair[0], str)}
    return HistoryItem(
        **posted,
        status=item.status,
        started_at=told.get("execution_start"),
        ended_at=next((at for name, at in told.items() if name in ENDS), None),
        outputs=item.outputs,
        messages=messages,
    )


def _posted(entry: Any) -> dict[str, Any]:
    # Releases have added to it at its end.
    number, item_id, prompt, extra, *_ = [*items(entry), None, None, None, None]
    try:
        place = float(number)
    except (TypeError, ValueError, OverflowError):
        place = None
    if not isinstance(item_id, str) or isinstance(number, str | bool) or place is None:
        raise UnexpectedReply("The server's queue is none. Check the address; its release may be one unknown here.")
    extra = mapping(extra)
    client_id = extra.get("client_id")
    return {
        "item_id": item_id,
        "number": place,
        "created_at": _time(extra.get("create_time")),
        "client_id": client_id if isinstance(client_id, str) else None,
        "prompt": mapping(prompt),
        "extra_data": extra,
    }


def _time(milliseconds: Any) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
