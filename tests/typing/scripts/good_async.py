"""The same with the async client."""

import asyncio
from pathlib import Path
from typing import reveal_type

from generated import ContactSheet, Poster, TextToImageSd15

from flowbind.invokeai import AsyncInvokeAI, Color


async def main(url: str) -> list[Path]:
    """Run three workflows, two of them at once."""
    async with AsyncInvokeAI(url, timeout=10) as server:
        poster, text = await asyncio.gather(
            server.run(Poster(width=640, sky_colour=Color(20, 30, 80)), timeout=120),
            server.run(TextToImageSd15(positive_prompt="a fox", model="Dreamshaper 8")),
        )
        reveal_type(poster)
        reveal_type(text.outputs.image)
        job = await server.submit(ContactSheet(count=3))
        frames = (await job.wait(60)).outputs.frame
        reveal_type(frames)
        pictures = [poster.outputs.image, text.outputs.image, *frames]
        return [await server.images.save(picture, "out") for picture in pictures]


print(asyncio.run(main("http://127.0.0.1:9090")))
