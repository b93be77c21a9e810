"""Text on pictures: with a font that has its letters where this machine has one, else escaped; never as boxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from flowbind.outside import printable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_INSTALLED = (
    # Most letters first; Pillow looks for the files in the system's folders of fonts.
    *("NotoSans-Regular.ttf", "DejaVuSans.ttf", "segoeui.ttf", "Arial Unicode.ttf", "arial.ttf", "Arial.ttf"),
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "SourceHanSans-Regular.ttc", "wqy-microhei.ttc"),
    *("wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "PingFang.ttc", "STHeiti Light.ttc"),
    *("Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "msyh.ttc", "simsun.ttc", "YuGothR.ttc", "msgothic.ttc"),
    *("malgun.ttf", "unifont.ttf", "NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf"),
    *("NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "Nirmala.ttf", "leelawui.ttf"),
    *("NotoEmoji-Regular.ttf", "NotoSansSymbols2-Regular.ttf", "seguiemj.ttf", "seguisym.ttf", "Symbola.ttf"),
)
"""The names of the files of fonts that many systems have, for what the built-in one lacks."""
_NOBODYS = "\U0010ffff"
"""A character that no font has."""
_PROBED = 24
"""The size at which fonts are asked what they have."""


class Lettering:
    """Text of one size."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._width = lru_cache(maxsize=10_000)(self._measured)

    def width(self, text: str) -> float:
        """Return the width of a line of legible text in pixels."""
        return self._width(text)

    def wrapped(self, text: str, width: int, most: int) -> list[str]:
        """Return text as lines that are no wider, at most so many; the last one ends with an ellipsis if there is more.

        What no font has is escaped.
        """
        lines = [line for part in legible(text).split("\n") for line in self._lines(part, width)]
        if len(lines) <= most:
            return lines
        last = lines[most - 1]
        while last and self.width(f"{last}…") > width:
            last = last[:-1]
        return [*lines[: most - 1], f"{last.rstrip()}…"]

    def draw(self, canvas: ImageDraw, place: tuple[float, float], line: str, colour: tuple[int, int, int]) -> None:
        """Draw a line of legible text; `place` is where its baseline begins."""
        left, baseline = place
        for number, part in _parts(line):
            font = _font(number, self._size)
            canvas.text((left, baseline), part, fill=colour, font=font, anchor="ls")
            left += font.getlength(part)

    def _measured(self, text: str) -> float:
        return sum(_font(number, self._size).getlength(part) for number, part in _parts(text))

    def _lines(self, text: str, width: int) -> Iterator[str]:
        line = ""
        for word in _words(text):
            if self.width(line + word.rstrip()) <= width:
                line += word
                continue
            if line:
                yield line.rstrip()
            line = word
            while self.width(line.rstrip()) > width and len(line) > 1:
                cut = next((n for n in range(len(line) - 1, 1, -1) if self.width(line[:n]) <= width), 1)
                yield line[:cut]
                line = line[cut:]
        if line.strip():
            yield line.rstrip()


def legible(text: str) -> str:
    """Return text with what cannot be shown escaped: control characters, and letters that no font here has.

    Raises nothing.
    """
    return "\n".join("".join(map(_escaped, printable(line))) for line in text.split("\n"))


def _escaped(char: str) -> str:
    return char if _has(0, char) or _other(char) is not None else char.encode("unicode_escape").decode("ascii")


def _words(text: str) -> Iterator[str]:
    """Yield words with the space that follows them; letters of scripts without spaces one by one."""
    word = ""
    for char in text:
        if word and (word[-1].isspace() or (unicodedata.east_asian_width(char) in "WF")):
            yield word
            word = ""
        word += char
    if word:
        yield word


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text that one font is for each, with its number; a font goes on for as long as it can."""
    own, part = 0, ""
    for char in text:
        number = own if part and _has(own, char) else 0 if _has(0, char) else _other(char) or 0
        if number != own and part:
            yield own, part
            part = ""
        own = number
        part += char
    if part:
        yield own, part


@lru_cache(maxsize=10_000)
def _other(char: str) -> int | None:
    """Return the number of the first installed font that has a letter."""
    return next((number for number in range(1, len(_names())) if _has(number, char)), None)


@lru_cache(maxsize=50_000)
def _has(number: int, char: str) -> bool:
    if char.isspace():
        return True
    if unicodedata.bidirectional(char) in ("R", "AL") and not _reorders():
        # It would stand in the wrong order.
        return False
    looks, missing = _look(number, char), _look(number, _NOBODYS)
    is_blank = not any(looks[1])
    return looks != missing and (not is_blank or unicodedata.category(char).startswith("M"))


def _look(number: int, char: str) -> tuple[tuple[int, int], bytes]:
    mask: Any = _font(number, _PROBED).getmask(char)
    return mask.size, bytes(mask)


@cache
def _reorders() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


@cache
def _names() -> Sequence[str]:
    """Return the fonts that there are; the first one, which comes with Pillow, has no name."""
    return ["", *(name for name in _INSTALLED if _is_installed(name))]


def _is_installed(name: str) -> bool:
    from PIL import ImageFont

    try:
        ImageFont.truetype(name, _PROBED)
    except (OSError, ValueError):
        # One of bitmaps has a single size.
        return False
    return True


@cache
def _font(number: int, size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.truetype(_names()[number], size) if number else ImageFont.load_default(size)
