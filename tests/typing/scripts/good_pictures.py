"""What a user may write about pictures on this machine."""

from pathlib import Path
from typing import reveal_type

import PIL.Image

from flowbind import comfyui, invokeai, pictures
from flowbind.errors import PictureError


def all_kinds(image: invokeai.Image, other: comfyui.Image, drawn: PIL.Image.Image, data: bytes) -> None:
    for source in (image, other, drawn, data, "a.png", Path("a.png")):
        pictures.check(source)
    reveal_type(pictures.check(image))
    reveal_type(pictures.check(data, most_pixels=10).width)
    reveal_type(pictures.fit(data, 512, 512, background=(0, 0, 0)))
    pictures.fit(drawn, 512, 512, background="black").save("b.png")
    seen = pictures.compare(other, drawn)
    reveal_type(seen)
    reveal_type(seen.same)
    if seen.ssim is not None and seen.ssim > 0.9:
        print(seen.sizes[0][0])
    try:
        pictures.check("a.png")
    except PictureError as error:
        print(error)


async def awaited(server: invokeai.AsyncInvokeAI) -> None:
    pictures.check(await server.images.open("a.png"))
