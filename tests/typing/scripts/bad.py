"""Mistakes: a type checker reports each line that ends with `wrong`, and no other."""

from pathlib import Path

from generated import ContactSheet, ImageToImageSd15, Poster, TextToImageSd15

from flowbind.invokeai import AsyncInvokeAI, Color, Image, InvokeAI

poster = Poster(width=640, blur_type="gaussian")
Poster(blur_type="motion")  # wrong
Poster(widht=640)  # wrong
Poster(width="640")  # wrong
Poster(width=None)  # wrong
Poster(sky_colour="red")  # wrong
Poster(640)  # wrong
Color("red", 0, 0)  # wrong
ImageToImageSd15(model="Dreamshaper 8")  # wrong
ImageToImageSd15(source_image=7, model="Dreamshaper 8")  # wrong
TextToImageSd15(scheduler="eulr")  # wrong
poster.grain = "much"  # wrong
poster.blur_type = "motion"  # wrong
poster.widht = 640  # wrong

with InvokeAI() as server:
    server.run("poster")  # wrong
    server.run(Poster)  # wrong
    result = server.run(poster)
    print(result.outputs.picture)  # wrong
    frames: list[Image] = result.outputs.image  # wrong
    text: str = result.outputs.image.save("a.png")  # wrong
    picture: Image = server.run(ContactSheet()).outputs.frame  # wrong
    server.run(ContactSheet()).outputs.frame.save("a.png")  # wrong
    server.images.upload("a.png")  # wrong
    print(server.submit(poster).outputs)  # wrong


async def forgotten() -> Path:
    """The result is not awaited."""
    async with AsyncInvokeAI() as server:
        return await server.images.save(server.run(poster).outputs.image, "out")  # wrong
