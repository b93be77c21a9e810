"""Pictures made to fit: resized in proportion, and filled up to a size."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image as pillow
from PIL import ImageOps

from flowbind.pictures.opening import name_of, opened, upright, working

if TYPE_CHECKING:
    from flowbind.pictures.opening import PictureSource

Colour: TypeAlias = "str | tuple[int, int, int] | tuple[int, int, int, int]"
"""A colour: a name or another text that Pillow knows, such as "black" or "#336699", or numbers from 0 to 255."""


def fit(
    source: PictureSource,
    width: int,
    height: int,
    *,
    background: Colour | None = None,
    most_pixels: int | None = None,
) -> pillow.Image:
    """Return a picture, smaller or larger, inside of width and height, as a new one of Pillow.

    Its proportions are kept, but no side gets less than a pixel. With a `background` it has exactly that size: the
    picture in the middle, the rest filled; what is transparent stays so. It is turned as its EXIF says, resized by
    Pillow's `ImageOps.contain`, and keeps its mode, but palettes, black and white, and transparent colours become
    colours, greys and an alpha channel. Takes what `check` takes, and raises what it raises; `ValueError` for a size of
    less than a pixel or more than `most_pixels`, and for a background that is no colour.
    """
    width, height = index(width), index(height)
    if min(width, height) < 1:
        raise ValueError(f"No picture fits into {width} x {height}: each side must have 1 pixel or more.")
    most = pillow.MAX_IMAGE_PIXELS if most_pixels is None else most_pixels
    if most is not None and width * height > most:
        raise ValueError(
            f"{width} x {height} are {width * height:,} pixels, more than {most:,}; if they are meant, allow them: "
            f"most_pixels={width * height}."
        )
    fill = None if background is None else _colour(background)
    picture = opened(source, most_pixels=most_pixels)
    with working(name_of(source)):
        inside = _inside(resizable(upright(picture)), width, height)
        return inside if fill is None else _filled(inside, (width, height), fill)


def _inside(picture: pillow.Image, width: int, height: int) -> pillow.Image:
    # Pillow rounds the short side of what is very long to nothing.
    if round(picture.height / picture.width * width) == 0:
        return picture.resize((width, 1), pillow.Resampling.BICUBIC)
    if round(picture.width / picture.height * height) == 0:
        return picture.resize((1, height), pillow.Resampling.BICUBIC)
    return ImageOps.contain(picture, (width, height))


def resizable(picture: pillow.Image) -> pillow.Image:
    """Return a picture whose values are light, so that there is something between two of them."""
    if picture.mode.startswith("I;16"):
        # In another order of bytes, Pillow resizes what it takes for other numbers.
        return picture if picture.mode == "I;16" else picture.convert("I").convert("I;16")
    if picture.mode in ("1", "L", "La", "LA") and (picture.has_transparency_data or picture.mode == "1"):
        mode = "LA" if picture.has_transparency_data else "L"
    elif picture.mode in ("P", "PA", "RGB", "RGBa", "RGBA") and picture.has_transparency_data:
        mode = "RGBA"
    else:
        mode = "RGB" if picture.mode == "P" else picture.mode
    return picture if mode == picture.mode else picture.convert(mode)


def _filled(inside: pillow.Image, size: tuple[int, int], fill: pillow.Image) -> pillow.Image:
    canvas = pillow.new(inside.mode, size, _ink(fill, inside.mode))
    canvas.paste(inside, (round((size[0] - inside.width) / 2), round((size[1] - inside.height) / 2)))
    return canvas


def _colour(background: Colour) -> pillow.Image:
    """Return a colour as a picture of one pixel, which Pillow turns into any mode."""
    try:
        return pillow.new("RGBA", (1, 1), background)
    except (TypeError, ValueError):
        raise ValueError(
            f"The background {background!r} is no colour: give a name or a text such as '#336699', or three or four "
            "numbers from 0 to 255."
        ) from None


def _ink(fill: pillow.Image, mode: str) -> float | tuple[int, ...] | None:
    if mode.startswith("I;16"):
        (grey,) = fill.convert("L").tobytes()
        return 257 * grey
    has_alpha = mode in ("LA", "RGBA")
    return (fill if has_alpha else fill.convert("RGB")).convert(mode).getpixel((0, 0))
