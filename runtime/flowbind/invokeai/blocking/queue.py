# Made from ../awaited/queue.py. Do not edit: run `make twins`.
"""A server's queue, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Queue(Handle):
    """A server's queue."""
