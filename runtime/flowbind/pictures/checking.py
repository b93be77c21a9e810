"""Pictures checked: what they are, found out by reading all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowbind.pictures.opening import name_of, opened, orientation, working

if TYPE_CHECKING:
    from flowbind.pictures.opening import PictureSource


@dataclass(frozen=True)
class PictureInfo:
    """What a picture is: its size in pixels as people see it, and what Pillow calls its format and mode."""

    format: str | None
    """`"PNG"`, `"JPEG"`, or `"MPO"` for a JPEG with further views, as phones save it; None if it is of no file."""
    width: int
    height: int
    mode: str
    """`"RGB"`, `"RGBA"`, `"L"` for grey, `"I;16"` for grey of 16 bits, `"P"` for a palette, `"CMYK"` and others."""
    has_transparency: bool
    """Whether it has an alpha channel or a transparent colour, even where nothing of it shows through."""


def check(source: PictureSource, *, most_pixels: int | None = None) -> PictureInfo:
    """Read a picture, all of it, and return what it is.

    Takes a path (a text is one, not the name of a picture on a server), the bytes of a file, a Pillow picture or one of
    a run. Width and height are those after turning it as its EXIF says. Raises `flowbind.errors.PictureError` for what
    is not there, no picture, damaged or cut off, animated or several pictures, or has more than `most_pixels`
    (`PIL.Image.MAX_IMAGE_PIXELS` unless told), and `TypeError` for anything else.
    """
    picture = opened(source, most_pixels=most_pixels)
    width, height = picture.size if orientation(picture) < 5 else picture.size[::-1]
    with working(name_of(source)):
        return PictureInfo(picture.format, width, height, picture.mode, picture.has_transparency_data)
