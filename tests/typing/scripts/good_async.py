"""The same with the async client."""

import asyncio
from pathlib import Path
from typing import reveal_type

from generated import ContactSheet, GrainStudy, Poster, TextToImageSd15

from flowbind.errors import RunError
from flowbind.invokeai import AsyncInvokeAI, Color


async def main(url: str) -> list[Path]:
    """Run four workflows, two of them at once."""
    async with AsyncInvokeAI.from_env(url=url, cert=("a.pem", "a.key")) as guarded:
        alive: bool = await guarded.is_alive() and await guarded.supports("GET", "/api/v1/app/version")
        print(alive, (await guarded.request("POST", "/api/v1/boards/", json={}))["board_id"])
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
        samples = await server.run(GrainStudy(amounts=[0.1]), timeout=120)
        reveal_type(samples)
        batch = await server.submit(GrainStudy(seeds=[1, 2, 3]))
        reveal_type(batch)
        print(await batch.refresh(), await batch.cancel(), batch.item_ids)
        samples += await batch.wait(60)
        pictures = [poster.outputs.image, text.outputs.image, *frames, *(sample.outputs.sample for sample in samples)]
        async for outcome in server.run_many([Poster(sun_size=size) for size in range(3)], timeout=60):
            if not isinstance(outcome, RunError):
                reveal_type(outcome)
        many = await server.submit_many([GrainStudy()])
        reveal_type(many)
        again = await server.queue.job(Poster, 7)
        reveal_type(again)
        whole = await server.queue.batch_job(GrainStudy, "study")
        reveal_type(whole)
        several = await server.queue.batch_job(Poster, "posters")
        reveal_type(several)
        found = [summary.item_id async for summary in server.queue.list(status="failed")]
        print(await server.queue.retry(*found), (await server.queue.status()).queue.pending)
        board = await server.boards.by_name("Posters")
        reveal_type(board)
        async for image in server.boards.images("Posters"):
            reveal_type(image)
        model = await server.models.find("Dreamshaper 8")
        reveal_type(model)
        install = await server.models.install("/srv/model")
        installed = await install.wait()
        reveal_type(installed)
        large = await server.quick.upscale(Path("a.png"), scale=2)
        reveal_type(large)
        print(await many.refresh(), await many.cancel(), await many.wait(60))
        return [await server.images.save(picture, "out") for picture in pictures]


print(asyncio.run(main("http://127.0.0.1:9090")))
