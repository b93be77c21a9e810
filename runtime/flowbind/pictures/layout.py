"""Where things stand on a contact sheet: equal cells in rows, each with room for a picture and its caption."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_PIXELS = 64_000_000
"""Of a whole sheet: viewers show it, and Pillow opens it again without a warning."""
LONGEST_SIDE = 16_000
"""Pixels: WEBP has room for 16,383."""
MOST_CELLS = 2_000
"""As many cells as are legible within these bounds."""
MOST_LINES = 6
"""Of a caption."""
NARROWEST = 144
"""The width of a cell in pixels, however small the pictures are: captions need it."""
SMALLEST = 96
"""Pictures are made as small as this, that many fit on a sheet."""
_ROW = 4
"""As many pictures stand in a single row."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """The cells of a sheet: their number, how many are in a row, and the pixels of what each has room for.

    `lines` are those of the caption and of the title, of which a sheet without one has 0.
    """

    count: int
    columns: int
    picture: tuple[int, int]
    lines: int
    title_lines: int = 0

    @property
    def letters(self) -> int:
        """The size of the letters: people see a wide cell from further away."""
        return max(12, self.picture[0] // 24)

    @property
    def line(self) -> int:
        """The height of a line."""
        return round(self.letters * 1.35)

    @property
    def gap(self) -> int:
        """What is between cells, and around all of them."""
        return max(8, self.picture[0] // 24)

    @property
    def title_letters(self) -> int:
        """The size of the letters of the title."""
        return round(self.letters * 1.2)

    @property
    def title_line(self) -> int:
        """The height of a line of the title."""
        return round(self.title_letters * 1.35)

    @property
    def size(self) -> tuple[int, int]:
        """The width and height of the sheet."""
        rows = math.ceil(self.count / self.columns)
        return self.gap + self.columns * self._step[0], self._head + rows * self._step[1]

    def box(self, place: int) -> Box:
        """Return where the picture of a cell stands."""
        row, column = divmod(place, self.columns)
        return Box(self.gap + column * self._step[0], self._head + row * self._step[1], *self.picture)

    def caption(self, place: int) -> Box:
        """Return where the caption of a cell stands."""
        above = self.box(place)
        return Box(above.left, above.top + above.height + self.gap // 2, above.width, self.lines * self.line)

    def title(self) -> Box:
        """Return where the title stands."""
        return Box(self.gap, self.gap, self.size[0] - 2 * self.gap, self.title_lines * self.title_line)

    @property
    def fits(self) -> bool:
        """Whether the sheet is within its bounds."""
        width, height = self.size
        return max(width, height) <= LONGEST_SIDE and width * height <= MOST_PIXELS

    @property
    def _head(self) -> int:
        return self.gap + (self.title_lines * self.title_line + self.gap if self.title_lines else 0)

    @property
    def _step(self) -> tuple[int, int]:
        width, height = self.picture
        text = self.lines * self.line + self.gap // 2 if self.lines else 0
        return width + self.gap, height + text + self.gap


def room(count: int, columns: int | None, wanted: int) -> int:
    """Return how large pictures may be, at most `wanted`, so that as many fit on a sheet, with captions and a title.

    Raises `ValueError` where they do not fit.
    """
    across = columns or _columns(count)
    sides: list[int] = [*range(wanted, SMALLEST, -8), min(wanted, SMALLEST)]
    for side in sides:
        if Layout(count, across, (max(side, NARROWEST), side), MOST_LINES, MOST_LINES).fits:
            return side
    where = f" in {columns} columns" if columns else ""
    raise ValueError(f"{count} pictures do not fit on a sheet{where}: at most {MOST_CELLS} do, in other rows.")


def arranged(count: int, columns: int | None, picture: tuple[int, int], lines: int, title_lines: int) -> Layout:
    """Return the layout of what there is `room` for.

    Without a number of columns, up to four pictures are in a row, and more make the sheet about as wide as high.
    """
    across = columns or _columns(count)
    first = Layout(count, across, picture, lines, title_lines)
    if columns or count <= _ROW:
        return first
    others = [Layout(count, number, picture, lines, title_lines) for number in range(1, count + 1)]
    return min([first, *(one for one in others if one.fits)], key=_oblongness)


def _columns(count: int) -> int:
    return max(1, count if count <= _ROW else math.ceil(math.sqrt(count)))


def _oblongness(layout: Layout) -> float:
    width, height = layout.size
    return abs(math.log(width / height))
