# Made from ../awaited/quick.py. Do not edit: run `make twins`.
"""What people reach for first, each a workflow that flowbind brings along, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Quick(Handle):
    """What people reach for first, each a workflow that flowbind brings along."""
