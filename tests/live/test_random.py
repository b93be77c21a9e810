"""`RANDOM` on a real server: another picture each time, and the number that is told makes the same one again."""

from __future__ import annotations

import asyncio
import json

from generated import Poster

from flowbind import grid, random_seeds
from flowbind.invokeai import RANDOM, AsyncInvokeAI, InvokeAI
from live_tools import Live, Project, pixels, shipped_export, texts

SMALL = Poster(width=64, height=64, grain=0.5)
GRAIN = "92ccc580-1c9e-4e4f-8490-f553c0bcdf0a"


def test_two_runs_differ_and_can_be_had_again(client: InvokeAI) -> None:
    (poster,) = grid(SMALL, grain_seed=[RANDOM])
    results = [client.run(poster, timeout=60) for _ in range(2)]
    seeds = [result.varied["grain_seed"] for result in results]
    pictures = [pixels(result.outputs.image.bytes()) for result in results]
    assert seeds[0] != seeds[1]
    assert pictures[0] != pictures[1]
    again = [client.run(one, timeout=60) for one in grid(SMALL, grain_seed=seeds)]
    assert [pixels(result.outputs.image.bytes()) for result in again] == pictures
    assert [result.varied for result in again] == [{}, {}]


def test_the_picture_holds_the_number_that_was_drawn(client: InvokeAI, live: Live) -> None:
    result = client.run(Poster(width=64, height=64, grain_seed=RANDOM), timeout=60)
    stored = json.loads(texts(result.outputs.image.bytes())["invokeai_workflow"])
    (grain,) = (n["data"]["inputs"] for n in stored["nodes"] if n["id"] == GRAIN)
    ran = live.item(result.item_id)["session"]["graph"]["nodes"][GRAIN]
    assert grain["seed"]["value"] == ran["seed"] == result.varied["grain_seed"]


def test_the_same_with_the_async_client(live: Live) -> None:
    async def run() -> None:
        async with AsyncInvokeAI(live.url) as server:
            posters = grid(SMALL, grain_seed=[RANDOM, RANDOM])
            results = await asyncio.gather(*(server.run(poster, timeout=60) for poster in posters))
            seeds = [result.varied["grain_seed"] for result in results]
            pictures = [pixels(await server.images.bytes(result.outputs.image)) for result in results]
            assert pictures[0] != pictures[1]
            again = await asyncio.gather(*(server.run(one, timeout=60) for one in grid(SMALL, grain_seed=seeds)))
            assert [pixels(await server.images.bytes(result.outputs.image)) for result in again] == pictures

    asyncio.run(run())


def test_the_server_takes_the_largest_seed_and_random_ones(client: InvokeAI) -> None:
    for poster in grid(SMALL, grain_seed=[2**32 - 1, *random_seeds(2)]):
        assert client.run(poster, timeout=60).outputs.image.width == 64


def test_the_command_draws_and_tells(live: Live, project: Project) -> None:
    project.add("poster", shipped_export("poster"))
    words = ("--set", "width=64", "--set", "height=64", "--set", "grain_seed=random", "--format", "json")
    done = project.flowbind("run", "poster", "--url", live.url, *words)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    ran = live.item(document["item_id"])["session"]["graph"]["nodes"][GRAIN]
    assert document["varied"] == {"grain_seed": ran["seed"]}
