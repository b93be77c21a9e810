# Made from ../awaited/gallery.py. Do not edit: run `make twins`.
"""What the server tells of the pictures or videos that it keeps, sync."""

from __future__ import annotations

from typing import Generic

from flowbind.invokeai import gallery
from flowbind.invokeai.blocking.handle import Handle
from flowbind.invokeai.stored import Kind, StoredT


class Gallery(Handle, Generic[StoredT]):
    """What lists, tells of, stars and deletes."""

    _kind: Kind[StoredT]

    def get(self, name: str) -> StoredT:
        """Return what the server tells of one, by its name.

        Raises `flowbind.errors.NotFound` and any `ServerError`. Source: `GET /api/v1/images/i/{image_name}`.
        """
        return self._server.perform(gallery.found(self._kind, name, self))
