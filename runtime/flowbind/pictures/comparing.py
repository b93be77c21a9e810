"""Pictures compared: pixel by pixel, and by how alike people find them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from flowbind.extras import extra_needed
from flowbind.pictures.opening import name_of, opened, upright
from flowbind.pictures.values import common_values

if TYPE_CHECKING:
    from flowbind.pictures.opening import PictureSource

_WINDOW = 7
_SMALLEST_WINDOW = 3
# What is looked at together: it takes a hundred times its memory.
_VALUES_AT_ONCE = 1 << 21


@dataclass(frozen=True)
class Comparison:
    """How far two pictures differ, as people see them."""

    sizes: tuple[tuple[int, int], tuple[int, int]]
    """Width and height of each in pixels."""
    same: bool
    """Whether they have the same size and the same pixels."""
    mean_difference: float | None
    """How far their values lie apart on average, from 0 to 255, of 16 bits, too; None where the sizes differ."""
    ssim: float | None
    """Their structural similarity, 1 if they are the same; None where sizes differ or a side has less than 3 pixels."""


def compare(first: PictureSource, second: PictureSource, *, most_pixels: int | None = None) -> Comparison:
    """Compare two pictures.

    Both are turned as their EXIF says, and compared in RGB, or in grey where both are grey; in RGBA where one has an
    alpha channel or a transparent colour. Grey of 16 bits is compared with all of them where both have as many, else
    with the upper 8. The structural similarity is scikit-image's, with windows of 7 x 7 pixels, or as large as the
    pictures are. Takes what `check` takes, and raises what it raises.
    """
    pictures = [(name_of(source), upright(opened(source, most_pixels=most_pixels))) for source in (first, second)]
    sizes = (pictures[0][1].size, pictures[1][1].size)
    if sizes[0] != sizes[1]:
        return Comparison(sizes, same=False, mean_difference=None, ssim=None)
    (a, b), white = common_values(pictures)
    difference = sum(int(np.abs(a[rows].astype(np.int32) - b[rows]).sum()) for rows in _strips(a))
    mean = difference / a.size / (white // 255)
    return Comparison(sizes, difference == 0, mean, _ssim(a, b, white, same=difference == 0))


def _ssim(a: NDArray[Any], b: NDArray[Any], white: int, *, same: bool) -> float | None:
    height, width = a.shape[:2]
    window = min(_WINDOW, height, width)
    window -= 1 - window % 2
    if window < _SMALLEST_WINDOW:
        return None
    if same:
        return 1.0
    # It takes long to import.
    with extra_needed("The structural similarity", "images"):
        from skimage.metrics import structural_similarity
    similarity = cast(Any, structural_similarity)  # it has no types
    told = {"win_size": window, "data_range": white, "channel_axis": -1 if a.ndim == 3 else None}
    # A strip tells of the rows around which a window fits into it.
    sums = ((len(a[rows]) - window + 1) * similarity(a[rows], b[rows], **told) for rows in _strips(a, window - 1))
    return float(sum(sums) / (height - window + 1))


def _strips(values: NDArray[Any], overlap: int = 0) -> Iterator[slice]:
    """Yield the rows of a picture in strips; each has so many of the rows of the next one, too."""
    rows = max(1, _VALUES_AT_ONCE // values[0].size)
    for top in range(0, len(values) - overlap, rows):
        yield slice(top, top + rows + overlap)
