"""The videos of a server (InvokeAI 6.14 and later), async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.awaited.contents import AsyncContents
from flowbind.invokeai.awaited.gallery import AsyncGallery
from flowbind.invokeai.fields import Video
from flowbind.invokeai.stored import VIDEOS, StoredVideo

if TYPE_CHECKING:
    from flowbind.invokeai.media import MediaIndex


class AsyncVideos(AsyncGallery[StoredVideo], AsyncContents[Video, StoredVideo]):
    """The videos of a server (InvokeAI 6.14 and later)."""

    _kind = VIDEOS

    @property
    def _index(self) -> MediaIndex[StoredVideo]:
        return self._lookup.videos
