"""All waits for a server that does not tell or answer, shortened."""

from __future__ import annotations

import pytest

from flowbind.comfyui.runs import posting
from flowbind.invokeai.runs import enqueue
from flowbind.listening import aio_listener, delays, listener, pauses


def shorten_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients ask again soon, connect again soon, and not look for long for what was lost."""
    monkeypatch.setattr(pauses, "_TRUST", 0.2)
    monkeypatch.setattr(delays.Delays, "_FIRST", 0.01)
    for listening in (listener, aio_listener):
        monkeypatch.setattr(listening, "FIRST_ATTEMPT", 0.3)
    for sending in (enqueue, posting):
        monkeypatch.setattr(sending, "_BROKEN", 0.1)
