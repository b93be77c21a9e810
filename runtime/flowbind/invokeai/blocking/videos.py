# Made from ../awaited/videos.py. Do not edit: run `make twins`.
"""The videos of a server (InvokeAI 6.14 and later), sync."""

from __future__ import annotations

from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.gallery.stored import VIDEOS, StoredVideo
from flowbind.invokeai.media import Video


class Videos(Gallery[StoredVideo, Video], Contents[StoredVideo, Video]):
    """The videos of a server (InvokeAI 6.14 and later); `flowbind.errors.NotTheApi` says so where it is older."""

    _kind = VIDEOS
