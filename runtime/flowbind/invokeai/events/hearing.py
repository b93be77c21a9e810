"""What InvokeAI tells: each event goes to the batch that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbind.listening.channel import Channels, Heard

STATUS = "queue_item_status_changed"
STARTED, PROGRESS = "invocation_started", "invocation_progress"
COMPLETE, ERROR = "invocation_complete", "invocation_error"
_OF_NODES = frozenset({STARTED, PROGRESS, COMPLETE, ERROR})
# They end runs and do not say whose: whoever waits has to ask.
_OF_ALL = frozenset({"queue_cleared", "queue_items_canceled"})


class BatchChannels(Channels):
    """The channels of one client, by batch."""

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        """Give an event to the channel that it belongs to; others' are dropped."""
        if name in _OF_ALL:
            self.hear_all(name)
        elif (name == STATUS or name in _OF_NODES) and isinstance(data.get("item_id"), int):
            self.give(str(data.get("batch_id")), _heard(name, data))


def _heard(name: str, data: Mapping[str, Any]) -> Heard:
    if name == STATUS:
        return Heard(name, data["item_id"], status=str(data.get("status")))
    invocation = data.get("invocation")
    prepared = invocation.get("id") if isinstance(invocation, dict) else None
    kept = ("message", "percentage", "image", "result", "error_type", "error_message")
    node = data.get("invocation_source_id")
    return Heard(
        name,
        data["item_id"],
        prepared=None if prepared is None else str(prepared),
        node=None if node is None else str(node),
        data={key: data[key] for key in kept if data.get(key) is not None},
    )
