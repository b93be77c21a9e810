"""The values of pictures, brought into one form in which two can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as pillow

from flowbind.errors import PictureError
from flowbind.pictures.opening import working


def common_values(pictures: Sequence[tuple[str, pillow.Image]]) -> tuple[list[NDArray[Any]], int]:
    """Return the values of named pictures, in rows of columns of channels, and the largest that one can have.

    Raises `PictureError` for a picture whose values have no scale.
    """
    deep = [_deep(name, picture) for name, picture in pictures]
    found = [values for values in deep if values is not None]
    if len(found) == len(pictures):
        return found, 65535
    flat = [_flat(picture, values) for (_, picture), values in zip(pictures, deep, strict=True)]
    names = [name for name, _ in pictures]
    if any(map(_has_transparency, names, flat)):
        mode = "RGBA"
    else:
        mode = "L" if all(picture.mode in ("1", "L") for picture in flat) else "RGB"
    return [_values(name, picture, mode) for name, picture in zip(names, flat, strict=True)], 255


def _deep(name: str, picture: pillow.Image) -> NDArray[Any] | None:
    """Return the values of a grey picture of 16 bits, None for others."""
    if not picture.mode.startswith(("I", "F")):
        return None
    values = np.asarray(picture)
    # Some of 16 bits are read as numbers of 32.
    if picture.mode == "F" or values.min() < 0 or values.max() > 65535:
        raise PictureError(
            f"{name} has values that are no light between black and white (mode {picture.mode}), so differences mean "
            "nothing. Save it with 8 or 16 bits."
        )
    return values.astype(np.uint16)


def _has_transparency(name: str, picture: pillow.Image) -> bool:
    with working(name):
        return picture.has_transparency_data


def _flat(picture: pillow.Image, deep: NDArray[Any] | None) -> pillow.Image:
    return picture if deep is None else pillow.fromarray((deep >> 8).astype(np.uint8))


def _values(name: str, picture: pillow.Image, mode: str) -> NDArray[Any]:
    with working(name):
        if picture.mode == "La":
            picture = picture.convert("LA")
        return np.asarray(picture.convert(mode))
