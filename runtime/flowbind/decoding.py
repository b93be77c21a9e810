"""Downloaded pictures as Pillow has them; it is an extra."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowbind.errors import UnexpectedReply
from flowbind.extras import extra_needed
from flowbind.outside import one_line
from flowbind.transport.steps import Operation, Work

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


def decoded(asking: Operation[bytes], path: str) -> Operation[PillowImage]:
    """Decode beside the event loop the picture that `asking` downloads from a path.

    Raises `ModuleNotFoundError` without Pillow, before anything is downloaded, and `UnexpectedReply` for what it cannot
    read.
    """
    with extra_needed("Opening pictures", "images"):
        import PIL.Image  # noqa: F401
    content = yield from asking
    picture: PillowImage = yield Work(partial(_read, content, path))
    return picture


def _read(content: bytes, path: str) -> PillowImage:
    from io import BytesIO

    from PIL import Image as pillow

    try:
        picture = pillow.open(BytesIO(content))
        picture.load()
    except Exception as error:
        # Each format of Pillow's has errors of its own.
        raise UnexpectedReply(
            f"GET {path} was answered with what Pillow cannot read ({type(error).__name__}: {one_line(error)})."
        ) from None
    return picture
