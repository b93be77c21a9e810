"""The frames of ComfyUI's websocket: texts that tell, and binary ones with previews; no I/O."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flowbind.transport.address import websocket_url

PREVIEW, TEXT = "flowbind_preview", "flowbind_text"
"""What binary frames are called here; the server has numbers for them."""

_PICTURE, _TEXT, _PICTURE_OF = 1, 3, 4
_MEDIA_TYPES = {1: "image/jpeg", 2: "image/png"}
_GREETING = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})


class Conversation:
    """One connection, from the first frame on; `subscribed` when the server tells, which it does with its first one.

    `tell_id` is told then under which id the client is known.
    """

    silence = None
    """Between two runs the server has nothing to say."""

    def __init__(self, server: str, tell_id: Callable[[str], None]) -> None:
        self.subscribed = False
        # Another one for each connection: the server forgets a client whose former connection ends after it came back.
        self._client_id = str(uuid.uuid4())
        self.url = websocket_url(server, "/ws", urlencode({"clientId": self._client_id}))
        self._tell_id = tell_id

    def greeting(self) -> str:
        """Return what has to be the first message: only then previews say whose they are."""
        return _GREETING

    def hear(self, frame: str | bytes) -> tuple[None, tuple[str, Mapping[str, Any]] | None]:
        """Take in a frame; return the event that it was: name and data.

        Raises `ValueError` for a text that is no JSON. What has another shape than any known is no event.
        """
        if isinstance(frame, bytes):
            return None, _binary(frame)
        try:
            document = json.loads(frame)
        except RecursionError:
            raise ValueError("The server's event is nested too deep.") from None
        match document:
            case {"type": "status"}:
                # Told at each change of the queue, and as the first thing.
                if not self.subscribed:
                    self._tell_id(self._client_id)
                    self.subscribed = True
            case {"type": str(name), "data": dict(data)}:
                return None, (name, data)
            case _:
                pass
        return None, None


def _binary(frame: bytes) -> tuple[str, Mapping[str, Any]] | None:
    kind, rest = _number(frame), frame[4:]
    if kind == _PICTURE:
        return PREVIEW, {"media_type": _MEDIA_TYPES.get(_number(rest) or 0), "image": rest[4:]}
    size = _number(rest)
    if size is None or len(rest) < 4 + size:
        return None
    head, content = rest[4 : 4 + size], rest[4 + size :]
    try:
        if kind == _TEXT:
            return TEXT, {"node": head.decode(), "text": content.decode()}
        about = json.loads(head) if kind == _PICTURE_OF else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(about, dict):
        return None
    known = {key: about.get(key) for key in ("prompt_id", "node_id", "display_node_id")}
    return PREVIEW, {**known, "media_type": about.get("image_type"), "image": content}


def _number(data: bytes) -> int | None:
    return int.from_bytes(data[:4], "big") if len(data) >= 4 else None
