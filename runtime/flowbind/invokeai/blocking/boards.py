# Made from ../awaited/boards.py. Do not edit: run `make twins`.
"""The boards of a server, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Boards(Handle):
    """The boards of a server."""
