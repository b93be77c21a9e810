"""What ComfyUI tells: each event goes to the prompt that it belongs to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flowbind.comfyui.events.frames import PREVIEW, TEXT
from flowbind.comfyui.runs.item import ENDS
from flowbind.listening.channel import Channels, Heard

START, EXECUTING, PROGRESS, EXECUTED = "execution_start", "executing", "progress", "executed"


class PromptChannels(Channels):
    """The channels of one client, by the id of the prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.client_id = str(uuid.uuid4())
        """Whom the server tells of what is posted now."""
        # Previews of older servers do not say whose they are: of the node that was told of last.
        self._running: tuple[str, str] | None = None
        self._endings: dict[str, str] = {}

    def known_as(self, client_id: str) -> None:
        """Note under which id the client listens from now on; of what was posted under another, it is not told."""
        with self.lock:
            self.client_id = client_id
            for channel in tuple(self._channels.values()):
                channel.is_told = False

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        """Give an event to the channel that it belongs to; others' are dropped."""
        prompt_id, node = self._whose(name, data)
        if prompt_id is None:
            return
        if name in ENDS:
            # One client has one run at a time.
            self._endings = {prompt_id: ENDS[name]}
        elif name == EXECUTING and data.get("node") is None:
            # Only now the history has it.
            self._running = None
            ended = self._endings.pop(prompt_id, None)
            self.give(prompt_id, Heard(name, prompt_id if ended else None, status=ended))
        elif name == START:
            self.give(prompt_id, Heard(name, prompt_id, status="in_progress"))
        elif node is not None and name in _KEPT:
            if name == EXECUTING:
                self._running = prompt_id, node
            shown = data.get("display_node", data.get("display_node_id"))
            kept = {key: data[key] for key in _KEPT[name] if data.get(key) is not None}
            self.give(
                prompt_id,
                Heard(name, prompt_id, "in_progress", node, shown if isinstance(shown, str) else node, kept),
            )

    def _whose(self, name: str, data: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """Return the prompt and the node that an event is about."""
        prompt_id, node = data.get("prompt_id"), data.get("node", data.get("node_id"))
        if name in (PREVIEW, TEXT) and self._running and not isinstance(prompt_id, str):
            prompt_id, running = self._running
            node = node if isinstance(node, str) else running
        return prompt_id if isinstance(prompt_id, str) else None, node if isinstance(node, str) else None


_KEPT: Mapping[str, tuple[str, ...]] = {
    EXECUTING: (),
    PROGRESS: ("value", "max"),
    EXECUTED: ("output",),
    PREVIEW: ("media_type", "image"),
    TEXT: ("text",),
}
"""What is kept of the events of nodes."""
