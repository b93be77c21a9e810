# Made from ../awaited/models.py. Do not edit: run `make twins`.
"""The models of a server, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Models(Handle):
    """The models of a server."""
