"""Files that hold more than one picture: animations and pages, but not the views or layers of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowbind.errors import PictureError

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_MOVING = frozenset({"AVIF", "FLI", "GIF", "PNG", "WEBP"})
# The first is the whole picture: what follows in a phone's are other views of it, in Photoshop's its layers.
_WHOLE_FIRST = frozenset({"MPO", "PSD"})
# Files can be made to take hours to count.
_MOST_COUNTED = 100


def check_single(picture: PillowImage, name: str) -> None:
    """Raise `PictureError` for a picture of Pillow's behind which there are others."""
    if picture.format in _WHOLE_FIRST or not getattr(picture, "is_animated", False):
        return
    if picture.format in _MOVING:
        raise PictureError(
            f"{name} is animated. Save one frame as a picture of its own, or give one as Pillow has it: frame.copy()."
        )
    raise PictureError(
        f"{name} holds {_count(picture)} pictures. Save the one that is meant as a picture of its own, or give it as "
        "Pillow has it: page.copy()."
    )


def _count(picture: PillowImage) -> str:
    here = picture.tell()
    try:
        for number in range(1, _MOST_COUNTED + 1):
            if not _has(picture, number):
                return str(number)
    finally:
        picture.seek(here)
    return f"more than {_MOST_COUNTED}"


def _has(picture: PillowImage, page: int) -> bool:
    try:
        picture.seek(page)
    except EOFError:
        return False
    return True
