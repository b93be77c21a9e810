# Made from ../awaited/videos.py. Do not edit: run `make twins`.
"""The videos of a server (InvokeAI 6.14 and later), sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Videos(Handle):
    """The videos of a server (InvokeAI 6.14 and later)."""
