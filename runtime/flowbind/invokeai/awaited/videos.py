"""The videos of a server (InvokeAI 6.14 and later), async."""

from __future__ import annotations

from flowbind.invokeai.awaited.contents import AsyncContents
from flowbind.invokeai.awaited.gallery import AsyncGallery
from flowbind.invokeai.gallery.stored import VIDEOS, StoredVideo
from flowbind.invokeai.media import Video


class AsyncVideos(AsyncGallery[StoredVideo, Video], AsyncContents[StoredVideo, Video]):
    """The videos of a server (InvokeAI 6.14 and later); `flowbind.errors.NotTheApi` says so where it is older."""

    _kind = VIDEOS
