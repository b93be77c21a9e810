"""Contact sheets: pictures side by side in equal cells, each with its caption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, cast

from flowbind.downloadable import Downloadable
from flowbind.extras import extra_needed
from flowbind.outside import one_line
from flowbind.pictures.layout import MOST_LINES, NARROWEST, Box, Layout, arranged, room
from flowbind.saving import PICTURES

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

_WIDE = 224
"""Cells are as wide where there is room, for their captions."""
_PAPER, _INK = (246, 246, 246), (38, 38, 38)
_EMPTY, _ERROR = (230, 230, 230), (168, 32, 32)


@dataclass(frozen=True)
class _Said:
    """What stands in place of a picture."""

    text: str
    colour: tuple[int, int, int]


def sheet(
    pictures: Iterable[tuple[str, Any]], *, columns: int | None = None, title: str = "", cell: int = 512
) -> PillowImage:
    """Return a picture of Pillow with all pictures in equal cells, row by row, each above its caption.

    Each comes with its caption, as a path, a picture of Pillow, or one of a run. None leaves the cell empty, an error
    stands there in its own words, and a file that is no picture by its name. Pictures keep their proportions: larger
    ones are made to fit into `cell` pixels, or fewer, so that the sheet has at most 64 megapixels and no side above
    16,000; none is enlarged. Without `columns` the sheet is about as wide as high, or one row of up to four. Captions
    have up to six lines; letters that no font of this machine has are escaped.

    Needs the extra `flowbind[images]`. Raises `ValueError` where there are no pictures or more than fit, some 2,000.
    """
    needed()
    from PIL import Image as pillow
    from PIL import ImageDraw

    cells = list(pictures)
    if not cells or (columns is not None and columns < 1) or cell < 1:
        raise ValueError("A contact sheet needs pictures, and columns and cells of at least 1.")
    side = room(len(cells), columns, cell)
    seen = [_seen(picture, side) for _, picture in cells]
    layout = _layout([caption for caption, _ in cells], seen, columns, title, side)
    made = pillow.new("RGB", layout.size, _PAPER)
    canvas = ImageDraw.Draw(made)
    if title:
        _write(canvas, layout.title(), title, layout.title_letters, layout.title_line, _INK, MOST_LINES)
    for place, ((caption, _), shown) in enumerate(zip(cells, seen, strict=True)):
        box = layout.box(place)
        if isinstance(shown, _Said):
            canvas.rectangle((box.left, box.top, box.left + box.width - 1, box.top + box.height - 1), _EMPTY)
            _write(canvas, _within(box, layout.gap), shown.text, layout.letters, layout.line, shown.colour)
        elif shown is not None:
            left, top = box.left + (box.width - shown.width) // 2, box.top + (box.height - shown.height) // 2
            made.paste(shown, (left, top))
        _write(canvas, layout.caption(place), caption, layout.letters, layout.line, _INK)
    return made


def needed() -> None:
    """Raise `ModuleNotFoundError` that names the extra, where it is missing."""
    with extra_needed("A contact sheet", "images"):
        import PIL.Image  # noqa: F401


def _layout(
    captions: Sequence[str], seen: Sequence[PillowImage | _Said | None], columns: int | None, title: str, side: int
) -> Layout:
    """Return the layout for what is shown: no cell is larger than its largest picture, its own text aside."""
    sizes = [(shown.width, shown.height) for shown in seen if shown is not None and not isinstance(shown, _Said)]
    width = max([NARROWEST, min(side, _WIDE), *(width for width, _ in sizes)])
    height = max([1, *(height for _, height in sizes)])
    if any(isinstance(shown, _Said) for shown in seen):
        height = max(height, side if not sizes else min(side, width * 2 // 3))
    lines = partial(_lines, Layout(len(seen), 1, (width, height), 0))
    most = max(lines(caption, width) for caption in captions)
    flat = arranged(len(seen), columns, (width, height), most, 0)
    wide = flat.title()
    return arranged(len(seen), flat.columns, (width, height), most, lines(title, wide.width, of_title=True))


def _lines(layout: Layout, text: str, width: int, *, of_title: bool = False) -> int:
    from flowbind.pictures.lettering import Lettering

    size = layout.title_letters if of_title else layout.letters
    return len(Lettering(size).wrapped(text, width, MOST_LINES)) if text else 0


def _write(
    canvas: ImageDraw,
    box: Box,
    text: str,
    size: int,
    height: int,
    colour: tuple[int, int, int],
    most: int | None = None,
) -> None:
    """Write text into a box, as many lines as it has room for."""
    from flowbind.pictures.lettering import Lettering

    lettering = Lettering(size)
    for number, line in enumerate(lettering.wrapped(text, box.width, most or max(1, box.height // height))):
        lettering.draw(canvas, (box.left, box.top + number * height + size), line, colour)


def _within(box: Box, gap: int) -> Box:
    return Box(box.left + gap, box.top + gap, max(1, box.width - 2 * gap), max(1, box.height - 2 * gap))


def _seen(picture: Any, side: int) -> PillowImage | _Said | None:
    """Return a picture as it fits into its cell, or what stands there."""
    if picture is None:
        return None
    if isinstance(picture, BaseException):
        return _Said((str(picture) or type(picture).__name__).strip().partition("\n")[0], _ERROR)
    if (name := _name(picture)) is not None and name.rpartition(".")[2].lower() not in PICTURES:
        return _Said(name, _INK)
    try:
        return _fitted(picture, side)
    except Exception as error:
        # Each format of Pillow's has errors of its own.
        said = one_line(error) or type(error).__name__
        return _Said(f"{name or 'This picture'} cannot be shown: {said}", _ERROR)


def _name(picture: Any) -> str | None:
    """Return the name of a file."""
    if isinstance(picture, Downloadable):
        own = cast(Any, picture)
        return str(getattr(own, "filename", own.name))
    return Path(picture).name if isinstance(picture, str | PurePath) else None


def _fitted(source: Any, side: int) -> PillowImage:
    """Return a picture upright, in colours and without holes, and no larger than `side` pixels; the first of several.

    Raises what opening it raises.
    """
    from PIL import Image as pillow

    from flowbind.pictures.fitting import resizable
    from flowbind.pictures.opening import opened, upright

    picture = resizable(upright(opened(source, first=True)))
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256, "L")
    scale = min(1.0, side / picture.width, side / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    colours = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small = colours.resize(size, pillow.Resampling.LANCZOS, reducing_gap=3) if size != colours.size else colours
    if small.mode == "RGB":
        return small
    paper = pillow.new("RGBA", small.size, "white")
    paper.alpha_composite(small)
    return paper.convert("RGB")
