"""Pictures opened safely: of whatever was given comes one picture with all its pixels, or a `PictureError`."""

from __future__ import annotations

import inspect
import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias

from PIL import Image as pillow

from flowbind.errors import PictureError
from flowbind.outside import one_line, printable
from flowbind.pictures.quiet import quiet
from flowbind.pictures.single import check_single
from flowbind.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageFile import ImageFile


class RunPicture(Protocol):
    """A picture of a run, of a client that is not async: the `Image` of either family."""

    def open(self) -> pillow.Image:
        """Download the picture as one of Pillow."""
        ...


PictureSource: TypeAlias = "str | Path | bytes | pillow.Image | RunPicture"
"""What the helpers take: a path (a text is one, too), the bytes of a file, a Pillow picture, a picture of a run."""

# What it takes to see one is Ghostscript, which carries out the program that the file is.
_PROGRAMS = frozenset({"EPS"})
_ANEW = "Get the file anew, or save the picture as PNG with another program."
_TURNS = {
    2: pillow.Transpose.FLIP_LEFT_RIGHT,
    3: pillow.Transpose.ROTATE_180,
    4: pillow.Transpose.FLIP_TOP_BOTTOM,
    5: pillow.Transpose.TRANSPOSE,
    6: pillow.Transpose.ROTATE_270,
    7: pillow.Transpose.TRANSVERSE,
    8: pillow.Transpose.ROTATE_90,
}
_TELL_TURNS = ("exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp")


def opened(source: PictureSource, *, most_pixels: int | None = None, first: bool = False) -> pillow.Image:
    """Return a picture with all its pixels, as its file has them: `upright` turns it.

    A Pillow picture is returned as it is, so nothing may be done to what is returned. Raises `PictureError` for what is
    not there, no picture, damaged, more than one picture (with `first` that one is meant), or has more than
    `most_pixels` (Pillow's own limit unless told), `TypeError` for what is none of the kinds that are taken, and what
    the server's `open` raises.
    """
    most = pillow.MAX_IMAGE_PIXELS if most_pixels is None else most_pixels
    name = name_of(source)
    if isinstance(source, str | os.PathLike):
        with _file(source, name) as file:
            return _read(file, name, most, first)
    if isinstance(source, bytes):
        return _read(io.BytesIO(source), name, most, first)
    picture = source if isinstance(source, pillow.Image) else _of_run(source, name)
    with working(name):
        _check(picture, name, most, first)
        picture.load()
    return picture


def name_of(source: PictureSource) -> str:
    """Return what messages call a picture."""
    if isinstance(source, str | os.PathLike):
        # Names of files are shorter; what is meant as one may be anything.
        return printable(os.fsdecode(source)[:400]) or "''"
    if isinstance(source, bytes):
        return "The picture given as bytes"
    if isinstance(source, pillow.Image):
        return "The given Pillow picture"
    return f"The picture {one_line(getattr(source, 'name', type(source).__name__))!r}"


def orientation(picture: pillow.Image) -> int:
    """Return how a picture is to be turned, as EXIF counts it: 1 is not at all, and 5 to 8 lie on their sides."""
    with quiet():
        try:
            found = picture.getexif().get(0x0112)
            return found if found in _TURNS else 1
        except Exception:
            # What nobody can read turns nothing, in a browser neither; the pixels are whole all the same.
            return 1


def upright(picture: pillow.Image) -> pillow.Image:
    """Return a picture as people see it, turned as its EXIF says; the picture itself where it says nothing."""
    turn = _TURNS.get(orientation(picture))
    if turn is None:
        return picture
    turned = picture.transpose(turn)
    for key in _TELL_TURNS:
        turned.info.pop(key, None)
    return turned


@contextmanager
def working(name: str) -> Iterator[None]:
    """Let Pillow work without warnings, and tell what goes wrong as one error: each format has errors of its own."""
    with quiet():
        try:
            yield
        except PictureError:
            raise
        except MemoryError:
            raise PictureError(f"{name}: there is not enough memory for it. Make it smaller first.") from None
        except pillow.DecompressionBombError as error:
            raise PictureError(
                f"{name} is larger than Pillow reads in this format ({one_line(error)}). Make it smaller with another "
                "program, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust it."
            ) from None
        except Exception as error:
            raise PictureError(
                f"{name} cannot be read: it is damaged, cut off, or of a kind that Pillow does not know "
                f"({_told(error)}). {_ANEW}"
            ) from None


@contextmanager
def _file(path: str | os.PathLike[str], name: str) -> Iterator[BinaryIO]:
    try:
        file = open_regular(os.fspath(path))
    except FileNotFoundError:
        hint = " A text is a path here, not the name of a picture on a server." if isinstance(path, str) else ""
        raise PictureError(f"{name}: there is no such file.{hint} Give the path of a picture.") from None
    except IsADirectoryError:
        raise PictureError(f"{name} is a folder. Give the path of a picture in it.") from None
    except (OSError, ValueError) as error:
        # A ValueError is one about the path: a null character, a letter that the file system does not have.
        why = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"{name} cannot be read ({one_line(why)}). Check the path and its permissions.") from None
    with io.BufferedReader(file) as buffered:
        yield buffered


def _of_run(source: RunPicture, name: str) -> pillow.Image:
    # What Pillow warns of here, it is asked for afterwards.
    with quiet():
        picture = source.open() if callable(getattr(source, "open", None)) else None
    if inspect.isawaitable(picture):
        if inspect.iscoroutine(picture):
            picture.close()
        raise TypeError(f"{name} is one of an async client: give `await image.open()`.")
    if not isinstance(picture, pillow.Image):
        raise TypeError(
            f"{type(source).__name__} is no picture: give a path, bytes of a file, a Pillow picture or one of a run."
        )
    return picture


def _read(file: BinaryIO, name: str, most: int | None, first: bool) -> pillow.Image:
    with working(name):
        picture = _identified(file, name)
        _check(picture, name, most, first)
        # Finds what is damaged outside of the pixels, which a PNG alone can tell; it can do nothing else afterwards.
        picture.verify()
        picture = _identified(file, name)
        picture.load()
        # What is inside of an icon may have another size than the icon says.
        _check(picture, name, most, first)
        return picture


def _check(picture: pillow.Image, name: str, most: int | None, first: bool) -> None:
    width, height = picture.size
    if not width * height:
        raise PictureError(f"{name} has no pixels: it is {width} x {height}. Give another one.")
    if most is not None and width * height > most:
        raise PictureError(
            f"{name} has {width} x {height} = {width * height:,} pixels, more than {most:,}. Small files can be made "
            f"to fill the memory like that; if you trust it, allow it: most_pixels={width * height}."
        )
    if not first:
        check_single(picture, name)


def _identified(file: BinaryIO, name: str) -> ImageFile:
    """Return the picture that a file begins with, its pixels still unread.

    `PIL.Image.open` does the same, and checks the limit that is one for the whole program.
    """
    pillow.init()
    file.seek(0)
    start = file.read(16)
    if not start:
        raise PictureError(f"{name} is empty. {_ANEW}")
    reasons: list[str] = []
    for kind in tuple(pillow.ID):
        factory, accept = pillow.OPEN[kind]
        accepted = accept(start) if accept else True
        if isinstance(accepted, str):
            reasons.append(f"{kind}: {accepted}")
        elif accepted:
            if kind in _PROGRAMS:
                raise PictureError(f"{name} is a program that draws a picture ({kind}). Save what it draws as PNG.")
            file.seek(0)
            try:
                return factory(file, "")
            except (SyntaxError, IndexError, TypeError, struct.error) as error:
                # Of formats without a beginning of their own nothing is learned.
                if accept:
                    reasons.append(f"{kind}: {_told(error)}")
    if reasons:
        raise PictureError(
            f"{name} begins like a picture, but is damaged, cut off, or of a kind that Pillow does not know "
            f"({'; '.join(reasons)}). {_ANEW}"
        )
    raise PictureError(f"{name} is no picture that Pillow knows. Give a PNG, JPEG or another picture.")


def _told(error: Exception) -> str:
    return one_line(error) or type(error).__name__
