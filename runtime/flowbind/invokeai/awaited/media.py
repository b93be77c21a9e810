"""What the handles of pictures and of videos have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from flowbind.invokeai.awaited.handle import AsyncHandle
from flowbind.invokeai.gallery.stored import Kind, NamedT, StoredT

if TYPE_CHECKING:
    from flowbind.invokeai.gallery.index import MediaIndex


class AsyncMedia(AsyncHandle, Generic[StoredT, NamedT]):
    """What the server keeps of one kind; whatever is asked for may be given by its name."""

    _kind: Kind[StoredT]

    @property
    def _index(self) -> MediaIndex[StoredT]:
        """What the client knows of them."""
        return self._lookup.index_of(self._kind)
