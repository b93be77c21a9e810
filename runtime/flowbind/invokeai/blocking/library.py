# Made from ../awaited/library.py. Do not edit: run `make twins`.
"""The workflows that a server keeps, sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.handle import Handle


class Library(Handle):
    """The workflows that a server keeps."""
