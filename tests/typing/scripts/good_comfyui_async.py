"""The same with the async client."""

import asyncio
from pathlib import Path
from typing import reveal_type

from generated import ComfyCannyEdit, ComfyTextToImage

from flowbind.comfyui import AsyncComfyUI, Image
from flowbind.errors import RunError
from flowbind.events import Finished, NodeFinished


async def main(url: str) -> list[Path]:
    """Run workflows, two of them at once."""
    async with AsyncComfyUI.from_env(url=url, previews="taesd", api_key="key") as guarded:
        print(await guarded.version(), await guarded.is_alive(), await guarded.features())
    async with AsyncComfyUI(url, timeout=10, check="off") as server:
        first, edit = await asyncio.gather(
            server.run(ComfyTextToImage(width=640), timeout=120),
            server.run(ComfyCannyEdit(), only=["edges"], front=True),
        )
        reveal_type(first)
        reveal_type(first.outputs.picture)
        reveal_type(edit.outputs.edges[0])
        job = await server.submit(ComfyTextToImage())
        reveal_type(job)
        async for event in job.events(60):
            match event:
                case Finished():
                    reveal_type(event.result)
                case NodeFinished():
                    print(event.node)
                case _:
                    pass
        result = await job.wait(60)
        print(await job.refresh(), await job.cancel(), job.status, job.item_id, job.drawn)
        pictures = [*first.outputs.picture, *edit.outputs.edges, *result.outputs.picture]
        async for outcome in server.run_many([ComfyTextToImage(seed=seed) for seed in range(3)], timeout=60):
            if not isinstance(outcome, RunError):
                reveal_type(outcome)
        many = await server.submit_many([ComfyTextToImage()])
        reveal_type(many)
        for done in await many.wait(60):
            pictures += [] if isinstance(done, RunError) else done.outputs.picture
        again = await server.queue.job(ComfyTextToImage, job.item_id)
        reveal_type(again)
        stored = await server.files.upload(Path("a.png"), Image)
        reveal_type(stored)
        other = await server.files.upload(b"a", name="a.bin")
        reveal_type(other)
        content = await server.files.bytes(other)
        reveal_type(content)
        print((await server.queue.status()).pending, [item.item_id for item in await server.history.list(5)])
        metrics = await server.metrics()
        print(metrics.queue_depth, metrics.machine and metrics.machine.time)
        print(await server.models.list("loras"), (await server.system_stats()).devices[0].name)
        return [await server.files.save(picture, "out") for picture in pictures]


print(asyncio.run(main("http://127.0.0.1:8188")))
