"""A user's script with workflows that are loaded, not generated: what they have is known at run time only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, reveal_type

import flowbind
from flowbind import LoadedWorkflow
from flowbind.comfyui import AsyncComfyUI, ComfyUI
from flowbind.invokeai import AsyncInvokeAI, InvokeAI


def portrait(path: Path) -> LoadedWorkflow:
    """Load one, and set some of it."""
    loaded = flowbind.load(path)
    reveal_type(loaded)
    loaded.steps = 8
    loaded[0] = "a lighthouse"
    loaded["steps"] = loaded.steps + 1
    loaded["KSampler", "scheduler"] = "karras"
    loaded[7, "scheduler"] = loaded["KSampler", "scheduler"]
    reveal_type(loaded.anything)
    for node in flowbind.nodes(loaded):
        print(node.id.upper(), node.title.upper(), node.type.upper(), dict(node))
        for name, value in node.items():
            node[name.lower()] = value
    sampler = flowbind.nodes(loaded)["KSampler"]
    sampler["scheduler"] = "karras"
    scheduler = sampler["scheduler"]
    reveal_type(scheduler)
    reveal_type(loaded(seed=4, steps=9))
    return loaded


def both(path: Path, url: str) -> Iterator[Any]:
    """Run on servers of both families."""
    loaded = portrait(path)
    for item in flowbind.inputs(loaded):
        print(item.attribute, flowbind.inputs(loaded).get(item.attribute))
    with ComfyUI(url) as server:
        result = server.run(loaded(seed=4), timeout=3, front=True)
        reveal_type(result)
        yield result.outputs.picture
        yield server.submit(loaded).wait()
        reveal_type(server.submit_many(flowbind.grid(loaded, seed=[1, 2])))
        yield from server.run_many([loaded, loaded(seed=5)])
    with InvokeAI(url) as other:
        yield other.run(loaded).outputs.picture
        yield other.submit(loaded).wait()
        yield other.submit_many([loaded]).wait()
        yield from other.run_many(flowbind.zipped(loaded, seed=[1, 2]))


async def async_too(path: Path, url: str) -> None:
    """The same with the async clients."""
    loaded = flowbind.load(path, spec="openapi.json")
    async with AsyncComfyUI(url) as server:
        job = await server.submit(loaded, only=["picture"])
        reveal_type(job)
        print((await job.wait()).outputs.picture, await server.run(loaded))
        await (await server.submit_many([loaded])).wait()
        async for outcome in server.run_many([loaded]):
            print(outcome)
    async with AsyncInvokeAI(url) as other:
        print(await other.run(loaded))
