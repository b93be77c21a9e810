# Made from ../awaited/videos.py. Do not edit: run `make twins`.
"""The videos of a server (InvokeAI 6.14 and later), sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.invokeai.blocking.contents import Contents
from flowbind.invokeai.blocking.gallery import Gallery
from flowbind.invokeai.fields import Video
from flowbind.invokeai.stored import VIDEOS, StoredVideo

if TYPE_CHECKING:
    from flowbind.invokeai.media import MediaIndex


class Videos(Gallery[StoredVideo], Contents[Video, StoredVideo]):
    """The videos of a server (InvokeAI 6.14 and later)."""

    _kind = VIDEOS

    @property
    def _index(self) -> MediaIndex[StoredVideo]:
        return self._lookup.videos
